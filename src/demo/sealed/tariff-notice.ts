/** A tariff as the sealed readings have it: for each instant of a month the price of one unit, as integers. */
import { periodBounds, type Home } from "../../readings/index.js";
import { ratedItems, type Tariff } from "../../tariff/index.js";
import type { TariffNotice } from "../../sealed/index.js";
import { checkLinear, priceAt, ratedArguments } from "./priced-readings.js";

export interface MonthNotice {
  readonly notice: TariffNotice;
  /** What one unit of the notice's prices is, in fractions of the minor unit. */
  readonly unit: bigint;
}

/**
 * Prices of a whole month, in the zone of the home. They do not depend on its readings.
 * @throws sealed/tariff-not-linear, tariff/no-price, readings/bad-period
 */
export function monthNotice(
  home: Pick<Home, "timeZone">,
  period: string,
  tariff: Tariff,
): MonthNotice {
  checkLinear(tariff);
  const { from, to } = periodBounds(period, home.timeZone);
  const whole = {
    start: from,
    seconds: (to - from) / 1000,
    wattHours: 0,
    quality: "actual",
  } as const;
  const starts = new Set([from]);
  for (const fed of [false, true]) {
    const items = ratedItems(...ratedArguments({ home, intervals: [whole], fed, tariff }));
    for (const item of items) if (item.kind !== "standing") starts.add(item.start);
  }
  const ordered = [...starts].filter((s) => s >= from && s < to).sort((a, b) => a - b);
  const steps = ordered.map((start, i) => {
    const seconds = ((ordered[i + 1] ?? to) - start) / 1000;
    const price = (fed: boolean): bigint =>
      priceAt({ home, interval: { start, seconds, wattHours: 0, quality: "actual" }, fed, tariff });
    return { from: start / 1000, drawn: price(false), fed: price(true) };
  });
  const unit = steps.reduce((g, s) => gcd(gcd(g, s.drawn), s.fed), 0n) || 1n;
  return {
    unit,
    notice: {
      period: Number(period.replace("-", "")),
      span: { from: from / 1000, to: to / 1000 },
      steps: steps.map((s) => ({ from: s.from, drawn: s.drawn / unit, fed: s.fed / unit })),
    },
  };
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b);
}
