/** How long intervals are where each row names both of their ends. */
import type { TableChannel } from "./channel.js";
import type { Question } from "./mapping.js";
import { commonStep } from "./steps.js";
import type { LengthContext, TableRows } from "./table-rows.js";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Their distance by the clock, which a change of clocks does not alter. */
export function endsGiven(
  rows: TableRows,
  channel: TableChannel,
  { placed, order, questions }: LengthContext,
): Float64Array {
  const { instants, collector } = rows;
  const ends = channel.ends(order)!;
  const starts = channel.times(order);
  const beyond = lastIncluded(rows, { starts, ends }, questions);
  const civil = ends.map((e, i) => e - starts[i]! + beyond);
  if (instants) return civil;
  const common = commonStep([cumulated(civil)]);
  return civil.map((length, i) => {
    if (length === common && length < DAY_MS) return length;
    const { zone } = collector;
    const end = starts[i]! + length;
    const instant = zone.instants(end).find((t) => t > placed.at[i]!) ?? zone.startOf(end);
    const real = instant - placed.at[i]!;
    return real > 0 ? real : common;
  });
}

interface Ends {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** Milliseconds that an interval goes on after the end it names: its last day, or its last minute. */
function lastIncluded(
  { plan, endsAreDates, collector }: TableRows,
  { starts, ends }: Ends,
  questions: Question[],
): number {
  if (endsAreDates) {
    const said = plan.answers.ends;
    if (said !== undefined) return said === "included" ? DAY_MS : 0;
    if (starts.some((s, i) => ends[i]! === s)) return DAY_MS;
    const order = Uint32Array.from(starts, (_, i) => i).sort((a, b) => starts[a]! - starts[b]!);
    let [touching, aDayApart] = [0, 0];
    for (let k = 1; k < order.length; k++) {
      const distance = starts[order[k]!]! - ends[order[k - 1]!]!;
      if (distance === 0) touching += 1;
      else if (distance === DAY_MS) aDayApart += 1;
    }
    if (touching > 0 !== aDayApart > 0) {
      const which = aDayApart > 0 ? "part of its interval" : "the first after its interval";
      const message = `the day that ends a row is ${which}: so the rows follow each other`;
      collector.note({ kind: "assumed", file: collector.file, message });
      return aDayApart > 0 ? DAY_MS : 0;
    }
    questions.push({
      about: "ends",
      question: "whether the day that ends a row is part of its interval",
      option: "--ends",
      choices: ["included", "excluded"],
    });
    return 0;
  }
  // 00:00 to 00:59, or to 23:59.
  const inclusive =
    plan.range === undefined &&
    starts.length > 0 &&
    ends.every((e, i) => (e - starts[i]! + MINUTE_MS) % (5 * MINUTE_MS) === 0);
  return inclusive ? MINUTE_MS : 0;
}

function cumulated(lengths: Float64Array): Float64Array {
  const sums = new Float64Array(lengths.length + 1);
  lengths.forEach((length, i) => (sums[i + 1] = sums[i]! + Math.max(0, length)));
  return sums;
}
