/** Rows of a table to readings, once all are known: what their times and numbers mean. */
import type { Collector, RegisterReadings } from "../collector.js";
import { instantText } from "../zone.js";
import type { TableChannel } from "./channel.js";
import type { Question } from "./mapping.js";
import { questionError } from "./question.js";
import { place, placeInstants, type Placed } from "./place.js";
import type { Plan } from "./plan.js";
import { commonStep, stepsOf } from "./steps.js";

const DAY_MS = 86_400_000;

export interface TableRows {
  readonly plan: Plan;
  readonly channels: readonly TableChannel[];
  /** All times have offsets. */
  readonly instants: boolean;
  /** A time of 24:00 was met. */
  readonly midnightAsEnd: boolean;
  readonly collector: Collector;
}

/** What was understood, for people. */
export interface Settled {
  readonly dates?: "day-first" | "month-first";
  readonly labels?: "start" | "end";
  readonly steps: readonly number[];
  readonly rows: readonly string[];
}

type Order = "dayFirst" | "monthFirst";

/** @throws readings/question */
export function settle(rows: TableRows): Settled {
  const { channels, collector, plan } = rows;
  const questions: Question[] = [];
  const order = decideOrder(rows, questions);
  if (order === undefined) throw questionError(collector.file, questions);
  const intervals = channels.filter((c) => c.kind !== "register");
  const labels = decideLabels(rows, intervals, order, questions);
  const placed = channels.map((channel) => placeChannel(rows, channel, order, labels));
  const at = (channel: TableChannel): Placed => placed[channels.indexOf(channel)]!;
  const sorted = intervals.map((channel) => inTime(at(channel)));
  const common = commonStep(sorted);
  for (const channel of intervals) refuseRising(channel, at(channel), plan, questions);
  const lengthsOf = intervals.map((channel) =>
    lengths(rows, channel, { placed: at(channel), order, labels, common, questions }),
  );
  if (intervals.length > 0) askOfZeros(rows, sorted, lengthsOf, questions);
  if (questions.length > 0) throw questionError(collector.file, questions);
  const shown: string[] = [];
  for (const channel of channels) {
    if (channel.kind === "register") addStates(collector, channel, at(channel), shown);
    else
      addIntervals(
        rows,
        channel,
        at(channel),
        lengthsOf[intervals.indexOf(channel)]!,
        labels,
        shown,
      );
  }
  const counts = new Map<number, number>();
  for (const all of lengthsOf) for (const ms of all) counts.set(ms, (counts.get(ms) ?? 0) + 1);
  const steps = [...counts].sort((a, b) => b[1] - a[1]).map(([ms]) => ms);
  return {
    steps,
    rows: shown,
    ...(labels === undefined ? {} : { labels }),
    ...(channels.some((c) => c.bothOrders)
      ? { dates: order === "dayFirst" ? "day-first" : "month-first" }
      : {}),
  };
}

/** The instants of a register in order, without those that clocks jump over. */
function inTime({ order, at }: Placed): Float64Array {
  const times = new Float64Array(order.length);
  let count = 0;
  for (const i of order) {
    const time = at[i]!;
    if (!Number.isNaN(time)) times[count++] = time;
  }
  return times.subarray(0, count);
}

/** The order of day and month that all rows fit, where only one does. */
function decideOrder(
  { channels, plan, collector }: TableRows,
  questions: Question[],
): Order | undefined {
  const answer = plan.answers.dates;
  if (answer !== undefined) return answer === "day-first" ? "dayFirst" : "monthFirst";
  const both = channels.filter((c) => c.bothOrders);
  if (both.length === 0) return "dayFirst";
  const fits = (order: Order): boolean =>
    channels.every((c) => c.times(order).every((t) => !Number.isNaN(t)));
  const [day, month] = [fits("dayFirst"), fits("monthFirst")];
  if (day !== month) return day ? "dayFirst" : "monthFirst";
  // Both fit, or neither: days that follow each other without a hole in one order decide.
  const [dayFollows, monthFollows] = [follows(both, "dayFirst"), follows(both, "monthFirst")];
  if (dayFollows !== monthFollows) {
    const order = dayFollows ? "day" : "month";
    collector.note({
      kind: "assumed",
      file: collector.file,
      message: `dates are taken with the ${order} first: only so do the days follow each other`,
    });
    return dayFollows ? "dayFirst" : "monthFirst";
  }
  questions.push({
    about: "dates",
    question: "whether dates have the day or the month first",
    option: "--dates",
    choices: ["day-first", "month-first"],
  });
  return undefined;
}

