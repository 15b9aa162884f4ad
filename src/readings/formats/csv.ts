/**
 * The two shapes of CSV that trials of smart meters are published in: wide (one column of times, one
 * column a home) and long (a home, a time and an energy in each row). Times are local unless they
 * carry an offset; energy is in kWh unless the header says Wh.
 */
import type { Collector, RegisterReadings } from "../collector.js";
import { kilowattHour, parseEnergy, wattHour, type EnergyUnit } from "../energy.js";
import { badRow } from "../errors.js";
import { LocalClock } from "../local-clock.js";
import { parseStamp } from "../timestamp.js";
import { readCsv } from "./csv-rows.js";
import type { Format } from "./format.js";

const timeColumn = /^(reading_?|interval_?)?(date ?_?time|timestamp|tstp|date|time)$/i;
const homeColumn =
  /^(customer|household|home|house|meter|lcl)?_?id$|^(home|household|customer|meter)$/i;
const energyColumn = /(^|[^a-z])(kwh|wh)([^a-z]|$)/i;
const missing = /^(|null|nan|na|n\/a)$/i;

interface Columns {
  readonly time: number;
  /** Absent in a wide file. */
  readonly home?: number;
  /** Index of each column of energy, its home if the column names it, and its unit. */
  readonly energy: readonly { index: number; home?: string; unit: EnergyUnit }[];
}

function columnsOf(header: readonly string[], fileName: string): Columns | undefined {
  const time = header.findIndex((h) => timeColumn.test(h));
  if (time < 0) return undefined;
  const home = header.findIndex((h) => homeColumn.test(h));
  const named = header.flatMap((name, index) =>
    index !== time && index !== home && energyColumn.test(name)
      ? [{ index, unit: /kwh/i.test(name) ? kilowattHour : wattHour }]
      : [],
  );
  if (home >= 0) return named.length === 1 ? { time, home, energy: named } : undefined;
  if (named.length === 1 && header.length === 2) {
    return { time, energy: [{ ...named[0]!, home: fileName.replace(/\.[^.]*$/, "") }] };
  }
  if (time !== 0 || header.length < 2 || named.length > 0) return undefined;
  return {
    time,
    energy: header.slice(1).map((h, i) => ({ index: i + 1, home: h, unit: kilowattHour })),
  };
}

export const csvFormat: Format = {
  name: "CSV",

  detect(head) {
    const [first = "", second = ""] = head.split(/\r?\n/, 2);
    const columns = columnsOf(
      first.split(",").map((f) => f.trim().replace(/^"|"$/g, "")),
      "",
    );
    if (columns === undefined) return false;
    // A file of prices has times too; readings have an energy where a price file has a name.
    return second === "" || second.split(",").length === first.split(",").length;
  },

  async read(input, collector) {
    let columns: Columns | undefined;
    const file = new CsvFile(collector);
    await readCsv(input, (fields, line) => {
      if (columns === undefined) {
        columns = columnsOf(fields, input.name);
        if (columns === undefined) {
          throw badRow({ file: input.name, line }, "the header names no time and energy");
        }
        refuseTwins(columns, input.name, line);
        if (!energyColumn.test(fields.join(" "))) {
          collector.note({
            kind: "assumed",
            file: input.name,
            message: "the header names no unit: readings are taken as electricity in kWh",
          });
        }
        return;
      }
      file.take(fields, line, columns);
    });
    file.settle();
  },
};

function refuseTwins(columns: Columns, file: string, line: number): void {
  const ids = columns.energy.flatMap((c) => (c.home === undefined ? [] : [c.home]));
  const twin = ids.find((id, i) => id === "" || ids.indexOf(id) !== i);
  if (twin === undefined) return;
  const reason = twin === "" ? "a column has no name" : `two columns are named "${twin}"`;
  throw badRow({ file, line }, reason);
}

interface Channel {
  readonly register: RegisterReadings;
  readonly clock: LocalClock;
  /** Rows that the builder held from other files. */
  readonly from: number;
}

/** One CSV file while it is read. */
class CsvFile {
  readonly #channels = new Map<string, Channel>();
  readonly #wideClock: LocalClock;
  #rounded = 0;

