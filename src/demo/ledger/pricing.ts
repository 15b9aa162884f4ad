/** The price function of a run: from a tariff announced in advance, or from the load. */
import { PiecewiseLinearPrice, TimetablePrice } from "../../ledger/index.js";
import { exact, MONEY_DENOMINATOR, moneyText } from "../../readings/index.js";
import { rate, type Tariff } from "../../tariff/index.js";
import { demoErrors } from "../errors.js";
import type { HomeTable, Slot } from "./home-table.js";

/** Millionths of the minor unit per watt-hour, in the fractions that rating counts in. */
const FRACTIONS = MONEY_DENOMINATOR / 1_000_000n;

/**
 * Prices at half, once and three times the load of average homes: 7.114, 14.228 and 42.684 minor
 * units a kilowatt-hour. The middle one is the flat price of the Low Carbon London trial.
 */
export function priceByLoad({ homes, average }: HomeTable): PiecewiseLinearPrice {
  const load = average * BigInt(homes.length);
  return new PiecewiseLinearPrice([
    { load: load / 2n, price: 7_114n },
    { load, price: 14_228n },
    { load: load * 3n, price: 42_684n },
  ]);
}

/**
 * The prices of a tariff whose prices do not depend on consumption.
 * @throws demo/price-too-fine, and what rating throws
 */
export function priceByTariff(tariff: Tariff, table: HomeTable): TimetablePrice {
  const prices = table.slots.map((slot) => priceIn(slot, tariff, table));
  const levels = [...new Set(prices)];
  if (levels.length > 16) {
    throw demoErrors.error(
      "price-too-fine",
      `the tariff has ${levels.length} prices in the period`,
      {
        prices: levels.length,
      },
    );
  }
  return new TimetablePrice(
    table.slots[0]!.interval,
    levels,
    prices.map((price) => levels.indexOf(price)),
  );
}

/** What one watt-hour more costs in an interval. */
function priceIn({ start }: Slot, tariff: Tariff, { seconds, timeZone }: HomeTable): bigint {
  const charge = (wattHours: number): bigint => {
    const reading = { start, seconds, wattHours, quality: "actual" as const };
    return rate([reading], tariff, { timeZone }).numerator;
  };
  const price = charge(1) - charge(0);
  if (price < 0n || price % FRACTIONS !== 0n) {
    const text = moneyText(exact(price * 1000n), 2, 12);
    throw demoErrors.error(
      "price-too-fine",
      `${tariff.name}: ${text} per kWh is negative or finer than the ledger counts`,
      { price: text },
    );
  }
  return price / FRACTIONS;
}
