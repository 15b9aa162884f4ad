/** All settlements, or those of a meter or a period. */
import { html } from "lit-html";
import { href } from "../app/router.js";
import type { AuditPage } from "./frame.js";
import type { AuditContext } from "./context.js";
import { settlementTable } from "./settlement-table.js";

export function settlementsPage(
  { ledger, auditor }: AuditContext,
  query: URLSearchParams,
  part: number,
): AuditPage {
  const meter = query.get("meter")?.trim().toLowerCase() ?? "";
  const period = query.get("period")?.trim() ?? "";
  return {
    title: "Settlements",
    topic: "settlements",
    body() {
      const claims = ledger.history.claims.filter(
        (claim) =>
          (meter === "" || claim.meter.includes(meter)) &&
          (period === "" || String(claim.period).startsWith(period)),
      );
      return html`
        <form class="filters" @submit=${filter} aria-label="Filter the settlements">
          <label
            >Meter <input name="meter" .value=${meter} placeholder="0x…" spellcheck="false"
          /></label>
          <label
            >Period <input name="period" .value=${period} placeholder="201303" inputmode="numeric"
          /></label>
          <button class="button">Filter</button>
          ${
            meter === "" && period === ""
              ? ""
              : html`<a class="button" href=${href(["audit", "settlements"])}>Show all</a>`
          }
        </form>
        ${settlementTable(ledger, auditor, {
          caption: "Settlements",
          fileName: "sipster-settlements",
          claims,
          page: part,
          address: (to) =>
            href(["audit", "settlements"], {
              meter: meter || undefined,
              period: period || undefined,
              part: to,
            }),
          empty:
            ledger.history.claims.length === 0
              ? "No bill has been settled yet."
              : "No settlement is like that.",
        })}
      `;
    },
  };
}

/** The filter is part of the address, so that a filtered list can be passed on. */
function filter(event: SubmitEvent): void {
  event.preventDefault();
  const data = new FormData(event.currentTarget as HTMLFormElement);
  const value = (name: string): string | undefined =>
    String(data.get(name) ?? "").trim() || undefined;
  location.hash = href(["audit", "settlements"], {
    meter: value("meter"),
    period: value("period"),
  });
}
