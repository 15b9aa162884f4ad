/**
 * The one time zone of a bill: of its month and days, standing charges, blocks, demand and estimates.
 * It is the deployment's where there is one, else the tariff's, else that of the readings (the one given
 * for them, or the one their file names). Where none is known, no bill is made.
 */
import { inZone, type Home, type ReadingSet } from "../readings/reading-set.js";
import { sameZone } from "../readings/zone.js";
import { tariffErrors } from "./errors.js";
import type { Tariff } from "./tariff.js";

type Zoned = Pick<Home, "id" | "timeZone" | "zoneUnknown" | "zoneUnnamed">;

/**
 * @param deployment the zone of the deployment, where the bill is settled in one
 * @throws tariff/other-zone where the tariff is of another zone than the deployment;
 *   tariff/zone-needed where the readings have local times that no zone places, or are instants and
 *   neither they nor the tariff name a zone
 */
export function billZone(home: Zoned, tariff: Tariff, deployment?: string): string {
  if (deployment !== undefined) refuseOtherZone(tariff, deployment);
  if (home.zoneUnknown === true) {
    throw tariffErrors.error(
      "zone-needed",
      `the readings of ${home.id} have local times, and nothing says in which time zone`,
      { home: home.id },
    );
  }
  const named = deployment ?? tariff.timeZone;
  if (named === undefined && home.zoneUnnamed === true) {
    throw tariffErrors.error(
      "zone-needed",
      `neither the readings of ${home.id} nor the tariff ${tariff.name} say by which clocks months and days go`,
      { home: home.id },
    );
  }
  return named ?? home.timeZone;
}

/** The home in the zone of its bills. @throws what `billZone` throws */
export function homeOfBill(home: Home, tariff: Tariff, deployment?: string): Home {
  return inZone(home, billZone(home, tariff, deployment));
}

/** All homes in the one zone of their bills. @throws what `billZone` throws */
export function readingsOfBill(set: ReadingSet, tariff: Tariff, deployment?: string): ReadingSet {
  const homes = set.homes.map((home) => homeOfBill(home, tariff, deployment));
  return { ...set, homes, timeZone: homes[0]?.timeZone ?? set.timeZone };
}

/** @throws tariff/other-zone */
export function refuseOtherZone(tariff: Tariff, timeZone: string): void {
  if (tariff.timeZone === undefined || sameZone(tariff.timeZone, timeZone)) return;
  throw tariffErrors.error(
    "other-zone",
    `${tariff.name} is a tariff of ${tariff.timeZone}, and the bill is one of ${timeZone}`,
    { tariff: tariff.name, tariffZone: tariff.timeZone, timeZone },
  );
}
