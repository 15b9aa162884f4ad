/** The first page of the audit: totals, settlements over time, and the audit of everything. */
import { html, nothing, type TemplateResult } from "lit-html";
import { auditPeriod } from "../../../src/chain/audit/audit.js";
import {
  AUDIT_FORMAT,
  countAudit,
  SYSTEM_CHECKS,
  type AuditedSystem,
  type AuditResult,
} from "../../../src/chain/audit/result.js";
import { href } from "../app/router.js";
import { barChart } from "../ui/bar-chart.js";
import { checkList, type Check } from "../ui/checks.js";
import { downloadJson } from "../ui/download.js";
import { count, integer, periodName, share } from "../ui/format.js";
import { shortHex } from "../ui/hex.js";
import { failure, notice, sentence, type Tone } from "../ui/notice.js";
import { table } from "../ui/table.js";
import type { Auditor } from "./auditor.js";
import { alertNotices } from "./alerts.js";
import type { AuditPage } from "./frame.js";
import type { AuditContext } from "./context.js";
import { periodsOf, type Ledger } from "./ledger.js";
import { bucketsOf } from "./time-buckets.js";
import { checkState } from "./verdict.js";

/** Failed settlements that are named here; the list of settlements has them all. */
const MOST_PROBLEMS = 20;
/** Settlements whose time is fetched for the chart. */
const CHARTED = 2000;

export function overview({ ledger, auditor }: AuditContext): AuditPage {
  return {
    title: "Audit",
    topic: "",
    lede: "Which meters settled which periods, under which keys, and whether every one of these settlements really holds: recomputed here, from the chain alone.",
    body() {
      const { claims, meters, keys } = ledger.history;
      auditor.startIfAffordable(claims.length);
      return html`
        ${alertNotices(ledger)} ${verdict(auditor, claims.length)}
        <dl class="totals">
          ${total("settlements", integer(claims.length))}
          ${total("periods", integer(periodsOf(ledger).length))}
          ${total("registered meters", integer(meters.length))}
          ${total("keys of the utility", integer(keys.length))} ${gasTotals(ledger)}
        </dl>
        ${chart(ledger)}
        <section class="stack" aria-labelledby="latest-periods">
          <div class="card-head">
            <h2 id="latest-periods">Latest periods</h2>
            <a href=${href(["audit", "periods"])}>All periods</a>
          </div>
          ${periodTable(ledger, 6)}
        </section>
      `;
    },
  };
}

