/** Settlements in a table, with gas and block, a part of the list at a time. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { Claim } from "../../../src/chain/audit/history.js";
import { href } from "../app/router.js";
import { downloads } from "../ui/download.js";
import { FINALITY_NAMES, integer, periodName, utc } from "../ui/format.js";
import { shortHex } from "../ui/hex.js";
import { pager, table, type Column } from "../ui/table.js";
import type { Auditor } from "./auditor.js";
import { claimsByTransaction, type Ledger } from "./ledger.js";
import { verdictBadge } from "./verdict.js";

const ROWS = 50;

export interface SettlementTable {
  readonly caption: string;
  /** Name of the files that the rows are saved as. */
  readonly fileName: string;
  readonly claims: readonly Claim[];
  /** Part of the list, from 1. */
  readonly page: number;
  readonly address: (page: number) => string;
  readonly without?: "meter" | "period";
  readonly empty: string;
}

export function settlementTable(
  ledger: Ledger,
  auditor: Auditor,
  { caption, fileName, claims, page, address, without, empty }: SettlementTable,
): TemplateResult {
  auditor.startIfAffordable(ledger.history.claims.length);
  // The newest first.
  const newest = claims.toReversed();
  const shown = newest.slice((page - 1) * ROWS, page * ROWS);
  void ledger.fetchMined(shown.map(({ transaction }) => transaction));
  const inTransaction = claimsByTransaction(ledger.history.claims);
  const gas = ({ transaction }: Claim): string => {
    const mined = ledger.mined(transaction);
    if (mined === undefined || mined === null) return mined === null ? "unknown" : "…";
    return integer(mined.gasUsed / BigInt(inTransaction.get(transaction)!));
  };
  const columns: Column<Claim>[] = [
    {
      head: "Settlement",
      names: true,
      cell: (c) =>
        html`<a href=${href(["audit", "settlements", c.meter, c.period])}
          >${without === "period" ? nothing : periodName(c.period)}
          ${without === "meter" ? nothing : shortHex(c.meter)}</a
        >`,
    },
    { head: "Block", number: true, cell: (c) => integer(c.block) },
    { head: "Finality", cell: (c) => FINALITY_NAMES[ledger.finality(c.block)] },
    {
      head: "Time (UTC)",
      cell: (c) => {
        const mined = ledger.mined(c.transaction);
        return mined === undefined || mined === null
          ? "…"
          : html`<span class="nowrap">${utc(mined.timestamp)}</span>`;
      },
    },
    { head: "Gas", number: true, cell: gas },
    {
      head: "Batch of",
      number: true,
      cell: (c) => integer(inTransaction.get(c.transaction)!),
    },
    { head: "Key epoch", number: true, cell: (c) => integer(c.keyEpoch) },
    { head: "Audit", cell: (c) => verdictBadge(auditor.find(c)?.verdict) },
  ];
  return html`
    ${table({ caption, columns, rows: shown, empty })}
    ${pager({ page, size: ROWS, total: claims.length, address })}
    ${
      claims.length === 0
        ? nothing
        : downloads({
            name: fileName,
            what: caption,
            rows: claims.map((c) => row(ledger, auditor, c)),
          })
    }
  `;
}

/** A settlement as a record to save. */
export function row(ledger: Ledger, auditor: Auditor, claim: Claim) {
  const mined = ledger.mined(claim.transaction);
  return {
    meter: claim.meter,
    period: claim.period,
    keyEpoch: claim.keyEpoch,
    block: claim.block,
    finality: ledger.finality(claim.block),
    transaction: claim.transaction,
    time:
      mined === undefined || mined === null ? null : new Date(mined.timestamp * 1000).toISOString(),
    transactionGas: mined?.gasUsed ?? null,
    verdict: auditor.find(claim)?.verdict ?? null,
  };
}