function follows(channels: readonly TableChannel[], order: Order): boolean {
  return channels.every((channel) => {
    const days = [...new Set(Array.from(channel.times(order), (t) => Math.floor(t / DAY_MS)))];
    const sorted = days.filter((d) => !Number.isNaN(d)).sort((a, b) => a - b);
    return sorted.length >= 3 && sorted.every((d, i) => i === 0 || d - sorted[i - 1]! === 1);
  });
}

/** Whether times begin or end their intervals, where the whole file fits only one. */
function decideLabels(
  { plan, midnightAsEnd, collector, instants }: TableRows,
  channels: readonly TableChannel[],
  order: Order,
  questions: Question[],
): "start" | "end" | undefined {
  if (plan.end !== undefined || plan.range !== undefined || channels.length === 0) return undefined;
  if (plan.cells.some((c) => c.slot !== undefined)) return "start";
  const said = plan.answers.labels ?? plan.labels;
  if (said !== undefined) return said;
  const zone = collector.zone;
  const civil = (t: number): number => (instants ? zone.civil(t) : t);
  const all = channels.map((c) =>
    c
      .times(order)
      .filter((t) => !Number.isNaN(t))
      .sort(),
  );
  const filled = all.filter((t) => t.length > 0);
  const step = commonStep(filled);
  const first = Math.min(...filled.map((t) => t[0]!));
  const last = Math.max(...filled.map((t) => t.at(-1)!));
  const inDay = (t: number): number => ((civil(t) % DAY_MS) + DAY_MS) % DAY_MS;
  const [begins, ends] = [inDay(first), inDay(last)];
  const sub = step > 0 && step < DAY_MS;
  const note = (labels: "start" | "end", why: string): "start" | "end" => {
    const message = `times are taken as the ${labels}s of intervals: ${why}`;
    collector.note({
      kind: labels === "end" ? "labels-are-ends" : "assumed",
      file: collector.file,
      message,
    });
    return labels;
  };
  if (midnightAsEnd) return note("end", "a time is 24:00");
  const asStart = sub && (begins === 0 || ends === DAY_MS - step) && ends !== 0 && begins !== step;
  const asEnd = sub && (begins === step || ends === 0) && begins !== 0 && ends !== DAY_MS - step;
  if (asStart)
    return begins === 0 && ends === DAY_MS - step
      ? "start"
      : note("start", "so the file has whole days");
  if (asEnd) {
    return note("end", "the first is one step after midnight or the last is midnight");
  }
  questions.push({
    about: "labels",
    question: "whether a time begins or ends its interval",
    option: "--labels",
    choices: ["start", "end"],
  });
  return "start";
}

function placeChannel(
  { collector, instants, plan }: TableRows,
  channel: TableChannel,
  order: Order,
  labels: "start" | "end" | undefined,
): Placed {
  const times = channel.times(order);
  if (instants) return placeInstants(times);
  collector.localTimes = true;
  const { zone } = collector;
  const placed = place(times, zone, labels === "end");
  for (let i = 0; i < times.length; i++) {
    if (!Number.isNaN(placed.at[i]!)) continue;
    const text = Number.isNaN(times[i]!)
      ? "a date"
      : new Date(times[i]!).toISOString().slice(0, 16).replace("T", " ");
    const why = Number.isNaN(times[i]!)
      ? `does not exist with the ${order === "dayFirst" ? "day" : "month"} first`
      : `does not exist in ${zone.name}: clocks jump over it`;
    collector.bad(channel.line(i), `${text} ${why}`, channel.name.home, plan.cells.length);
  }
  return placed;
}

interface LengthContext {
  readonly placed: Placed;
  readonly order: Order;
  readonly labels: "start" | "end" | undefined;
  readonly common: number;
  readonly questions: Question[];
}

