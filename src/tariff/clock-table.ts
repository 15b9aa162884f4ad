/** What windows of clock time say, as a table of segments for each kind of day of each month. */
import { parseStamp } from "../readings/timestamp.js";
import { civilDay, type Zone } from "../readings/zone.js";
import { weekdays, type Day, type Window } from "./tariff.js";

const minutesOfDay = 1440;
const dayKinds: readonly Day[] = [...weekdays, "holiday"];

/** A stretch of a day up to a minute, and which set of windows holds in it; -1 for none. */
interface Segment {
  readonly until: number;
  readonly set: number;
}

export class ClockTable {
  readonly #days: readonly (readonly Segment[])[];
  readonly #holidays: ReadonlySet<number>;
  #lastDay = NaN;
  #last: readonly Segment[] = [];

  /** Of several sets of windows the first that matches counts; an empty set matches always. */
  constructor(
    sets: readonly (readonly Window[])[],
    holidays: readonly string[],
    private readonly zone: Zone,
  ) {
    this.#days = Array.from({ length: 12 * dayKinds.length }, (_, i) =>
      segments(sets, Math.floor(i / dayKinds.length) + 1, dayKinds[i % dayKinds.length]!),
    );
    const named = sets.flat().some((w) => w.days?.includes("holiday"));
    this.#holidays = new Set(named ? holidays.map((h) => parseStamp(h)!.at) : []);
  }

  /** The set that holds at an instant, and until when it certainly does. */
  at(instant: number): { set: number; until: number } {
    const civil = this.zone.civil(instant);
    const day = civilDay(civil);
    if (day !== this.#lastDay) {
      this.#lastDay = day;
      this.#last = this.#days[this.#kind(day)]!;
    }
    const minute = (civil - day) / 60_000;
    const segment = this.#last.find((s) => minute < s.until)!;
    const end = instant + (segment.until - minute) * 60_000;
    return { set: segment.set, until: Math.min(end, this.zone.sameOffsetUntil(instant)) };
  }

  /** A time at which no set holds: `sat of month 3, 07:00 to 22:00`. */
  hole(): string | undefined {
    for (const [i, day] of this.#days.entries()) {
      const kind = dayKinds[i % dayKinds.length]!;
      if (kind === "holiday" && this.#holidays.size === 0) continue;
      const at = day.findIndex((s) => s.set < 0);
      if (at < 0) continue;
      const month = Math.floor(i / dayKinds.length) + 1;
      const from = at === 0 ? 0 : day[at - 1]!.until;
      return `${kind} of month ${month}, ${clock(from)} to ${clock(day[at]!.until)}`;
    }
    return undefined;
  }

  #kind(day: number): number {
    const date = new Date(day);
    const weekday = (date.getUTCDay() + 6) % 7;
    const kind = this.#holidays.has(day) ? dayKinds.indexOf("holiday") : weekday;
    return date.getUTCMonth() * dayKinds.length + kind;
  }
}

function clock(minute: number): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function segments(sets: readonly (readonly Window[])[], month: number, day: Day): Segment[] {
  const minutes = new Int16Array(minutesOfDay).fill(-1);
  // From the last to the first, so that the first set with a matching window stays.
  for (let s = sets.length - 1; s >= 0; s--) {
    if (sets[s]!.length === 0) minutes.fill(s);
    for (const window of sets[s]!) fillWindow({ minutes, window, month, day, set: s });
  }
  const found: Segment[] = [];
  for (let m = 1; m <= minutesOfDay; m++) {
    if (m === minutesOfDay || minutes[m] !== minutes[m - 1]) {
      found.push({ until: m, set: minutes[m - 1]! });
    }
  }
  return found;
}

function fillWindow({
  minutes,
  window,
  month,
  day,
  set,
}: {
  readonly minutes: Int16Array;
  readonly window: Window;
  readonly month: number;
  readonly day: Day;
  readonly set: number;
}): void {
  if (window.months?.includes(month) === false || window.days?.includes(day) === false) return;
  const [from, to] = [minuteOf(window.from), minuteOf(window.to)];
  if (from < to) {
    minutes.fill(set, from, to);
  } else {
    minutes.fill(set, from);
    minutes.fill(set, 0, to);
  }
}

function minuteOf(text: string): number {
  const [hours, minutes] = text.split(":").map(Number) as [number, number];
  return hours * 60 + minutes;
}
