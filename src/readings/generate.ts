/**
 * Made-up households whose load looks like that of real ones: a base, morning and evening peaks,
 * weekends, seasons, days away, and appliances that switch on and off. The figures are set so that a
 * year of many homes has the spread of the Smart Grid Smart City trial: half of all half-hours below
 * 0.14 kWh, 5 % above 0.94 kWh. Integers throughout: the same seed gives the same watt-hours anywhere.
 */
import { readingsErrors } from "./errors.js";
import { IntervalSeries, qualities } from "./interval.js";
import { periodBounds } from "./period.js";
import { Prng } from "./prng.js";
import type { Home, ReadingSet } from "./reading-set.js";
import { civilDay, Zone } from "./zone.js";

export interface GenerateOptions {
  /** How many homes, 1 to 100,000. */
  readonly homes: number;
  /** A month `YYYY-MM`, or the first and the last of several. */
  readonly period: string | readonly [string, string];
  /** The same seed gives the same homes, and a home the same load for any number of homes. */
  readonly seed: string | number;
  /** UTC when absent. */
  readonly timeZone?: string;
}

const stepMs = 1_800_000;

/** Watt-hours that an average home uses beyond its base in each half-hour of the day. */
const workday = [
  30, 22, 18, 15, 14, 14, 14, 16, 18, 22, 34, 58, 100, 150, 190, 200, 180, 150, 125, 110, 105, 105,
  110, 115, 120, 118, 112, 108, 110, 120, 140, 175, 220, 275, 320, 345, 350, 340, 320, 300, 275,
  245, 210, 175, 140, 105, 75, 50,
];
const dayOff = [
  38, 30, 24, 20, 17, 16, 15, 15, 16, 18, 22, 30, 45, 70, 105, 145, 180, 205, 220, 225, 225, 225,
  230, 235, 235, 228, 218, 210, 205, 205, 215, 235, 265, 300, 330, 345, 345, 332, 312, 290, 265,
  240, 212, 182, 150, 118, 88, 60,
];

/** Percent of the yearly average, January to December: winter heating and lighting, some cooling. */
const season = [128, 122, 112, 98, 88, 82, 84, 86, 88, 97, 112, 126];

/** Size of homes in percent of the average, at equal chances: many small ones, a few large. */
const sizes = [30, 40, 48, 55, 62, 68, 75, 82, 90, 98, 108, 120, 135, 155, 185, 250];

/** Unit exponential distribution in thousandths at 32 equal chances: most half-hours are quiet. */
const bursts = [
  16, 48, 82, 116, 152, 188, 227, 266, 308, 351, 397, 444, 494, 547, 603, 661, 724, 790, 861, 938,
  1022, 1112, 1213, 1323, 1448, 1590, 1755, 1951, 2195, 2516, 2991, 4100,
];

/** Appliances: watt-hours a half-hour, half-hours on, and chance in ten thousand to start. */
const appliances = [
  { wattHours: 120, steps: 1, chance: 400 },
  { wattHours: 450, steps: 2, chance: 120 },
  { wattHours: 900, steps: 3, chance: 50 },
  { wattHours: 1700, steps: 3, chance: 12 },
] as const;

/** @throws readings/bad-argument, readings/bad-period, readings/unknown-time-zone */
export function generateHomes(options: GenerateOptions): ReadingSet {
  const { homes, period, seed, timeZone = "UTC" } = options;
  if (!Number.isSafeInteger(homes) || homes < 1 || homes > 100_000) {
    throw readingsErrors.error(
      "bad-argument",
      `${homes} is not a number of homes from 1 to 100,000`,
      {
        homes,
      },
    );
  }
  const [first, last] = typeof period === "string" ? [period, period] : period;
  const { from } = periodBounds(first, timeZone);
  const { to } = periodBounds(last, timeZone);
  if (to <= from) {
    throw readingsErrors.error("bad-period", `${last} is before ${first}`, { first, last });
  }
  const zone = Zone.of(timeZone);
  const digits = Math.max(4, String(homes).length);
  return {
    format: "generated",
    timeZone,
    homes: Array.from({ length: homes }, (_, i) => {
      const id = `home-${String(i + 1).padStart(digits, "0")}`;
      return generateHome({ id, prng: new Prng(String(seed), i + 1), from, to, zone });
    }),
    oddities: [],
  };
}

function generateHome({
  id,
  prng,
  from,
  to,
  zone,
}: {
  readonly id: string;
  readonly prng: Prng;
  readonly from: number;
  readonly to: number;
  readonly zone: Zone;
}): Home {
  const length = Math.round((to - from) / stepMs);
  const start = new Float64Array(length);
  const wattHours = new Float64Array(length);
  const size = (sizes[prng.below(sizes.length)]! * prng.between(85, 115)) / 100;
  const base = 14 + Math.floor((size * prng.between(25, 80)) / 100);
  const shift = prng.between(-2, 3);
  const swing = prng.between(40, 130);
  const running = appliances.map(() => 0);
  let day = NaN;
  let away = false;
  let shape = workday;
  for (let i = 0; i < length; i++) {
    const at = from + i * stepMs;
    const civil = zone.civil(at);
    if (civilDay(civil) !== day) {
      day = civilDay(civil);
      const weekday = new Date(day).getUTCDay();
      shape = weekday === 0 || weekday === 6 ? dayOff : workday;
      // Who is away tends to stay away.
      away = prng.chance(away ? 700 : 15);
    }
    let load = (base * prng.between(70, 130)) / 100;
    if (!away) {
      const slot = Math.floor((civil - day) / stepMs);
      const month = season[new Date(day).getUTCMonth()]!;
      const seasonal = 100 + Math.trunc(((month - 100) * swing) / 100);
      const expected = shape[(slot - shift + 48) % 48]! * size * seasonal;
      load += (expected * bursts[prng.below(bursts.length)]!) / 7_600_000;
      for (let k = 0; k < appliances.length; k++) {
        const { wattHours: each, steps, chance } = appliances[k]!;
        const awake = shape[slot]! >= 60;
        if (running[k] === 0 && awake && prng.below(10_000) < chance) running[k] = steps;
        if (running[k]! > 0) {
          running[k]! -= 1;
          load += (each * prng.between(70, 130)) / 100;
        }
      }
    }
    start[i] = at;
    wattHours[i] = Math.floor(load);
  }
  return { id, ...supplyOf(zone, start, wattHours) };
}

function supplyOf(zone: Zone, start: Float64Array, wattHours: Float64Array): Omit<Home, "id"> {
  const { length } = start;
  return {
    commodity: "electricity",
    timeZone: zone.name,
    intervals: new IntervalSeries(zone.name, {
      start,
      seconds: new Uint32Array(length).fill(stepMs / 1000),
      wattHours,
      quality: new Uint8Array(length).fill(qualities.indexOf("actual")),
    }),
    exported: IntervalSeries.of(zone.name, []),
    gaps: [],
  };
}
