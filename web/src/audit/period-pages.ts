/** Periods: how many meters settled each, and one period with those who have not. */
import { html, nothing, type TemplateResult } from "lit-html";
import { auditPeriod } from "../../../src/chain/audit/audit.js";
import { href } from "../app/router.js";
import { downloads } from "../ui/download.js";
import { count, integer, month, periodName, share } from "../ui/format.js";
import { shortHex } from "../ui/hex.js";
import type { AuditPage } from "./frame.js";
import { periodsOf } from "./ledger.js";
import { periodTable } from "./overview.js";
import type { AuditContext } from "./context.js";
import { settlementTable } from "./settlement-table.js";

export function periodsPage({ ledger }: AuditContext): AuditPage {
  return {
    title: "Periods",
    topic: "periods",
    lede: "A meter settles each period once. Meters count for a period from the day they are registered for it until they are retired.",
    body() {
      const rows = periodsOf(ledger).map((period) => {
        const { settled, unsettled } = auditPeriod(ledger.history, period);
        return { period, settled, unsettled: unsettled.length };
      });
      return html`${periodTable(ledger)}
      ${rows.length === 0 ? nothing : downloads({ name: "sipster-periods", what: "the periods", rows })}`;
    },
  };
}

/** Meters that are named without being asked for. */
const SHOWN = 200;

export function periodPage(
  { ledger, auditor }: AuditContext,
  period: number,
  part: number,
): AuditPage {
  return {
    title: periodName(period),
    topic: "periods",
    lede: month(period) === null ? undefined : `Period ${period} on the chain.`,
    body() {
      const { settled, unsettled } = auditPeriod(ledger.history, period);
      const all = settled + unsettled.length;
      return html`
        <dl class="totals">
          <div class="total">
            <dt>settled</dt>
            <dd>${integer(settled)} <span class="of">of ${integer(all)}</span></dd>
          </div>
          <div class="total">
            <dt>share settled</dt>
            <dd>${share(settled, all)}</dd>
          </div>
        </dl>
        <section class="stack" aria-labelledby="settled">
          <h2 id="settled">Settled</h2>
          ${settlementTable(ledger, auditor, {
            caption: `Settlements of ${periodName(period)}`,
            fileName: `sipster-settlements-${period}`,
            claims: ledger.history.claims.filter((claim) => claim.period === period),
            page: part,
            address: (to) => href(["audit", "periods", period], { part: to }),
            without: "period",
            empty: "Nobody has settled this period yet.",
          })}
        </section>
        <section class="stack" aria-labelledby="unsettled">
          <h2 id="unsettled">Not settled</h2>
          ${unsettled.length === 0 ? noneUnsettled(all) : unsettledMeters(unsettled, period)}
        </section>
      `;
    },
  };
}

function noneUnsettled(all: number): TemplateResult {
  return html`<p class="card">
    ${
      all === 0
        ? "No meter is registered for this period."
        : "Every meter that is registered for this period has settled it."
    }
  </p>`;
}

function unsettledMeters(unsettled: readonly string[], period: number): TemplateResult {
  return html`<p>
      ${count(unsettled.length, "registered meter has", "registered meters have")} not settled this
      period. That is not a fault of the system: the bill may be unpaid, or not submitted yet.
    </p>
    <ul class="meter-list card">
      ${unsettled.slice(0, SHOWN).map(
        (meter) =>
          html`<li>
            <a href=${href(["audit", "meters", meter])}>${shortHex(meter)}</a>
          </li>`,
      )}
    </ul>
    ${
      unsettled.length > SHOWN
        ? html`<p class="muted">
            The first ${integer(SHOWN)} of ${integer(unsettled.length)}; the files have all.
          </p>`
        : nothing
    }
    ${downloads({
      name: `sipster-unsettled-${period}`,
      what: "the meters that have not settled",
      rows: unsettled.map((meter) => ({ period, meter })),
    })}`;
}