function total(name: string, value: unknown): TemplateResult {
  return html`<div class="total">
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function gasTotals(ledger: Ledger): TemplateResult | typeof nothing {
  const { claims } = ledger.history;
  const hashes = [...new Set(claims.slice(-CHARTED).map(({ transaction }) => transaction))];
  const mined = hashes.map((hash) => ledger.mined(hash));
  if (
    claims.length === 0 ||
    claims.length > CHARTED ||
    mined.some((m) => m === null || m === undefined)
  )
    return nothing;
  const gas = mined.reduce((sum, m) => sum + m!.gasUsed, 0n);
  return html`${total("gas a settlement, on average", integer(gas / BigInt(claims.length)))}`;
}

function chart(ledger: Ledger): TemplateResult | typeof nothing {
  const claims = ledger.history.claims.slice(-CHARTED);
  if (claims.length === 0) return nothing;
  void ledger.fetchMined(claims.map(({ transaction }) => transaction));
  const moments = claims
    .map(({ transaction }) => ledger.mined(transaction)?.timestamp)
    .filter((moment) => moment !== undefined);
  if (moments.length === 0) return nothing;
  const all = claims.length === ledger.history.claims.length;
  const title = all
    ? "Settlements over time"
    : `The latest ${integer(CHARTED)} settlements over time`;
  return barChart(title, "settlements", bucketsOf(moments));
}

export function periodTable(ledger: Ledger, most = Infinity): TemplateResult {
  const rows = periodsOf(ledger)
    .slice(0, most)
    .map((period) => auditPeriod(ledger.history, period));
  return table({
    caption: "Periods",
    columns: [
      {
        head: "Period",
        names: true,
        cell: (p) =>
          html`<a href=${href(["audit", "periods", p.period])}>${periodName(p.period)}</a>`,
      },
      { head: "Settled", number: true, cell: (p) => integer(p.settled) },
      { head: "Not settled", number: true, cell: (p) => integer(p.unsettled.length) },
      {
        head: "Share",
        number: true,
        cell: (p) => share(p.settled, p.settled + p.unsettled.length),
      },
    ],
    rows,
    empty: "No period has been settled yet.",
  });
}

function verdict(auditor: Auditor, settlements: number): TemplateResult {
  const { state } = auditor;
  switch (state.name) {
    case "idle":
      return notice(
        "plain",
        `${count(settlements, "settlement")} to verify`,
        html`<p>${startButton(auditor, "Verify all of them here")}</p>`,
      );
    case "running":
      return notice("plain", "The audit is running", html`<p>${sentence(state.progress)}</p>`);
    case "failed":
      return failure(state.error, "bad", html`<p>${startButton(auditor, "Try again")}</p>`);
    case "done":
      return found(auditor, state.result);
  }
}

function found(auditor: Auditor, result: AuditResult): TemplateResult {
  const { verified, failed, unverifiable } = countAudit(result);
  const broken = result.system.filter((check) => check.result !== "ok");
  const wrong = result.settlements.filter((s) => s.verdict !== "verified");
  const [tone, title] = headline(result, broken.length + wrong.length);
  return html`<section class="stack" aria-labelledby="found">
    ${notice(
      tone,
      html`<span id="found">${title}</span>`,
      html`
        <p>
          ${count(verified, "settlement was", "settlements were")} verified again up to block
          ${integer(result.toBlock)}${
            result.finalBlock === null
              ? nothing
              : html` (final up to block ${integer(result.finalBlock)})`
          }${failed === 0 ? nothing : html`, ${integer(failed)} failed`}${
            unverifiable === 0 ? nothing : html`, ${integer(unverifiable)} could not be verified`
          }.
        </p>
        ${broken.length === 0 ? nothing : checkList(broken.map(systemCheck))}
        <ul>
          ${wrong
            .slice(0, MOST_PROBLEMS)
            .map(
              (s) =>
                html`<li>
                  <a href=${href(["audit", "settlements", s.meter, s.period])}
                    >${periodName(s.period)} of ${shortHex(s.meter)}</a
                  >: ${s.problems.join("; ")}
                </li>`,
            )}
        </ul>
        <details>
          <summary>What was checked of the system</summary>
          ${checkList(result.system.map(systemCheck))}
        </details>
        <div class="button-row">
          ${startButton(auditor, "Verify again")}
          ${downloadJson("sipster-audit", "Save the audit as JSON", {
            format: AUDIT_FORMAT,
            ...result,
          })}
        </div>
      `,
    )}
  </section>`;
}

/** An audit that found nothing to verify is not one that found everything right. */
function headline({ ok, settlements }: AuditResult, faults: number): readonly [Tone, string] {
  if (faults > 0) return ["bad", "Not everything holds"];
  if (!ok) return ["warn", "Every settlement holds; who governs is not as recorded"];
  return settlements.length === 0
    ? ["plain", "Nothing is settled yet: there is nothing to verify"]
    : ["good", "Everything holds"];
}

/** A check of the system, for a list of checks. */
export function systemCheck({ check, result, problems }: AuditedSystem): Check {
  return {
    name: sentence(SYSTEM_CHECKS[check]),
    state: checkState(result),
    ...(problems.length === 0 ? {} : { detail: problems.join("; ") }),
  };
}

function startButton(auditor: Auditor, text: string): TemplateResult {
  return html`<button
    type="button"
    class="button"
    @click=${() => {
      auditor.start();
    }}
  >
    ${text}
  </button>`;
}