  constructor(private readonly collector: Collector) {
    this.#wideClock = new LocalClock(collector);
  }

  take(fields: readonly string[], line: number, columns: Columns): void {
    const { collector } = this;
    const stamp = parseStamp(fields[columns.time]!);
    if (stamp === undefined) {
      const reason = `"${fields[columns.time]!.slice(0, 40)}" is not a date and time`;
      collector.bad(line, reason, undefined, columns.energy.length);
      return;
    }
    const inRow = columns.home === undefined ? undefined : fields[columns.home]!;
    if (inRow === "") {
      collector.bad(line, "the row names no home");
      return;
    }
    let wideStart: number | undefined;
    for (const { index, home: inHeader, unit } of columns.energy) {
      const home = (inRow ?? inHeader)!;
      const channel = this.#channel(home);
      const text = fields[index]!;
      const start =
        inRow === undefined
          ? (wideStart ??= this.#wideClock.instant(stamp, line, columns.energy.length))
          : channel.clock.instant(stamp, line);
      if (start === undefined) return;
      if (missing.test(text)) continue;
      const energy = parseEnergy(text, unit);
      if ("bad" in energy) {
        collector.bad(line, `home ${home}: ${energy.bad}`, home);
        continue;
      }
      if (energy.rounded) this.#rounded += 1;
      const reading = {
        start,
        seconds: 0,
        microWattHours: energy.micro,
        quality: "actual",
      } as const;
      collector.add(channel.register, { ...reading, line });
    }
  }

  #channel(home: string): Channel {
    let channel = this.#channels.get(home);
    if (channel === undefined) {
      const register = this.collector.register({
        home,
        commodity: "electricity",
        direction: "import",
        register: "",
      });
      const clock = new LocalClock(this.collector);
      channel = { register, clock, from: register.channel.length };
      this.#channels.set(home, channel);
    }
    return channel;
  }

  /** Finds the length of the intervals, which rows do not state, and whether labels are ends. */
  settle(): void {
    const { collector } = this;
    const spans = [...this.#channels.values()].flatMap(({ register: { channel }, from }) => {
      const starts = channel.starts(from);
      return starts.length === 0 ? [] : [{ channel, from, starts }];
    });
    const common = commonStep(spans.map((s) => s.starts));
    const ends = spans.length > 0 && spans.every((s) => labelsAreEnds(s.starts, common, collector));
    for (const { channel, from, starts } of spans) {
      const step = commonStep([starts]) || common || 1_800_000;
      channel.settle(from, step / 1000, ends ? -step : 0);
    }
    if (ends) {
      collector.note({
        kind: "labels-are-ends",
        file: collector.file,
        message:
          "the first time is one step after midnight and the last is midnight: times are taken as the ends of intervals",
      });
    }
    if (this.#rounded > 0) {
      collector.note({
        kind: "finer-than-watt-hour",
        file: collector.file,
        count: this.#rounded,
        message: `${this.#rounded} values are finer than a micro-watt-hour, and are rounded to it`,
      });
    }
  }
}

/** The most frequent distance between neighbouring times, the shorter of equals; 0 when none. */
function commonStep(all: readonly Float64Array[]): number {
  const counts = new Map<number, number>();
  for (const starts of all) {
    for (let i = 1; i < starts.length; i++) {
      const step = starts[i]! - starts[i - 1]!;
      if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
    }
  }
  let best = 0;
  let most = 0;
  for (const [step, count] of counts) {
    if (count > most || (count === most && step < best)) [best, most] = [step, count];
  }
  return best;
}

/** A file of whole days whose first label is one step past midnight labels the ends of intervals. */
function labelsAreEnds(starts: Float64Array, step: number, collector: Collector): boolean {
  const zone = collector.zone;
  const dayMs = 86_400_000;
  const inDay = (instant: number): number => ((zone.civil(instant) % dayMs) + dayMs) % dayMs;
  return step > 0 && inDay(starts[0]!) === step && inDay(starts.at(-1)!) === 0;
}
