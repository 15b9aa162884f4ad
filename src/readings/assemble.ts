/** What was collected to the reading set, with what is odd about it. */
import { addSeries } from "./add-series.js";
import { duration } from "./duration.js";
import type { Collector, RegisterReadings } from "./collector.js";
import { readingsErrors } from "./errors.js";
import { withoutRepeats } from "./same-energy.js";
import type { Gap, IntervalSeries } from "./interval.js";
import type { Home, Oddity, ReadingSet } from "./reading-set.js";

/** Runs of zeros, and late beginnings or early ends, are worth a word from a day on. */
const noticeableMs = 86_400_000;

/** @throws readings/no-readings, readings/contradictory-duplicate, readings/overlap, readings/bad-row */
export function assemble(collector: Collector): ReadingSet {
  const timeZone = collector.zone.name;
  const oddities = [...collector.oddities, ...collector.ignored()];
  const zoneUnknown = collector.localTimes && !collector.zoneIsNamed;
  if (zoneUnknown) {
    oddities.push({
      kind: "no-time-zone",
      message:
        "times are local and no time zone is named: they are shown as they stand, and a bill needs --time-zone",
    });
  }
  const zoneUnnamed = !zoneUnknown && !collector.zoneIsNamed;
  if (zoneUnnamed) {
    oddities.push({
      kind: "no-time-zone",
      message:
        "times have offsets, and no time zone is named: they are shown in UTC, and a bill needs a tariff with a zone, or --time-zone",
    });
  }
  const supplies = new Map<string, RegisterReadings[]>();
  for (const register of collector.registers.values()) {
    const key = JSON.stringify([register.home, register.commodity]);
    const together = supplies.get(key);
    if (together === undefined) supplies.set(key, [register]);
    else together.push(register);
  }
  const electric = new Set(
    [...collector.registers.values()].flatMap((r) =>
      r.commodity === "electricity" ? [r.home] : [],
    ),
  );
  const note = (home: string, message: string): void => {
    oddities.push({ kind: "ignored", home, message });
  };
  const homes = [...supplies.values()].map((registers): Home => {
    const { home, commodity } = registers[0]!;
    const id = commodity === "gas" && electric.has(home) ? `${home} gas` : home;
    const sum = (direction: "import" | "export"): IntervalSeries =>
      addSeries(
        withoutRepeats(
          registers
            .filter((r) => r.direction === direction)
            .map((r) => ({ register: r.register, series: build(r, id, timeZone, oddities) })),
          { collector, home: id, note: (message) => note(id, message) },
        ).map((r) => r.series),
        timeZone,
      );
    const intervals = sum("import");
    const gaps = intervals.gaps();
    const exported = sum("export");
    const counter = counterOf(registers);
    const unknown = zoneUnknown ? { zoneUnknown } : zoneUnnamed ? { zoneUnnamed } : {};
    return { id, commodity, timeZone, ...unknown, ...counter, intervals, exported, gaps };
  });
  if (homes.every((h) => h.intervals.length === 0 && h.exported.length === 0)) {
    const files = collector.files.join(", ");
    const why = oddities.map((o) => o.message).join("; ");
    throw readingsErrors.error(
      "no-readings",
      `${files}: no reading found${why === "" ? "" : ` (${why.slice(0, 300)})`}`,
      { file: files },
    );
  }
  for (const home of homes) oddities.push(...gapsOf(home), ...zeroRuns(home));
  oddities.push(...spans(homes));
  return {
    format: [...collector.formats].join(", "),
    timeZone,
    homes,
    oddities,
    understood: collector.understood,
  };
}

/** The first state of a supply with one register of one meter. */
function counterOf(registers: readonly RegisterReadings[]): Pick<Home, "counter"> {
  const drawn = registers.filter((r) => r.direction === "import");
  const first = drawn.length === 1 ? drawn[0]!.states?.first : undefined;
  if (first === undefined) return {};
  const wattHours = Math.floor(first.microWattHours / 1_000_000);
  return { counter: { meter: first.meter, at: first.at, wattHours } };
}

