/** Who governs: every role with its holders, and every act with its date and transaction. */
import { html, type TemplateResult } from "lit-html";
import { ROLES, type Role } from "../../../src/chain/deploy/deployment.js";
import type { GovernanceEvent, RoleHolder } from "../../../src/chain/governance/history.js";
import { describeAct, POWERS } from "../../../src/chain/governance/sentences.js";
import { badge } from "../ui/badge.js";
import { downloads } from "../ui/download.js";
import { addressLink, blockLink, transactionLink } from "../ui/explorer.js";
import { integer, utc } from "../ui/format.js";
import { sentence } from "../ui/notice.js";
import { table } from "../ui/table.js";
import { alertNotices } from "./alerts.js";
import type { AuditPage } from "./frame.js";
import type { Ledger } from "./ledger.js";
import type { AuditContext } from "./context.js";

/** What the holder of a role may do, with the role's name in the contract. */
export function roleName(role: Role): string {
  return `May ${POWERS[role]} (${role})`;
}

export function governancePage({ ledger }: AuditContext): AuditPage {
  return {
    title: "Governance",
    topic: "governance",
    lede: "Who may do what, since when, and everything that was done: from the chain alone. No role can settle a bill, undo a settlement, or move a deposit of others.",
    body: () => html`
      ${alertNotices(ledger)}
      <section class="stack" aria-labelledby="holders">
        <h2 id="holders">Who holds which role</h2>
        ${holders(ledger)}
      </section>
      <section class="stack" aria-labelledby="acts">
        <h2 id="acts">What was done</h2>
        ${acts(ledger)}
      </section>
    `,
  };
}

function holders({ app, governance }: Ledger): TemplateResult {
  const { roles } = app.config.deployment;
  const isRecorded = ({ role, holder }: RoleHolder) =>
    roles[role].toLowerCase() === holder.toLowerCase();
  return table({
    caption: "Holders of roles",
    columns: [
      {
        head: "Role",
        names: true,
        wraps: true,
        cell: (h: RoleHolder) => roleName(h.role),
      },
      {
        head: "Contract",
        cell: (h) => (h.contract === "vault" ? "Credit vault" : "Settlement"),
      },
      { head: "Holder", cell: (h) => addressLink(app.config, h.holder) },
      { head: "Since (UTC)", cell: (h) => (h.since.time === null ? "unknown" : utc(h.since.time)) },
      { head: "By transaction", cell: (h) => transactionLink(app.config, h.since.transaction) },
      {
        head: "In the record",
        cell: (h) => (isRecorded(h) ? badge("good", "check", "Yes") : badge("bad", "cross", "No")),
      },
    ],
    rows: governance.holders.toSorted((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role)),
    empty: "Nobody holds a role.",
  });
}

function acts({ app, governance }: Ledger): TemplateResult {
  return html`${table({
    caption: "Acts of governing",
    columns: [
      {
        head: "Time (UTC)",
        cell: (e: GovernanceEvent) => (e.time === null ? "unknown" : utc(e.time)),
      },
      {
        head: "Block",
        number: true,
        cell: (e) => blockLink(app.config, e.block, integer(e.block)),
      },
      { head: "Contract", cell: (e) => (e.contract === "vault" ? "Credit vault" : "Settlement") },
      { head: "What", names: true, wraps: true, cell: (e) => sentence(describeAct(e)) },
      { head: "Transaction", cell: (e) => transactionLink(app.config, e.transaction) },
    ],
    rows: governance.events.toReversed(),
    empty: "Nothing was done.",
  })}
  ${downloads({
    name: "sipster-governance",
    what: "the acts",
    rows: governance.events.map((event) => ({
      time: event.time === null ? null : new Date(Number(event.time) * 1000).toISOString(),
      block: event.block,
      contract: event.contract,
      what: describeAct(event),
      transaction: event.transaction,
    })),
    json: governance.events,
  })}`;
}