/** Milliseconds of the interval of each row, by its index. */
function lengths(rows: TableRows, channel: TableChannel, context: LengthContext): Float64Array {
  const { placed, order, labels, common, questions } = context;
  const { plan } = rows;
  const found = new Float64Array(channel.length).fill(NaN);
  if (labels === undefined) return endsGiven(rows, channel, context);
  const [slot] = plan.cells.map((c) => c.slot);
  const fixed = typeof plan.answers.step === "number" ? plan.answers.step * 60_000 : undefined;
  const ofDay = slot !== undefined && "of" in slot ? DAY_MS / slot.of : undefined;
  if (fixed !== undefined || ofDay !== undefined) return found.fill((fixed ?? ofDay)!);
  const valid = placed.order.filter((i) => !Number.isNaN(placed.at[i]!));
  if (common >= DAY_MS - 3_600_000) return calendarSteps(rows, channel, context, valid);
  const times = inTime(placed);
  const { lengths: each, unclear } = stepsOf(times, common, labels);
  valid.forEach((i, k) => (found[i] = each[k]!));
  if (each.some((ms) => Number.isNaN(ms))) {
    questions.push({
      about: "step",
      question: `how long the interval of ${channel.name.home} is: it has one row`,
      option: "--step",
      choices: ["15", "30", "60"],
    });
  }
  if (unclear !== undefined && plan.answers.step === undefined) {
    const line = channel.line(valid[unclear]!);
    questions.push({
      about: "step",
      question: `whether the step changes at line ${line} or rows are missing there`,
      option: "--step",
      choices: ["changes", "MINUTES of every interval"],
    });
  }
  void order;
  return found;
}

/** Days, months and weeks are counted on the calendar, whatever the clocks do. */
function calendarSteps(
  { instants, collector }: TableRows,
  channel: TableChannel,
  { placed, order, labels, common }: LengthContext,
  valid: Uint32Array,
): Float64Array {
  const { zone } = collector;
  const found = new Float64Array(channel.length).fill(NaN);
  const times = channel.times(order);
  const days = Math.round(common / DAY_MS);
  for (const i of valid) {
    const civil = instants ? zone.civil(times[i]!) : times[i]!;
    const other =
      days >= 28 && days <= 31
        ? monthFrom(civil, labels === "end" ? -1 : 1)
        : civil + (labels === "end" ? -1 : 1) * days * DAY_MS;
    found[i] = Math.abs(zone.startOf(other) - placed.at[i]!);
  }
  return found;
}

function monthFrom(civil: number, months: number): number {
  const date = new Date(civil);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.getTime();
}

/** Where rows have both ends: their distance by the clock, which a change of clocks does not alter. */
function endsGiven(
  { instants, collector, plan }: TableRows,
  channel: TableChannel,
  { placed, order }: LengthContext,
): Float64Array {
  const ends = channel.ends(order)!;
  const starts = channel.times(order);
  // Ends may name the last minute that they include.
  const minute = 60_000;
  const inclusive =
    plan.range === undefined &&
    starts.length > 0 &&
    ends.every((e, i) => (e - starts[i]! + minute) % (5 * minute) === 0);
  const civil = ends.map((e, i) => e - starts[i]! + (inclusive ? minute : 0));
  const common = commonStep([cumulated(civil)]);
  return civil.map((length, i) => {
    if (instants) return length;
    if (length === common && length < DAY_MS) return length;
    const { zone } = collector;
    const end = starts[i]! + length;
    const instant = zone.instants(end).find((t) => t > placed.at[i]!) ?? zone.startOf(end);
    const real = instant - placed.at[i]!;
    return real > 0 && (length >= DAY_MS || real === common || length > 0) ? real : common;
  });
}

function cumulated(lengths: Float64Array): Float64Array {
  const sums = new Float64Array(lengths.length + 1);
  lengths.forEach((length, i) => (sums[i + 1] = sums[i]! + Math.max(0, length)));
  return sums;
}

