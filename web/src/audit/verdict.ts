/** What the audit says of a settlement, as a word with a colour. */
import type { TemplateResult } from "lit-html";
import type { AuditedSettlement, CheckResult } from "../../../src/chain/audit/result.js";
import { badge } from "../ui/badge.js";
import type { CheckState } from "../ui/checks.js";

export function verdictBadge(verdict: AuditedSettlement["verdict"] | undefined): TemplateResult {
  switch (verdict) {
    case "verified":
      return badge("good", "check", "Verified");
    case "failed":
      return badge("bad", "cross", "Fails");
    case "unverifiable":
      return badge("warn", "warning", "Cannot be verified");
    case undefined:
      return badge("plain", "wait", "Not verified yet");
  }
}

export function checkState(result: CheckResult): CheckState {
  return result === "ok" ? "good" : result === "failed" ? "bad" : "open";
}
