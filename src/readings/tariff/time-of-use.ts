/** Prices by the clock, the day of the week and the month. */
import { readingsErrors } from "../errors.js";
import { parseStamp } from "../timestamp.js";
import { civilDay, type Zone } from "../zone.js";
import type { EnergyPricer, Price, PriceAt } from "./compile.js";
import { weekdays, type Band, type Day, type TimeOfUseComponent, type Window } from "./tariff.js";

const minutesOfDay = 1440;
const dayKinds: readonly Day[] = [...weekdays, "holiday"];

/** A stretch of a day with one band: up to a minute of the day. */
interface Segment {
  readonly until: number;
  readonly band: number;
}

export class TimeOfUse implements EnergyPricer {
  readonly name: string;
  readonly direction: "import" | "export";
  readonly #bands: readonly { band: string; price: Price }[];
  /** Segments of each kind of day of each month. */
  readonly #days: readonly (readonly Segment[])[];
  readonly #holidays: ReadonlySet<number>;
  #lastDay = NaN;
  #last: readonly Segment[] = [];

  constructor(
    component: TimeOfUseComponent,
    holidays: readonly string[],
    private readonly zone: Zone,
    perKwh: (text: string) => Price,
  ) {
    this.name = component.name;
    this.direction = component.direction;
    this.#bands = component.bands.map((b) => ({ band: b.name, price: perKwh(b.price) }));
    this.#days = Array.from({ length: 12 * dayKinds.length }, (_, i) =>
      segments(
        component.bands,
        Math.floor(i / dayKinds.length) + 1,
        dayKinds[i % dayKinds.length]!,
      ),
    );
    const names = component.bands.some((b) => b.windows.some((w) => w.days?.includes("holiday")));
    this.#holidays = new Set(names ? holidays.map((h) => parseStamp(h)!.at) : []);
    this.#refuseHoles();
  }

  at(instant: number): PriceAt {
    const civil = this.zone.civil(instant);
    const day = civilDay(civil);
    if (day !== this.#lastDay) {
      this.#lastDay = day;
      this.#last = this.#days[this.#kind(day)]!;
    }
    const minute = (civil - day) / 60_000;
    const segment = this.#last.find((s) => minute < s.until)!;
    const end = instant + (segment.until - minute) * 60_000;
    const until = Math.min(end, this.zone.sameOffsetUntil(instant));
    return { ...this.#bands[segment.band]!, until };
  }

  #kind(day: number): number {
    const date = new Date(day);
    const weekday = (date.getUTCDay() + 6) % 7;
    const kind = this.#holidays.has(day) ? dayKinds.indexOf("holiday") : weekday;
    return date.getUTCMonth() * dayKinds.length + kind;
  }

  /** @throws readings/bad-tariff where some hour of some day has no band */
  #refuseHoles(): void {
    this.#days.forEach((day, i) => {
      const kind = dayKinds[i % dayKinds.length]!;
      if (kind === "holiday" && this.#holidays.size === 0) return;
      let from = 0;
      for (const { band, until } of day) {
        if (band < 0) {
          const month = Math.floor(i / dayKinds.length) + 1;
          const when = `${kind} of month ${month}, ${clock(from)} to ${clock(until)}`;
          throw readingsErrors.error("bad-tariff", `${this.name}: there is no price for ${when}`, {
            component: this.name,
            when,
          });
        }
        from = until;
      }
    });
  }
}

function clock(minute: number): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function segments(bands: readonly Band[], month: number, day: Day): Segment[] {
  const minutes = new Int8Array(minutesOfDay).fill(-1);
  // From the last to the first, so that the first band with a matching window stays.
  for (let b = bands.length - 1; b >= 0; b--) {
    const { windows } = bands[b]!;
    if (windows.length === 0) minutes.fill(b);
    for (const window of windows) {
      if (!holds(window, month, day)) continue;
      const [from, to] = [minuteOf(window.from), minuteOf(window.to)];
      if (from < to) {
        minutes.fill(b, from, to);
      } else {
        minutes.fill(b, from);
        minutes.fill(b, 0, to);
      }
    }
  }
  const found: Segment[] = [];
  for (let m = 1; m <= minutesOfDay; m++) {
    if (m === minutesOfDay || minutes[m] !== minutes[m - 1]) {
      found.push({ until: m, band: minutes[m - 1]! });
    }
  }
  return found;
}

function holds(window: Window, month: number, day: Day): boolean {
  return (window.months?.includes(month) ?? true) && (window.days?.includes(day) ?? true);
}

function minuteOf(text: string): number {
  const [hours, minutes] = text.split(":").map(Number) as [number, number];
  return hours * 60 + minutes;
}
