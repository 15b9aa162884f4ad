/** Running totals, which both ledgers have. */
interface Totalled {
  readonly index: number;
  readonly cumulative: bigint;
}

export interface WrongTotal {
  readonly message: string;
  /** Numbers of the rows that show it: none, one, or two neighbours. */
  readonly rows: readonly number[];
}

/** Where the running totals of a page, or the stated total, are not the sum of the rows. */
export function wrongTotals<R extends Totalled>(
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
