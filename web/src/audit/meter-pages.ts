/** Meters: all that are registered, and one with what it settled. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { RegisteredMeter } from "../../../src/chain/audit/history.js";
import { NO_LAST_PERIOD } from "../../../src/chain/governance/meters.js";
import { href } from "../app/router.js";
import { downloads } from "../ui/download.js";
import { integer, periodName } from "../ui/format.js";
import { copyable, shortHex } from "../ui/hex.js";
import { notice } from "../ui/notice.js";
import { pager, table } from "../ui/table.js";
import type { AuditPage } from "./frame.js";
import { periodsOf } from "./ledger.js";
import type { AuditContext } from "./context.js";
import { settlementTable } from "./settlement-table.js";

const ROWS = 50;

export function metersPage({ ledger }: AuditContext, part: number): AuditPage {
  return {
    title: "Meters",
    topic: "meters",
    lede: "A meter is known by the address of the key it signs its bills with. Which home it is in, the chain does not say.",
    body() {
      const { meters, claims } = ledger.history;
      const settled = new Map<string, number>();
      for (const { meter } of claims) settled.set(meter, (settled.get(meter) ?? 0) + 1);
      const shown = meters.slice((part - 1) * ROWS, part * ROWS);
      return html`
        ${table({
          caption: "Meters",
          columns: [
            { head: "Number", number: true, cell: (m) => integer(m.index) },
            {
              head: "Meter",
              names: true,
              cell: (m) =>
                html`<a href=${href(["audit", "meters", m.meter])}>${shortHex(m.meter)}</a>`,
            },
            { head: "May settle from", cell: (m) => periodName(m.validFrom) },
            { head: "to", cell: (m) => lastPeriod(m) },
            {
              head: "Periods settled",
              number: true,
              cell: (m) => integer(settled.get(m.meter) ?? 0),
            },
          ],
          rows: shown,
          empty: "No meter is registered yet.",
        })}
        ${pager({ page: part, size: ROWS, total: meters.length, address: (to) => href(["audit", "meters"], { part: to }) })}
        ${
          meters.length === 0
            ? nothing
            : downloads({
                name: "sipster-meters",
                what: "the meters",
                rows: meters.map(({ index, meter, validFrom, validUntil }) => ({
                  index,
                  meter,
                  validFrom,
                  validUntil,
                  settled: settled.get(meter) ?? 0,
                })),
              })
        }
      `;
    },
  };
}

export function meterPage(
  { ledger, auditor }: AuditContext,
  name: string,
  part: number,
): AuditPage {
  const address = name.toLowerCase();
  return {
    title: "Meter",
    topic: "meters",
    lede: copyable(address, "the meter's address"),
    body() {
      const meter = ledger.history.meters.find((m) => m.meter === address);
      if (meter === undefined) {
        return notRegistered(ledger);
      }
      const claims = ledger.history.claims.filter((claim) => claim.meter === address);
      const open = periodsOf(ledger).filter(
        (period) =>
          period >= meter.validFrom &&
          period <= meter.validUntil &&
          !claims.some((claim) => claim.period === period),
      );
      return html`
        ${meterFacts(meter, claims.length, open)}
        <section class="stack" aria-labelledby="settled">
          <h2 id="settled">Settlements</h2>
          ${settlementTable(ledger, auditor, {
            caption: `Settlements of meter ${meter.index}`,
            fileName: `sipster-settlements-meter-${meter.index}`,
            claims,
            page: part,
            address: (to) => href(["audit", "meters", address], { part: to }),
            without: "meter",
            empty: "This meter has settled nothing yet.",
          })}
        </section>
      `;
    },
  };
}

function notRegistered(ledger: AuditContext["ledger"]): TemplateResult {
  return notice(
    "warn",
    "No such meter is registered",
    html`<p>
      Up to block ${integer(ledger.upTo)} the contract registered no meter with this address, so it
      can settle nothing.
    </p>`,
  );
}

/** @param open periods that others have settled */
function meterFacts(
  meter: RegisteredMeter,
  settled: number,
  open: readonly number[],
): TemplateResult {
  return html`
    <dl class="facts card">
      <dt>Number</dt>
      <dd>${integer(meter.index)}</dd>
      <dt>May settle</dt>
      <dd>from ${periodName(meter.validFrom)} to ${lastPeriod(meter)}</dd>
      <dt>Periods settled</dt>
      <dd>${integer(settled)}</dd>
      <dt>Not settled, though others have</dt>
      <dd>
        ${
          open.length === 0
            ? "none"
            : open.map(
                (period, i) =>
                  html`${i === 0 ? nothing : ", "}<a href=${href(["audit", "periods", period])}
                      >${periodName(period)}</a
                    >`,
              )
        }
      </dd>
    </dl>
  `;
}

function lastPeriod({ validUntil }: RegisteredMeter): string {
  return validUntil === NO_LAST_PERIOD ? "no end" : periodName(validUntil);
}
