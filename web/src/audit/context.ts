/** What every page of the audit stands on. */
import type { App } from "../app/page.js";
import type { Auditor } from "./auditor.js";
import type { Ledger } from "./ledger.js";

export interface AuditContext {
  readonly app: App;
  readonly ledger: Ledger;
  readonly auditor: Auditor;
}
