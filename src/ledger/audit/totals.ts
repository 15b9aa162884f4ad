/** Running totals, which both ledgers have. */
import { finding, type Finding } from "./finding.js";
import type { IndexedPages, IndexedRows } from "./indexed-pages.js";
import type { ConsumptionPage } from "../pages.js";
import type { ConsumptionRow } from "../rows.js";

interface Totalled {
  readonly index: number;
  readonly cumulative: bigint;
}

interface WrongTotal {
  readonly message: string;
  /** Numbers of the rows that show it: none, one, or two neighbours. */
  readonly rows: readonly number[];
}

/** Where the running totals of a page, or the stated total, are not the sum of the rows. */
function wrongTotals<R extends Totalled>(
  rows: readonly R[],
  valueOf: (row: R) => bigint,
  stated: bigint,
): WrongTotal[] {
  const wrong: WrongTotal[] = [];
  rows.forEach((row, i) => {
    const before = i === 0 ? 0n : rows[i - 1]!.cumulative;
    if (row.cumulative === before + valueOf(row)) return;
    wrong.push({
      message: `row ${i} brings the running total from ${before} to ${row.cumulative} with ${valueOf(row)}`,
      rows: i === 0 ? [0] : [i - 1, i],
    });
  });
  const last = rows.at(-1)?.cumulative ?? 0n;
  if (last !== stated) {
    wrong.push({
      message: `the rows sum up to ${last}, and ${stated} is stated`,
      rows: rows.length === 0 ? [] : [rows.length - 1],
    });
  }
  return wrong;
}

/** The load and the running totals of L_OCD must be the sums of its rows. */
export function auditConsumptionTotals(
  { statement: { interval, load }, rows }: ConsumptionPage,
  indexed: IndexedRows<ConsumptionRow>,
): Finding[] {
  return wrongTotals(rows, (row) => row.wattHours, load).map(({ message, rows: at }) => {
    const proved = indexed.prove(...at);
    const challenge = proved && ({ kind: "consumption-total", rows: proved } as const);
    const text = `wrong total in L_OCD: ${message} Wh`;
    return finding(interval, "consumption-total", text, { index: at.at(-1), challenge });
  });
}

/** The same for L_BC. */
export function auditBillTotals({ consumption, bills, billRows }: IndexedPages): Finding[] {
  const { interval } = consumption.statement;
  return wrongTotals(bills.rows, (row) => row.amount, bills.statement.total).map(
    ({ message, rows: at }) => {
      const proved = billRows.prove(...at);
      const challenge = proved && ({ kind: "bill-total", rows: proved } as const);
      const text = `wrong total in L_BC: ${message}`;
      return finding(interval, "bill-total", text, { index: at.at(-1), challenge });
    },
  );
}
