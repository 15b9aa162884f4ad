/** Neighbourhoods of generated homes, for tests of the attacker. */
import { Population } from "../../src/attack/index.js";
import { generateHomes } from "../../src/readings/index.js";
import { parseDenominations } from "../../src/sipster/index.js";
import { defaultTariff, readingsOfBill } from "../../src/tariff/index.js";

export const PERIOD = 202603;
export const DENOMINATIONS = parseDenominations([1, 10, 100]);

const made = new Map<number, Population>();

/** @param minorUnits of one unit: more make fewer tokens */
export function crowd(minorUnits = 1): Population {
  const timeZone = "Europe/Berlin";
  const known = made.get(minorUnits);
  if (known !== undefined) return known;
  const population = new Population({
    readings: readingsOfBill(
      generateHomes({ homes: 6, period: ["2026-01", "2026-04"], seed: "crowd", timeZone }),
      defaultTariff,
    ),
    tariff: defaultTariff,
    period: "2026-03",
    minorUnits,
    timeZone,
  });
  made.set(minorUnits, population);
  return population;
}
