/** What the numbers and times of a table may mean beside what its header says: then it is asked. */
import { badRow } from "../errors.js";
import type { TableChannel } from "./channel.js";
import type { Question } from "./mapping.js";
import { inTime, type Placed } from "./place.js";
import type { Plan } from "./plan.js";
import { commonStep } from "./steps.js";
import type { TableRows, Timed } from "./table-rows.js";

/** Numbers that never fall may be a register that counts up. */
export function refuseRising({
  channel,
  placed: { order, at },
  plan,
  questions,
}: {
  readonly channel: TableChannel;
  readonly placed: Placed;
  readonly plan: Plan;
  readonly questions: Question[];
}): void {
  if (plan.answers.quantity !== undefined || channel.kind !== "energy") return;
  let [rises, falls, n] = [0, 0, 0];
  let first = NaN;
  let last = NaN;
  for (const i of order) {
    if (Number.isNaN(at[i]!)) continue;
    const value = channel.value(i);
    if (n > 0 && value > last) rises += 1;
    else if (n > 0 && value < last) falls += 1;
    if (n === 0) first = value;
    last = value;
    n += 1;
  }
  const mean = (last - first) / Math.max(1, n - 1);
  const suspicious =
    n >= 12
      ? falls <= n / 50 && rises >= 3
      : n >= 3 && falls === 0 && rises > 0 && first > 4 * mean;
  if (!suspicious) return;
  questions.push({
    about: "quantity",
    question: `whether the numbers of ${channel.name.home} are energy of intervals or a register that counts up: they do not fall`,
    option: "--quantity",
    choices: ["kWh", "Wh", "register"],
  });
}

/** Energy fed in that is written below nothing is fed in; where it is both, one of the signs is wrong. */
export function refuseTwoSigns(channel: TableChannel, { collector }: TableRows): void {
  const { home, direction } = channel.name;
  if (direction !== "export") return;
  let [negative, positive] = [-1, -1];
  for (let i = 0; i < channel.length; i++) {
    if (channel.value(i) < 0) negative = i;
    else if (channel.value(i) > 0) positive = i;
  }
  if (negative < 0 || positive < 0) return;
  const lines = `lines ${channel.line(negative)} and ${channel.line(positive)}`;
  const reason = `home ${home}: energy fed in is negative and positive, at ${lines} (--direction net takes what is negative as fed in)`;
  throw badRow({ file: collector.file, line: channel.line(negative) }, reason);
}

/** Times without a row, in a file without a zero, may be zeros that were left out. */
export function askOfZeros({
  rows: { plan },
  channel,
  timed: { placed, lengths },
  questions,
}: {
  readonly rows: TableRows;
  readonly channel: TableChannel;
  readonly timed: Timed;
  readonly questions: Question[];
}): void {
  if (
    plan.answers.gaps !== undefined ||
    plan.cells.some((c) => c.slot !== undefined || c.home !== undefined)
  )
    return;
  const at = inTime(placed);
  for (let i = 0; i < channel.length; i++) if (channel.value(i) === 0) return;
  const step = commonStep([at]);
  let [holes, missing] = [0, 0];
  for (let i = 1; i < at.length; i++) {
    const distance = at[i]! - at[i - 1]!;
    if (distance > step && step > 0) {
      holes += 1;
      missing += distance / step - 1;
    }
  }
  if (holes < 3 || missing < at.length / 20 || isMixed(lengths)) return;
  questions.push({
    about: "gaps",
    question: `whether the ${Math.round(missing)} times of ${channel.name.home} without a row are zeros left out or missing readings: no row is zero`,
    option: "--gaps",
    choices: ["missing", "zero"],
  });
}

function isMixed(lengths: Float64Array): boolean {
  const first = lengths.find((length) => !Number.isNaN(length));
  return lengths.some((length) => !Number.isNaN(length) && length !== first);
}

/**
 * An hour that the clocks of the zone show twice, and the file once: either it is missing, or the clock of
 * the meter is never put back, and all times of the summer mean another instant. A spring without the hour
 * that clocks jump over shows that the clock is changed.
 */
export function askOfPutBack({
  rows: { collector, plan, instants },
  channel,
  timed: {
    placed: { order, at },
    lengths,
    labels,
  },
  questions,
}: {
  readonly rows: TableRows;
  readonly channel: TableChannel;
  readonly timed: Timed;
  readonly questions: Question[];
}): void {
  const { zone } = collector;
  if (instants || plan.answers.gaps !== undefined || !collector.zoneIsNamed) return;
  if (channel.isNumbered || plan.cells.some((c) => c.home !== undefined)) return;
  let end = NaN;
  let once: number | undefined;
  for (const i of order) {
    const start = labels === "end" ? at[i]! - lengths[i]! : at[i]!;
    const change = Number.isNaN(end) ? 0 : zone.offsetAt(start) - zone.offsetAt(end - 1);
    if (change > 0 && start === end) return;
    if (change < 0 && start - end === -change && zone.offsetAt(end) === zone.offsetAt(start)) {
      once ??= end;
    }
    end = start + lengths[i]!;
  }
  if (once === undefined) return;
  const date = new Date(zone.civil(once)).toISOString().slice(0, 10);
  questions.push({
    about: "gaps",
    question: `whether the meter's clock was put back on ${date}: the hour that ${zone.name} has twice is there once; where it never is, --time-zone names its offset, such as +00:00, and else that hour is missing`,
    option: "--gaps",
    choices: ["missing"],
  });
}
