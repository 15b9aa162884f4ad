/** Where the readers of all formats put what they find; it becomes the reading set. */
import { ChannelBuilder } from "./channel-builder.js";
import { badRow, readingsErrors, type Place } from "./errors.js";
import type { IntervalSeries } from "./interval.js";
import type { Commodity, Home, Oddity, ReadingSet } from "./reading-set.js";
import { Zone } from "./zone.js";

export interface ReadOptions {
  /** Zone of local times that a file does not place itself; UTC when absent. */
  readonly timeZone?: string;
  /** What to do with a row that cannot be right: refuse the file (default), or take it as missing. */
  readonly badRows?: "refuse" | "missing";
}

export type Direction = "import" | "export";

interface Supply {
  readonly home: string;
  readonly commodity: Commodity;
  readonly import: ChannelBuilder;
  readonly export: ChannelBuilder;
}

/** Runs of zeros, and late beginnings or early ends, are worth a word from a day on. */
const noticeableMs = 86_400_000;

export class Collector {
  readonly #files: string[] = [];
  readonly #formats = new Set<string>();
  readonly #supplies = new Map<string, Supply>();
  readonly #oddities: Oddity[] = [];
  #namedZone: string | undefined;
  #localTimes = false;

  constructor(readonly options: ReadOptions) {
    if (options.timeZone !== undefined) Zone.of(options.timeZone);
  }

  /** Starts another file; the readings that follow are its. */
  openFile(name: string, format: string): void {
    this.#files.push(name);
    this.#formats.add(format);
  }

  get file(): string {
    return this.#files.at(-1)!;
  }

  get fileIndex(): number {
    return this.#files.length - 1;
  }

  /** The zone of local times; noted, because a file that writes them should name it. */
  localZone(): Zone {
    this.#localTimes = true;
    return this.zone;
  }

  /** A zone that the file itself names; one given by the caller goes before it. */
  nameZone(name: string): void {
    Zone.of(name);
    this.#namedZone ??= name;
  }

  get timeZone(): string {
    return this.options.timeZone ?? this.#namedZone ?? "UTC";
  }

  get zone(): Zone {
    return Zone.of(this.timeZone);
  }

  channel(home: string, commodity: Commodity, direction: Direction): ChannelBuilder {
    const key = JSON.stringify([home, commodity]);
    let supply = this.#supplies.get(key);
    if (supply === undefined) {
      supply = {
        home,
        commodity,
        import: new ChannelBuilder(this.#files),
        export: new ChannelBuilder(this.#files),
      };
      this.#supplies.set(key, supply);
    }
    return supply[direction];
  }

  note(oddity: Oddity): void {
    this.#oddities.push(oddity);
  }

  /** A row that cannot be right: refuses the file, or notes it and goes on. @throws readings/bad-row */
  bad(line: number, reason: string, home?: string): void {
    const place: Place = { file: this.file, line };
    if (this.options.badRows !== "missing") throw badRow(place, reason);
    this.note({
      kind: "bad-row",
      message: `${reason}: taken as missing`,
      ...place,
      ...(home === undefined ? {} : { home }),
    });
  }

  /** @throws readings/no-readings, readings/contradictory-duplicate, readings/overlap */
  finish(): ReadingSet {
    const timeZone = this.timeZone;
    if (this.#localTimes && this.options.timeZone === undefined && this.#namedZone === undefined) {
      this.note({
        kind: "no-time-zone",
        message:
          "times are local and no time zone is named: they are taken as they stand, every day having 24 hours",
      });
    }
    const homes = [...this.#supplies.values()].map((supply) => this.#home(supply, timeZone));
    if (homes.every((h) => h.intervals.length === 0 && h.exported.length === 0)) {
      throw readingsErrors.error("no-readings", `${this.#files.join(", ")}: no reading found`, {
        file: this.#files.join(", "),
      });
    }
    this.#compareSpans(homes);
    return {
      format: [...this.#formats].join(", "),
      timeZone,
      homes,
      oddities: this.#oddities,
    };
  }

  #home(supply: Supply, timeZone: string): Home {
    const twin = [...this.#supplies.values()].some((s) => s !== supply && s.home === supply.home);
    const id = twin && supply.commodity === "gas" ? `${supply.home} gas` : supply.home;
    const build = (builder: ChannelBuilder, what: string): IntervalSeries => {
      const { series, duplicates, replaced, fractional } = builder.build(timeZone);
      if (duplicates > 0) {
        this.note({
          kind: "duplicate",
          home: id,
          count: duplicates,
          message: `${duplicates} ${what}readings are repeated, and count once`,
        });
      }
      if (replaced > 0) {
        this.note({
          kind: "replaced",
          home: id,
          count: replaced,
          message: `${replaced} ${what}readings are replaced by better ones of the same interval`,
        });
      }
      if (fractional) {
        this.note({
          kind: "finer-than-watt-hour",
          home: id,
          message: `${what}readings are finer than a watt-hour: whole ones are counted where they are completed`,
        });
      }
      return series;
    };
    const intervals = build(supply.import, "");
    const exported = build(supply.export, "export ");
    const gaps = intervals.gaps();
    if (gaps.length > 0) {
      const longest = gaps.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a));
      this.note({
        kind: "gap",
        home: id,
        count: gaps.length,
        from: longest.from,
        to: longest.to,
        message: `${gaps.length} ${gaps.length === 1 ? "gap" : "gaps"}, the longest of ${duration(longest.to - longest.from)}`,
      });
    }
    this.#zeroRuns(id, intervals);
    return { id, commodity: supply.commodity, timeZone, intervals, exported, gaps };
  }

  #zeroRuns(home: string, intervals: IntervalSeries): void {
    let from: number | undefined;
    let to = 0;
    const close = (): void => {
      if (from !== undefined && to - from >= noticeableMs) {
        const message = `nothing but zeros for ${duration(to - from)}`;
        this.note({ kind: "zero-run", home, from, to, message });
      }
      from = undefined;
    };
    for (const { start, seconds, wattHours } of intervals) {
      if (wattHours !== 0 || start !== to) close();
      if (wattHours === 0) from ??= start;
      to = start + seconds * 1000;
    }
    close();
  }

  /** Homes that begin after, or end before, the others of the same set. */
  #compareSpans(homes: readonly Home[]): void {
    const spans = homes.flatMap(({ id, intervals: { from, to } }) => {
      if (from === undefined || to === undefined) {
        this.note({ kind: "no-readings", home: id, message: "no reading at all" });
        return [];
      }
      return [{ id, from, to }];
    });
    const first = Math.min(...spans.map((s) => s.from));
    const last = Math.max(...spans.map((s) => s.to));
    for (const { id, from, to } of spans) {
      if (from - first >= noticeableMs) {
        const message = `readings begin ${duration(from - first)} after those of others`;
        this.note({ kind: "starts-late", home: id, from: first, to: from, message });
      }
      if (last - to >= noticeableMs) {
        const message = `readings end ${duration(last - to)} before those of others`;
        this.note({ kind: "ends-early", home: id, from: to, to: last, message });
      }
    }
  }
}

/** `3 days 4 h`, `90 min`: a length of time for people. */
export function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} days` : `${days} days ${hours % 24} h`;
}
