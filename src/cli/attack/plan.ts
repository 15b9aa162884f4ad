/** The options of `sipster attack`: which homes, and which rows of the table. */
import {
  HABITS,
  habitsNamed,
  Population,
  requireMonths,
  type Cell,
  type EventName,
} from "../../attack/index.js";
import { generateHomes, readReadings } from "../../readings/index.js";
import { parseDenominations } from "../../sipster/index.js";
import { defaultTariff, readingsOfBill, readTariff } from "../../tariff/index.js";
import { periodNumber } from "../../demo/index.js";
import { cliErrors } from "../errors.js";
import { readOptions, type RawReadingOptions } from "../reading-options.js";

export interface RawAttackOptions extends RawReadingOptions {
  readonly readings?: string[];
  readonly tariff?: string;
  readonly period?: string;
  readonly unit: string;
  readonly policy?: string[];
  readonly denominations: string[];
  readonly homes: string[];
  readonly trials?: string;
  readonly event: EventName[];
  readonly seed: string;
  readonly check?: boolean;
  readonly out?: string;
  readonly score?: string;
  readonly from?: string;
  readonly database?: string;
  readonly json?: boolean;
}

export interface AttackPlan {
  readonly population: Population;
  /** YYYYMM. */
  readonly period: number;
  readonly cells: readonly Cell[];
  readonly seed: string;
  /** What the table was made from. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

const DEFAULT_PERIOD = "2026-03";
const DEFAULT_ZONE = "Europe/Berlin";
/** Generated homes that populations are made from. */
const GENERATED = 14;
/** Policies that a wallet offers. */
const OFFERED = ["common-deadline", "next-month"];
/** Homes that are attacked in all months together, if nothing says how many months. */
const ATTACKED_HOMES = 2_000;
/** More for a check: its bound is on the upper end of an interval, which must be narrow. */
const CHECKED_HOMES = 8_000;
const MOST_TRIALS = 200;

/** @throws cli/bad-option, attack/no-homes, attack/too-few-months, and what reading files throws */
export async function planOf(raw: RawAttackOptions): Promise<AttackPlan> {
  const tariff = raw.tariff === undefined ? defaultTariff : await readTariff(raw.tariff);
  const reading = readOptions(raw, tariff);
  const timeZone = reading.timeZone ?? DEFAULT_ZONE;
  const period = raw.period ?? DEFAULT_PERIOD;
  const read =
    raw.readings === undefined
      ? generateHomes({ homes: GENERATED, period: yearBefore(period), seed: raw.seed, timeZone })
      : await readReadings(raw.readings, { ...reading, timeZone });
  const set = readingsOfBill(read, tariff);
  const population = new Population({
    readings: set,
    tariff,
    period,
    minorUnits: count("--unit", raw.unit, 1_000_000),
    timeZone: set.timeZone,
  });
  const names = raw.policy ?? (raw.check === true ? OFFERED : HABITS.map(({ name }) => name));
  const cells = raw.homes.flatMap((homes) =>
    raw.denominations.flatMap((list) =>
      raw.event.flatMap((event) =>
        names.map((name) =>
          cellOf({ name, list, homes: count("--homes", homes, 100_000), event }, raw),
        ),
      ),
    ),
  );
  for (const cell of cells) requireMonths(cell);
  return {
    population,
    period: periodNumber(period),
    cells,
    seed: raw.seed,
    inputs: {
      readings: raw.readings ?? `${GENERATED} generated homes`,
      origins: population.origins,
      period,
      tariff: tariff.name,
      seed: raw.seed,
    },
  };
}

/** One row of the table. @throws attack/unknown-policy, sipster/bad-denomination */
export function cellOf(
  of: {
    readonly name: string;
    readonly list: string;
    readonly homes: number;
    readonly event: EventName;
  },
  raw: Pick<RawAttackOptions, "trials" | "check">,
): Cell {
  const { name, list, homes, event } = of;
  const binary = list === "binary";
  const denominations = binary
    ? Array.from({ length: 14 }, (_, i) => 2 ** i)
    : list.split(",").map(Number);
  const attacked = raw.check === true ? CHECKED_HOMES : ATTACKED_HOMES;
  const few = Math.min(MOST_TRIALS, Math.max(2, Math.ceil(attacked / homes)));
  return {
    habits: habitsNamed(name),
    denominations: parseDenominations(denominations),
    emission: binary ? "at-period-end" : "as-it-accrues",
    homes,
    trials: raw.trials === undefined ? few : count("--trials", raw.trials, 10_000),
    event,
  };
}

/** The twelve months up to the period: weeks of every season. */
function yearBefore(period: string): [string, string] {
  const [year, month] = period.split("-").map(Number) as [number, number];
  const first = new Date(Date.UTC(year, month - 12, 1)).toISOString().slice(0, 7);
  return [first, period];
}

function count(option: string, text: string, most: number): number {
  const n = Number(text);
  if (/^\d+$/.test(text) && n >= 1 && n <= most) return n;
  throw cliErrors.error("bad-option", `${option} is "${text}" and must be 1 to ${most}`, {
    option,
    value: text,
  });
}
