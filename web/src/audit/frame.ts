/** What the audit pages share: their heading, their navigation, waiting for the chain's history. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Page } from "../app/page.js";
import { href } from "../app/router.js";
import { integer } from "../ui/format.js";
import { failure } from "../ui/notice.js";
import type { Ledger } from "./ledger.js";

export type Topic = "" | "periods" | "settlements" | "meters" | "keys" | "governance" | "contract";

const TOPICS: readonly (readonly [Topic, string])[] = [
  ["", "Overview"],
  ["periods", "Periods"],
  ["settlements", "Settlements"],
  ["meters", "Meters"],
  ["keys", "Keys"],
  ["governance", "Governance"],
  ["contract", "Contract"],
];

export interface AuditPage {
  readonly title: string;
  readonly topic: Topic;
  readonly lede?: unknown;
  /** Called when the history is there. */
  body(): unknown;
  leave?(): void;
}

export function framed(ledger: Ledger, page: AuditPage): Page {
  return {
    title: page.title,
    view: () => html`
      <nav class="subnav" aria-label="Audit">
        ${TOPICS.map(
          ([topic, name]) =>
            html`<a
              href=${href(topic === "" ? ["audit"] : ["audit", topic])}
              aria-current=${topic === page.topic ? "page" : nothing}
              >${name}</a
            >`,
        )}
      </nav>
      <div class="page-head">
        <h1 tabindex="-1">${page.title}</h1>
        ${page.lede === undefined ? nothing : html`<p class="lede">${page.lede}</p>`}
      </div>
      ${content(ledger, page)}
    `,
    ...(page.leave === undefined ? {} : { leave: () => page.leave?.() }),
  };
}

function content(ledger: Ledger, page: AuditPage): unknown {
  if (!ledger.isLoaded) {
    if (ledger.failure !== null) return failure(ledger.failure);
    if (ledger.app.chain.state.name === "failed") return nothing;
    return html`<p role="status" class="muted">Reading the chain …</p>`;
  }
  return html`${page.body()} ${source(ledger)}`;
}

/** Where the numbers of an audit come from, on each of its pages. */
function source({ app, upTo }: Ledger): TemplateResult {
  const { deployment, rpcUrl } = app.config;
  return html`<p class="muted small">
    Everything on this page was read from the chain, blocks ${integer(deployment.block)} to
    ${integer(upTo)}, through <span class="hex hex-full">${new URL(rpcUrl).origin}</span>, and
    computed here. Nothing was asked of the utility.
  </p>`;
}
