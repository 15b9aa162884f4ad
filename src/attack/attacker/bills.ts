/**
 * What each account owes, from what it withdraws, how many requests it sends, and how far its load curve
 * explains the crowd's payments: a linear regression on runs of the attacker's own.
 */
import type { LoadCurves } from "./load-curves.js";
import type { Labelled, Seen } from "./seen.js";

/** One number for each account; `null` where a source says nothing. */
export type BillClue = (seen: Seen) => Float64Array;

/** The mean bill of the account's size class: public. */
export const publicClue: BillClue = ({ accounts, public: { classes } }) =>
  Float64Array.from(accounts, (a) => classes.find((c) => c.name === a.sizeClass)!.meanUnits);

/** Units of its last withdrawal: what it spent, if it buys by need. */
export const withdrawalClue: BillClue = ({ accounts }) =>
  Float64Array.from(accounts, ({ withdrawals }) => {
    const last = withdrawals.at(-1)?.coins ?? {};
    return Object.entries(last).reduce((sum, [d, count]) => sum + Number(d) * count, 0);
  });

/** What the grid sees of the neighbourhood: watt-hours of the mean home. */
export const feederClue: BillClue = ({ accounts, feeder }) =>
  new Float64Array(accounts.length).fill(feeder / accounts.length);

/** Requests at the relay, as units of the mean payment. */
export const countClue: BillClue = ({ clients, denomination }) => {
  const mean = denomination.reduce((a, b) => a + b, 0) / Math.max(1, denomination.length);
  return Float64Array.from(clients, ({ requests }) => requests * mean);
};

/** Shares of the crowd's largest payments by expectation and maximisation over the load curves. */
export function curveClue(seen: Seen, { ratios, bin }: LoadCurves): Float64Array {
  const largest = seen.public.denominations.at(-1)!;
  const counts = new Map<number, number>();
  seen.denomination.forEach((d, i) => {
    if (d === largest) counts.set(bin(i), (counts.get(bin(i)) ?? 0) + 1);
  });
  const total = [...counts.values()].reduce((a, b) => a + b, 0);
  let shares = new Float64Array(ratios.length).fill(1 / ratios.length);
  for (let round = 0; round < 15; round++) {
    const next = new Float64Array(ratios.length);
    for (const [b, count] of counts) {
      let sum = 0;
      for (let h = 0; h < ratios.length; h++) sum += shares[h]! * ratios[h]![b]!;
      for (let h = 0; h < ratios.length; h++) {
        next[h] = next[h]! + (count / total) * ((shares[h]! * ratios[h]![b]!) / sum);
      }
    }
    shares = next;
  }
  return shares.map((share) => share * total * largest);
}

/** Least squares of the bill on the clues; with one clue or several. */
export function trainBills(
  clues: readonly BillClue[],
  examples: readonly Labelled[],
): (seen: Seen) => Float64Array {
  const size = clues.length + 1;
  const normal = Array.from({ length: size }, () => new Float64Array(size + 1));
  for (const { seen, units } of examples) {
    const columns = clues.map((clue) => clue(seen));
    units.forEach((bill, h) => {
      const row = [...columns.map((c) => c[h]! / 1000), 1];
      row.forEach((a, k) => {
        row.forEach((b, l) => (normal[k]![l] = normal[k]![l]! + a * b));
        normal[k]![size] = normal[k]![size]! + (a * bill) / 1000;
      });
    });
  }
  const weights = eliminate(normal, size);
  return (seen) => {
    const columns = clues.map((clue) => clue(seen));
    return Float64Array.from(seen.accounts, (_, h) => {
      const sum = columns.reduce((s, c, k) => s + (weights[k]! * c[h]!) / 1000, weights[size - 1]!);
      return Math.max(0, 1000 * sum);
    });
  };
}

/** Gauss's elimination with a small ridge, so that a clue that never varies does no harm. */
function eliminate(rows: readonly Float64Array[], size: number): number[] {
  rows.forEach((row, k) => (row[k] = row[k]! * (1 + 1e-9) + 1e-6));
  for (let k = 0; k < size; k++) {
    for (let r = k + 1; r < size; r++) {
      const factor = rows[r]![k]! / rows[k]![k]!;
      for (let c = k; c <= size; c++) rows[r]![c] = rows[r]![c]! - factor * rows[k]![c]!;
    }
  }
  const x = new Array<number>(size).fill(0);
  for (let k = size - 1; k >= 0; k--) {
    let sum = rows[k]![size]!;
    for (let c = k + 1; c < size; c++) sum -= rows[k]![c]! * x[c]!;
    x[k] = sum / rows[k]![k]!;
  }
  return x;
}
