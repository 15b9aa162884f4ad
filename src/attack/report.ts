/** The table as JSON, `sipster/attack@1`, and as text. */
import type { Measured } from "./scorer/bootstrap.js";
import { isKnowing, type AttackResult, type Row } from "./measure.js";

export const FORMAT = "sipster/attack@1";

const round = (value: number): number => Math.round(value * 1e5) / 1e5;

function intervalOf(measured: Measured | undefined): [number, number] | null {
  if (measured === undefined) return null;
  return [round(measured.interval[0]), round(measured.interval[1])];
}

function valueOf(measured: Measured | undefined): number | null {
  return measured === undefined ? null : round(measured.value);
}

/** Of the attacks that try a measure, the one that reached most. */
export function strongestOf(
  row: Row,
  measure: keyof AttackResult,
  knowing: boolean,
): Measured | undefined {
  const found = Object.entries(row.attacks)
    .filter(([name]) => knowing || !isKnowing(name))
    .flatMap(([, result]) => (result[measure] === undefined ? [] : [result[measure]]));
  return found.sort((a, b) => b.value - a.value)[0];
}

/** The best combined attack, with outside knowledge if there is any. */
function combined(row: Row, knowing: boolean): AttackResult {
  const known = Object.entries(row.attacks).find(
    ([name]) => name.startsWith("combined") && isKnowing(name) === knowing,
  );
  return known?.[1] ?? row.attacks.combined ?? {};
}

export function rowJson(row: Row) {
  const [blind, knowing] = [combined(row, false), combined(row, true)];
  return {
    policy: row.policy,
    event: row.event,
    denominations: row.denominations,
    homes: row.homes,
    trials: row.trials,
    pairs: row.pairs,
    linkage: valueOf(blind.linkage),
    interval: intervalOf(blind.linkage),
    top: valueOf(blind.top),
    topInterval: intervalOf(blind.top),
    touched: valueOf(blind.touched),
    touchedInterval: intervalOf(blind.touched),
    rank: valueOf(knowing.rank),
    rankInterval: intervalOf(knowing.rank),
    billError: valueOf(blind.billError),
    publicError: valueOf(row.attacks.totals?.billError),
    delayDays: round(row.delayDays),
    receipts: round(row.receipts),
    moneyBound: round(row.moneyBound),
    outsideKnowledge: {
      linkage: valueOf(knowing.linkage),
      interval: intervalOf(knowing.linkage),
      top: valueOf(knowing.top),
      topInterval: intervalOf(knowing.top),
      billError: valueOf(knowing.billError),
    },
    attacks: Object.fromEntries(
      Object.entries(row.attacks).map(([name, result]) => [
        name,
        Object.fromEntries(
          Object.entries(result).map(([measure, m]) => [
            measure,
            { value: valueOf(m), interval: intervalOf(m) },
          ]),
        ),
      ]),
    ),
  };
}

export function reportJson(rows: readonly Row[], inputs: Readonly<Record<string, unknown>>) {
  return { format: FORMAT, ...inputs, policies: rows.map(rowJson) };
}