/** Numbers that never fall may be a register that counts up. */
function refuseRising(
  channel: TableChannel,
  { order, at }: Placed,
  plan: Plan,
  questions: Question[],
): void {
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

/** Times without a row, in a file without a zero, may be zeros that were left out. */
function askOfZeros(
  { plan, channels }: TableRows,
  times: readonly Float64Array[],
  lengthsOf: readonly Float64Array[],
  questions: Question[],
): void {
  if (
    plan.answers.gaps !== undefined ||
    plan.cells.some((c) => c.slot !== undefined || c.home !== undefined)
  )
    return;
  const intervals = channels.filter((c) => c.kind !== "register");
  intervals.forEach((channel, k) => {
    const at = times[k]!;
    let zeros = 0;
    for (let i = 0; i < channel.length; i++) if (channel.value(i) === 0) zeros += 1;
    const step = commonStep([at]);
    let [holes, missing] = [0, 0];
    for (let i = 1; i < at.length; i++) {
      const distance = at[i]! - at[i - 1]!;
      if (distance > step && step > 0) {
        holes += 1;
        missing += distance / step - 1;
      }
    }
    const mixed = new Set(lengthsOf[k]).size > 1;
    if (zeros > 0 || mixed || holes < 3 || missing < at.length / 20) return;
    questions.push({
      about: "gaps",
      question: `whether the ${Math.round(missing)} times of ${channel.name.home} without a row are zeros left out or missing readings: no row is zero`,
      option: "--gaps",
      choices: ["missing", "zero"],
    });
  });
}

function registerOf(
  collector: Collector,
  { name }: TableChannel,
  direction: "import" | "export",
): RegisterReadings {
  const register = [name.meter, name.register].filter((part) => part !== "").join(" ");
  return collector.register({
    home: name.home,
    commodity: name.gas ? "gas" : "electricity",
    direction,
    register,
  });
}

function addStates(
  collector: Collector,
  channel: TableChannel,
  { order, at }: Placed,
  shown: string[],
): void {
  const { name } = channel;
  const direction = name.direction === "export" ? "export" : "import";
  // Meters follow each other in one register.
  const register = registerOf(
    collector,
    { ...channel, name: { ...name, meter: "" } } as TableChannel,
    direction,
  );
  for (const i of order) {
    if (Number.isNaN(at[i]!)) continue;
    const state = { at: at[i]!, microWattHours: channel.value(i), line: channel.line(i) };
    collector.addState(register, { ...state, meter: name.meter === "" ? "meter" : name.meter });
    if (shown.length < 3) {
      shown.push(
        `line ${state.line}: ${instantText(state.at, collector.zone)}, register at ${state.microWattHours / 1e9} kWh`,
      );
    }
  }
}

function addIntervals(
  { collector, plan }: TableRows,
  channel: TableChannel,
  { order, at }: Placed,
  lengths: Float64Array,
  labels: "start" | "end" | undefined,
  shown: string[],
): void {
  const { direction } = channel.name;
  let rounded = 0;
  let previous = NaN;
  const registers = new Map<string, RegisterReadings>();
  const registerFor = (flow: "import" | "export"): RegisterReadings => {
    let found = registers.get(flow);
    if (found === undefined) registers.set(flow, (found = registerOf(collector, channel, flow)));
    return found;
  };
  for (const i of order) {
    const length = lengths[i]!;
    if (Number.isNaN(at[i]!) || Number.isNaN(length)) continue;
    const start = labels === "end" ? at[i]! - length : at[i]!;
    const line = channel.line(i);
    if (!(length >= 1000) || length % 1000 !== 0) {
      collector.bad(
        line,
        "the interval ends before it begins, or within a second",
        channel.name.home,
      );
      continue;
    }
    const value = channel.value(i);
    const energy = channel.kind === "power" ? (value * (length / 1000)) / 3600 : value;
    const microWattHours = Math.round(Math.abs(energy));
    if (microWattHours !== Math.abs(energy)) rounded += 1;
    const flow = direction === "net" ? (energy < 0 ? "export" : "import") : direction;
    const seconds = length / 1000;
    if (plan.answers.gaps === "zero" && start > previous) {
      fillZeros(collector, registerFor(flow), { from: previous, to: start, seconds, line });
    }
    collector.add(registerFor(flow), {
      start,
      seconds,
      microWattHours,
      quality: channel.quality(i),
      line,
    });
    previous = start + length;
    if (shown.length < 3) {
      const zone = collector.zone;
      const times = `${instantText(start, zone)} to ${instantText(start + length, zone)}`;
      const way = flow === "export" ? "fed in" : "drawn";
      shown.push(
        `line ${line}: ${times}, ${microWattHours / 1e9} kWh ${way}, ${channel.quality(i)}`,
      );
    }
  }
  if (rounded > 0) {
    const message = `${rounded} values are finer than a micro-watt-hour, and are rounded to it`;
    collector.note({ kind: "finer-than-watt-hour", file: collector.file, count: rounded, message });
  }
}

function fillZeros(
  collector: Collector,
  register: RegisterReadings,
  { from, to, seconds, line }: { from: number; to: number; seconds: number; line: number },
): void {
  for (let start = from; start < to; start += seconds * 1000) {
    const length = Math.min(seconds, (to - start) / 1000);
    collector.add(register, { start, seconds: length, microWattHours: 0, quality: "actual", line });
  }
}