function build(
  { channel, states, direction, register }: RegisterReadings,
  home: string,
  timeZone: string,
  oddities: Oddity[],
): IntervalSeries {
  // A register comes in intervals or in states: formats of states name theirs in their own way.
  const built = states === undefined ? channel.build(timeZone) : states.build(timeZone);
  const { series, duplicates: count, replaced, fractional } = built;
  const which = `${direction === "export" ? "export " : ""}readings${register === "" ? "" : ` of ${register}`}`;
  if (count > 0) {
    const message = `${count} ${which} are repeated, and count once`;
    oddities.push({ kind: "duplicate", home, count, message });
  }
  if (replaced > 0) {
    const message = `${replaced} ${which} give way to later or better ones of the same interval`;
    oddities.push({ kind: "replaced", home, count: replaced, message });
  }
  if (fractional) {
    const message = `${which} are finer than a watt-hour: whole ones are counted where they are completed`;
    oddities.push({ kind: "finer-than-watt-hour", home, message });
  }
  if (states !== undefined && states.notes.length > 0) {
    for (const message of states.notes) oddities.push({ kind: "rollover", home, message });
  }
  if (states !== undefined && states.meters.length > 1) {
    const message = `the meter was exchanged: ${states.meters.join(", then ")}`;
    oddities.push({ kind: "meter-exchange", home, message });
  }
  return series;
}

/** Of energy drawn, and of energy fed in. */
function gapsOf({ id, gaps, intervals, exported }: Home): Oddity[] {
  const found = [
    ...gapOddity(id, gaps, ""),
    ...gapOddity(id, exported.gaps(), " in energy fed in"),
  ];
  if (intervals.length === 0 && exported.length > 0) {
    const message = "energy fed in only: no reading of energy drawn";
    found.push({ kind: "no-readings", home: id, message });
  }
  return found;
}

function gapOddity(home: string, gaps: readonly Gap[], where: string): Oddity[] {
  if (gaps.length === 0) return [];
  const { from, to } = gaps.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a));
  const many = gaps.length === 1 ? `1 gap${where}, ` : `${gaps.length} gaps${where}, the longest `;
  const message = `${many}of ${duration(to - from)}`;
  return [{ kind: "gap", home, count: gaps.length, from, to, message }];
}

function zeroRuns({ id, intervals }: Home): Oddity[] {
  const found: Oddity[] = [];
  let from: number | undefined;
  let to = 0;
  const close = (): void => {
    if (from !== undefined && to - from >= noticeableMs) {
      const message = `nothing but zeros for ${duration(to - from)}`;
      found.push({ kind: "zero-run", home: id, from, to, message });
    }
    from = undefined;
  };
  for (const { start, seconds, wattHours } of intervals) {
    if (wattHours !== 0 || start !== to) close();
    if (wattHours === 0) from ??= start;
    to = start + seconds * 1000;
  }
  close();
  return found;
}

/** Homes without readings, and those that begin after, or end before, the others. */
function spans(homes: readonly Home[]): Oddity[] {
  const found: Oddity[] = [];
  const known = homes.flatMap(({ id, intervals: { from, to }, exported }) => {
    if (from !== undefined && to !== undefined) return [{ id, from, to }];
    if (exported.length === 0) found.push({ kind: "no-readings", home: id, message: "no reading" });
    return [];
  });
  const first = Math.min(...known.map((s) => s.from));
  const last = Math.max(...known.map((s) => s.to));
  for (const { id, from, to } of known) {
    if (from - first >= noticeableMs) {
      const message = `readings begin ${duration(from - first)} after those of others`;
      found.push({ kind: "starts-late", home: id, from: first, to: from, message });
    }
    if (last - to >= noticeableMs) {
      const message = `readings end ${duration(last - to)} before those of others`;
      found.push({ kind: "ends-early", home: id, from: to, to: last, message });
    }
  }
  return found;
}
