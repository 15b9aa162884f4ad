/** The deployment: which contracts, where, created how, and whether their code is this source. */
import { html, nothing, type TemplateResult } from "lit-html";
import {
  CONTRACT_NAMES,
  deploymentDocument,
  ROLES,
  type ContractName,
} from "../../../src/chain/deploy/deployment.js";
import { hexlify } from "ethers";
import { checkList } from "../ui/checks.js";
import { downloadJson } from "../ui/download.js";
import { count, integer } from "../ui/format.js";
import { copyable } from "../ui/hex.js";
import type { Auditor } from "./auditor.js";
import { roleName } from "./governance-page.js";
import { href } from "../app/router.js";
import { addressLink, transactionLink } from "../ui/explorer.js";
import type { App } from "../app/page.js";
import type { AuditPage } from "./frame.js";
import { systemCheck } from "./overview.js";
import type { AuditContext } from "./context.js";

const TITLES = {
  settlement: "Settlement contract",
  vault: "Credit vault",
  token: "Token of deposits",
  orderBoard: "Order board",
} as const;

export function contractPage({ app, ledger, auditor }: AuditContext): AuditPage {
  return {
    title: "Contracts",
    topic: "contract",
    lede: "There is no proxy and no upgrade: what was deployed is what runs.",
    body: () => html`
      ${deploymentFacts(app)} ${code(auditor, ledger.history.claims.length)}
      ${CONTRACT_NAMES.map((name) => contractFacts(app, name))} ${recordedRoles(app)}
    `,
  };
}

function deploymentFacts({ config: { deployment, chainName }, system }: App): TemplateResult {
  return html`
    <section class="card stack" aria-labelledby="deployment">
      <div class="card-head">
        <h2 id="deployment">Deployment</h2>
        ${downloadJson(
          `sipster-deployment-${deployment.chainId}`,
          "Save the record",
          deploymentDocument(deployment),
        )}
      </div>
      <dl class="facts">
        <dt>Chain</dt>
        <dd>${chainName}, number ${deployment.chainId.toString()}</dd>
        <dt>First block of the chain</dt>
        <dd>${copyable(deployment.genesisHash, "the first block's hash")}</dd>
        <dt>Deployed in block</dt>
        <dd>${integer(deployment.block)}</dd>
        <dt>System id</dt>
        <dd>${copyable(hexlify(system.systemId), "the system id")}</dd>
        <dt>Notice of a new key</dt>
        <dd>
          ${deployment.lead === 0 ? "none: a development deployment" : `${count(deployment.lead, "month")} before its first month`}
        </dd>
        <dt>Who signs the notices of new keys</dt>
        <dd>${copyable(deployment.noticeSigner, "the notice signer")}</dd>
      </dl>
    </section>
  `;
}

function contractFacts({ config }: App, name: ContractName): TemplateResult {
  const { address, codeHash, abiHash, transaction } = config.deployment.contracts[name];
  return html`<section class="card stack" aria-labelledby=${name}>
    <h2 id=${name}>${TITLES[name]}</h2>
    <dl class="facts">
      <dt>Address</dt>
      <dd>
        ${copyable(address, "the address")}
        ${config.explorerUrl === undefined ? nothing : html`In the explorer: ${addressLink(config, address)}`}
      </dd>
      <dt>Hash of its code</dt>
      <dd>${copyable(codeHash, "the hash of the code")}</dd>
      <dt>Hash of its interface</dt>
      <dd>${copyable(abiHash, "the hash of the interface")}</dd>
      ${
        transaction === undefined
          ? nothing
          : html`<dt>Created by transaction</dt>
              <dd>
                ${copyable(transaction, "the transaction's hash")}
                ${config.explorerUrl === undefined ? nothing : html`In the explorer: ${transactionLink(config, transaction)}`}
              </dd>`
      }
    </dl>
  </section>`;
}

function recordedRoles({ config: { deployment } }: App): TemplateResult {
  return html`
    <section class="card stack" aria-labelledby="roles">
      <h2 id="roles">Roles at deployment</h2>
      <p class="muted">
        As the record has them. <a href=${href(["audit", "governance"])}>Who holds them now</a> is
        on the chain.
      </p>
      <dl class="facts">
        ${ROLES.map(
          (role) =>
            html`<dt>${roleName(role)}</dt>
              <dd>${copyable(deployment.roles[role], "the address")}</dd>`,
        )}
      </dl>
    </section>
  `;
}

const WAITING = {
  idle: "Not compared yet: start the audit on the overview.",
  running: "The audit is running …",
  failed: "Not compared: the audit could not be finished. The overview says why.",
} as const;

function code(auditor: Auditor, settlements: number): TemplateResult {
  auditor.startIfAffordable(settlements);
  const { state } = auditor;
  const checks =
    state.name === "done" ? state.result.system.filter(({ check }) => check.endsWith("-code")) : [];
  return html`<section class="card stack" aria-labelledby="code">
    <h2 id="code">Is the code this source?</h2>
    ${
      state.name === "done"
        ? checkList(checks.map(systemCheck))
        : html`<p class="muted">${WAITING[state.name]}</p>`
    }
    <p class="muted small">
      This page cannot compile. It compared what created the contracts with the code that it was
      built with. An auditor with a checkout can compile the source again and compare every byte:
      the guide to operations says how.
    </p>
  </section>`;
}
