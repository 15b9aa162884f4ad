/**
 * A home's month as price × reading: what a bill on sealed readings can be computed from. Prices are
 * public and do not depend on consumption; an interval in which the price changes counts as several
 * readings, as the meter would divide it.
 */
import { divide, periodBounds, type Home, type Interval } from "../../readings/index.js";
import { rate, ratedItems, type Tariff } from "../../tariff/index.js";
import { sealedErrors } from "../../sealed/index.js";

/** One reading that a meter seals. */
export interface PricedReading {
  /** Rises with time; even for energy drawn, odd for energy fed in. */
  readonly number: number;
  readonly interval: Interval;
  readonly fed: boolean;
  /** Of one watt-hour, in fractions of the minor unit (see readings/money.ts); a credit is negative. */
  readonly price: bigint;
}

export interface PricedMonth {
  readonly readings: readonly PricedReading[];
  /** Charges that do not depend on readings, in the same fractions. */
  readonly standing: bigint;
}

/** Components whose charges are price × reading, or do not depend on readings. */
const LINEAR = new Set<string>(["flat", "time-of-use", "dynamic", "standing"]);

/** @throws sealed/tariff-not-linear */
export function checkLinear(tariff: Tariff): void {
  for (const { components } of tariff.versions) {
    for (const { kind, name } of components) {
      if (LINEAR.has(kind)) continue;
      throw sealedErrors.error(
        "tariff-not-linear",
        `${tariff.name}: the charge "${name}" is not a price times a reading (${kind})`,
        { tariff: tariff.name, component: name, kind },
      );
    }
  }
}

/** @throws sealed/tariff-not-linear, tariff/no-price, readings/bad-period */
export function pricedMonth(home: Home, period: string, tariff: Tariff): PricedMonth {
  checkLinear(tariff);
  const { from, to } = periodBounds(period, home.timeZone);
  const read = (fed: boolean): PricedReading[] =>
    [...(fed ? home.exported : home.intervals).between(from, to)].flatMap((whole) => {
      const items = [...ratedItems(...ratedArguments({ home, intervals: [whole], fed, tariff }))];
      const changes = items.filter((i) => i.kind !== "standing").map((i) => i.start);
      return divide(whole, changes).map((interval) => ({
        number: (interval.start / 1000) * 2 + (fed ? 1 : 0),
        interval,
        fed,
        price: priceAt({ home, interval, fed, tariff }),
      }));
    });
  const readings = [...read(false), ...read(true)].sort((a, b) => a.number - b.number);
  return { readings, standing: clearCharge({ home, period, tariff, readings: [] }) };
}

/** What one watt-hour more costs in an interval of one price. */
export function priceAt({
  home,
  interval,
  fed,
  tariff,
}: {
  readonly home: Pick<Home, "timeZone">;
  readonly interval: Interval;
  readonly fed: boolean;
  readonly tariff: Tariff;
}): bigint {
  const charge = (wattHours: number): bigint =>
    rate(...ratedArguments({ home, intervals: [{ ...interval, wattHours }], fed, tariff }))
      .numerator;
  return charge(1) - charge(0);
}

/** The arguments that rate energy drawn, or fed in. */
export function ratedArguments({
  home: { timeZone },
  intervals,
  fed,
  tariff,
}: {
  readonly home: Pick<Home, "timeZone">;
  readonly intervals: readonly Interval[];
  readonly fed: boolean;
  readonly tariff: Tariff;
}): Parameters<typeof rate> {
  return fed ? [[], tariff, { timeZone, exported: intervals }] : [intervals, tariff, { timeZone }];
}

/**
 * The charge of the month in the clear, in fractions of the minor unit: the rating of the plain
 * readings given, and standing charges for the days with supply.
 */
export function clearCharge({
  home,
  period,
  tariff,
  readings,
}: {
  readonly home: Home;
  readonly period: string;
  readonly tariff: Tariff;
  readonly readings: readonly Pick<PricedReading, "interval" | "fed">[];
}): bigint {
  const { from, to } = periodBounds(period, home.timeZone);
  const channels = [home.intervals, home.exported].filter((c) => c.length > 0);
  const intervals = (fed: boolean): Interval[] =>
    readings.filter((r) => r.fed === fed).map((r) => r.interval);
  return rate(intervals(false), tariff, {
    timeZone: home.timeZone,
    exported: intervals(true),
    from: Math.max(from, Math.min(...channels.map((c) => c.from!))),
    to: Math.min(to, Math.max(...channels.map((c) => c.to!))),
  }).numerator;
}
