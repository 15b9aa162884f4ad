/** Codes of ESPI (NAESB REQ.21) that matter for a bill. */
import { btu, cubicFoot, cubicMetre, joule, therm, wattHour, type EnergyUnit } from "../energy.js";
import type { Quality } from "../interval.js";

/** `UnitSymbolKind`: the units of energy, and of gas by volume where its energy is known. */
export function espiUnit(uom: string, gasWattHours: number | undefined): EnergyUnit | undefined {
  switch (uom) {
    case "72":
      return wattHour;
    case "31":
      return joule;
    case "132":
      return btu;
    case "169":
      return therm;
    case "42":
      return gasWattHours === undefined ? undefined : cubicMetre(gasWattHours);
    case "119":
      return gasWattHours === undefined ? undefined : cubicFoot(gasWattHours);
    default:
      return undefined;
  }
}

/** `QualityOfReading`. */
export function espiQuality(code: string): Quality | undefined {
  switch (code) {
    case "0": // valid
    case "14": // raw
    case "17": // validated
    case "18": // verified
    case "19": // revenue quality
      return "actual";
    case "8": // estimated using reference day
    case "9": // estimated using linear interpolation
    case "10": // questionable
    case "12": // projected
      return "estimated";
    case "7": // manually edited
    case "11": // derived
    case "13": // mixed
    case "15": // normalised for weather
    case "16": // other
      return "substituted";
    default:
      return undefined;
  }
}

/** Zones of North America by their standard offset, with the daylight-saving rules since 2007. */
const northAmerica: Readonly<Record<string, string>> = {
  "-12600": "America/St_Johns",
  "-14400": "America/Halifax",
  "-18000": "America/New_York",
  "-21600": "America/Chicago",
  "-25200": "America/Denver",
  "-28800": "America/Los_Angeles",
  "-32400": "America/Anchorage",
};

/**
 * The zone that `LocalTimeParameters` describes: one of North America where offset and rules are its,
 * and else a fixed offset. The rules are bit fields: 360E2000 is 2 am on the second Sunday of March,
 * B40E2000 is 2 am on the first Sunday of November.
 */
export function espiZone(parameters: Readonly<Record<string, string>>): string | undefined {
  const { tzOffset, dstOffset, dstStartRule, dstEndRule } = parameters;
  const seconds = Number(tzOffset);
  if (tzOffset === undefined || !Number.isInteger(seconds) || Math.abs(seconds) > 50_400) {
    return undefined;
  }
  const rules = `${dstStartRule ?? ""} ${dstEndRule ?? ""}`.toUpperCase();
  if (dstOffset === "3600" && rules === "360E2000 B40E2000") {
    const zone = northAmerica[tzOffset];
    if (zone !== undefined) return zone;
  }
  const minutes = Math.round(Math.abs(seconds) / 60);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${seconds < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
