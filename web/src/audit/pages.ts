/** Which address leads to which page of the audit. */
import { isAddress } from "ethers";
import type { App, Page } from "../app/page.js";
import type { Location } from "../app/router.js";
import { Auditor } from "./auditor.js";
import type { AuditContext } from "./context.js";
import { contractPage } from "./contract-page.js";
import { framed, type AuditPage } from "./frame.js";
import { governancePage } from "./governance-page.js";
import { keysPage } from "./keys-page.js";
import { Ledger } from "./ledger.js";
import { meterPage, metersPage } from "./meter-pages.js";
import { overview } from "./overview.js";
import { periodPage, periodsPage } from "./period-pages.js";
import { proofPage } from "./proof-page.js";
import { settlementPage } from "./settlement-page.js";
import { settlementsPage } from "./settlements-page.js";

/** The history and the audit outlive the page: going back and forth asks nothing again. */
let context: AuditContext | null = null;

/** `null` when nothing is at this address. `path` is what follows `audit`. */
export function auditPage(app: App, { path, query }: Location): Page | null {
  context ??= open(app);
  const page = find(context, path, query);
  return page === null ? null : framed(context.ledger, page);
}

function open(app: App): AuditContext {
  const [ledger, auditor] = [new Ledger(app), new Auditor(app)];
  ledger.onRewind(() => {
    auditor.rewind(ledger.upTo);
  });
  return { app, ledger, auditor };
}

function find(
  on: AuditContext,
  [topic, name, detail, ...rest]: readonly string[],
  query: URLSearchParams,
): AuditPage | null {
  if (rest.length > 0) return null;
  const part = Math.max(1, toPeriod(query.get("part") ?? undefined) ?? 1);
  const period = toPeriod(name);
  switch (topic) {
    case undefined:
      return overview(on);
    case "periods":
      if (name === undefined) return periodsPage(on);
      return period === null || detail !== undefined ? null : periodPage(on, period, part);
    case "settlements":
      if (name === undefined) return settlementsPage(on, query, part);
      return settlementAt(on, name, detail);
    case "meters":
      if (name === undefined) return metersPage(on, part);
      return isAddress(name) && detail === undefined ? meterPage(on, name, part) : null;
    case "keys":
      return name === undefined ? keysPage(on) : null;
    case "proof":
      return name === undefined ? proofPage(on) : null;
    case "governance":
      return name === undefined ? governancePage(on) : null;
    case "contract":
      return name === undefined ? contractPage(on) : null;
    default:
      return null;
  }
}

function settlementAt(on: AuditContext, meter: string, detail?: string): AuditPage | null {
  const period = toPeriod(detail);
  return isAddress(meter) && period !== null ? settlementPage(on, meter, period) : null;
}

/** A u32, or `null`. */
export function toPeriod(text: string | undefined): number | null {
  const value = /^\d{1,10}$/.test(text ?? "") ? Number(text) : NaN;
  return value < 2 ** 32 ? value : null;
}
