/** What was collected to the reading set, with what is odd about it. */
import type { Collector, Direction, RegisterReadings } from "./collector.js";
import { readingsErrors } from "./errors.js";
import { odditiesOf } from "./oddities.js";
import { refuseImplausible } from "./plausible.js";
import { withoutRepeats } from "./same-energy.js";
import { sumOf } from "./sum-series.js";
import type { Gap, IntervalSeries } from "./interval.js";
import type { Home, Oddity, ReadingSet } from "./reading-set.js";

/** @throws readings/no-readings, readings/contradictory-duplicate, readings/overlap, readings/bad-row */
export function assemble(collector: Collector): ReadingSet {
  const oddities = [...collector.oddities, ...collector.ignored()];
  const clock = clockOf(collector);
  if (clock.message !== undefined) {
    oddities.push({ kind: "no-time-zone", message: clock.message });
  }
  const registers = [...collector.registers.values()];
  const electric = new Set(
    registers.flatMap((r) => (r.commodity === "electricity" ? [r.home] : [])),
  );
  const homes = suppliesOf(registers).map((supply) => {
    const { home, commodity } = supply[0]!;
    const id = commodity === "gas" && electric.has(home) ? `${home} gas` : home;
    return homeOf(id, supply, { collector, oddities, unknown: clock.unknown });
  });
  if (homes.every((h) => h.intervals.length === 0 && h.exported.length === 0)) {
    throw noReadings(collector, oddities);
  }
  refuseImplausible(homes, collector);
  oddities.push(...odditiesOf(homes));
  return {
    format: [...collector.formats].join(", "),
    timeZone: collector.zone.name,
    homes,
    oddities,
    understood: collector.understood,
  };
}

/** What is not known of the zone of the times, and what is said of it. */
function clockOf({ localTimes, zoneIsNamed }: Collector): {
  readonly unknown: Pick<Home, "zoneUnknown" | "zoneUnnamed">;
  readonly message?: string;
} {
  if (zoneIsNamed) return { unknown: {} };
  if (localTimes) {
    const message =
      "times are local and no time zone is named: they are shown as they stand, and a bill needs --time-zone";
    return { unknown: { zoneUnknown: true }, message };
  }
  const message =
    "times have offsets, and no time zone is named: they are shown in UTC, and a bill needs a tariff with a zone, or --time-zone";
  return { unknown: { zoneUnnamed: true }, message };
}

/** Registers by home and commodity. */
function suppliesOf(registers: readonly RegisterReadings[]): RegisterReadings[][] {
  const supplies = new Map<string, RegisterReadings[]>();
  for (const register of registers) {
    const key = JSON.stringify([register.home, register.commodity]);
    const together = supplies.get(key);
    if (together === undefined) supplies.set(key, [register]);
    else together.push(register);
  }
  return [...supplies.values()];
}

interface Surroundings {
  readonly collector: Collector;
  readonly oddities: Oddity[];
  readonly unknown: Pick<Home, "zoneUnknown" | "zoneUnnamed">;
}

function homeOf(
  id: string,
  registers: readonly RegisterReadings[],
  { collector, oddities, unknown }: Surroundings,
): Home {
  const timeZone = collector.zone.name;
  const note = (message: string): void => {
    oddities.push({ kind: "ignored", home: id, message });
  };
  const sum = (direction: Direction): IntervalSeries => {
    const all = registers
      .filter((r) => r.direction === direction)
      .map((r) => ({
        register: r.register,
        series: build({ readings: r, home: id, collector, oddities }),
      }));
    const once = withoutRepeats(all, { collector, home: id, note });
    const noteGaps = (message: string, gaps: readonly Gap[]): void => {
      oddities.push({ kind: "gap", home: id, count: gaps.length, message });
    };
    return sumOf(once, { collector, home: id, note: noteGaps });
  };
  const intervals = sum("import");
  const exported = sum("export");
  const { commodity } = registers[0]!;
  const counter = counterOf(registers, collector);
  const gaps = intervals.gaps();
  return { id, commodity, timeZone, ...unknown, ...counter, intervals, exported, gaps };
}

function noReadings(collector: Collector, oddities: readonly Oddity[]): Error {
  const files = collector.files.join(", ");
  const why = oddities.map((o) => o.message).join("; ");
  return readingsErrors.error(
    "no-readings",
    `${files}: no reading found${why === "" ? "" : ` (${why.slice(0, 300)})`}`,
    { file: files },
  );
}

/** The first state of a supply with one register of one meter. */
function counterOf(
  registers: readonly RegisterReadings[],
  { scale }: Collector,
): Pick<Home, "counter"> {
  const drawn = registers.filter((r) => r.direction === "import");
  const first = drawn.length === 1 ? drawn[0]!.states?.first : undefined;
  if (first === undefined) return {};
  const wattHours = Math.floor((first.microWattHours * scale) / 1_000_000);
  return { counter: { meter: first.meter, at: first.at, wattHours } };
}

function build({
  readings: { channel, states, direction, register },
  home,
  collector: { zone, scale },
  oddities,
}: {
  readonly readings: RegisterReadings;
  readonly home: string;
  readonly collector: Collector;
  readonly oddities: Oddity[];
}): IntervalSeries {
  // A register comes in intervals or in states: formats of states name theirs in their own way.
  const built = (states ?? channel).build(zone.name, scale);
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
