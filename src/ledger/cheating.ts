/**
 * What a dishonest control centre or provider would publish, made as well as they could: renumbered,
 * summed and signed. For demonstrations and tests: each is noticed, and this is where it comes from.
 */
import type { IntervalPages } from "./audit/indexed-pages.js";
import type { Interval } from "./one-time-key.js";
import {
  billRows,
  billStatement,
  consumptionTree,
  type BillPage,
  type ConsumptionPage,
  type PricePage,
} from "./pages.js";
import type { BillRow, ConsumptionRow } from "./rows.js";
import {
  billsStruct,
  consumptionStruct,
  hashStruct,
  priceStruct,
  type PriceStatement,
  type StatementSigner,
} from "./statements.js";

/**
 * - `price`: the provider charges a tenth more than the function gives.
 * - `row`: the provider charges one home the double.
 * - `drop`: the control centre leaves out a report that it gave a receipt for.
 * - `total`: the control centre states a higher load than its rows sum up to.
 */
export const CHEATS = ["price", "row", "drop", "total"] as const;
export type Cheat = (typeof CHEATS)[number];

/** Publishes other rows, and a load that may differ from their sum. */
export function rewriteConsumption(
  { statement, previousRoot }: ConsumptionPage,
  signer: StatementSigner,
  rows: readonly ConsumptionRow[],
  load = rows.at(-1)?.cumulative ?? 0n,
): ConsumptionPage {
  const { root } = consumptionTree(statement.interval, { rows, previousRoot });
  const changed = { ...statement, rows: rows.length, load, root };
  const signature = signer.sign(consumptionStruct(changed));
  return { statement: changed, signature, rows, previousRoot };
}

/** Publishes a price for a page, whatever the function gives. */
export function rewritePrice(
  { statement: consumption }: ConsumptionPage,
  signer: StatementSigner,
  price: bigint,
): PricePage {
  const statement: PriceStatement = {
    interval: consumption.interval,
    price,
    consumption: hashStruct(consumptionStruct(consumption)),
  };
  return { statement, signature: signer.sign(priceStruct(statement)) };
}

/** Publishes bill rows as they are given, and a total that may differ from their sum. */
export function rewriteBills(
  interval: Interval,
  previousRoot: Uint8Array,
  signer: StatementSigner,
  rows: readonly BillRow[],
  total = rows.at(-1)?.cumulative ?? 0n,
): BillPage {
  const statement = { ...billStatement(interval, rows, previousRoot), total };
  return { statement, signature: signer.sign(billsStruct(statement)), rows, previousRoot };
}

/** The rows without one of them, numbered and summed anew. */
export function withoutRow(rows: readonly ConsumptionRow[], index: number): ConsumptionRow[] {
  let cumulative = 0n;
  return rows.toSpliced(index, 1).map((row, i) => {
    cumulative += row.wattHours;
    return { ...row, index: i, cumulative };
  });
}

/** The bill rows with another amount in one of them, summed anew. */
export function withAmount(rows: readonly BillRow[], index: number, amount: bigint): BillRow[] {
  let cumulative = 0n;
  return rows.map((row, i) => {
    const changed = i === index ? { ...row, amount } : row;
    cumulative += changed.amount;
    return { ...changed, cumulative };
  });
}

/** Honest bookkeeping with a price of one's own choice, for a page that may be wrong. */
export function billAt(
  consumption: ConsumptionPage,
  previousRoot: Uint8Array,
  signer: StatementSigner,
  price: bigint,
): IntervalPages {
  const { interval } = consumption.statement;
  const rows = billRows(consumption.rows, price);
  return {
    consumption,
    price: rewritePrice(consumption, signer, price),
    bills: rewriteBills(interval, previousRoot, signer, rows),
  };
}
