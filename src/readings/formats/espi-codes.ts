/** Codes of ESPI (NAESB REQ.21) that matter for a bill. */
import { btu, cubicFoot, cubicMetre, joule, therm, wattHour, type EnergyUnit } from "../energy.js";
import { Zone } from "../zone.js";
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

/** The zones that are meant as a rule, of all that have a standard offset and the same rules today. */
const usualZones: Readonly<Record<string, readonly string[]>> = {
  "-12600": ["America/St_Johns"],
  "-14400": ["America/Halifax"],
  "-18000": ["America/New_York"],
  "-21600": ["America/Chicago"],
  "-25200": ["America/Denver"],
  "-28800": ["America/Los_Angeles"],
  "-32400": ["America/Anchorage"],
  "0": ["Europe/London"],
  "3600": ["Europe/Brussels"],
  "7200": ["Europe/Athens"],
  "34200": ["Australia/Adelaide"],
  "36000": ["Australia/Sydney"],
  "43200": ["Pacific/Auckland"],
};

/** A rule of when clocks change: its bit fields (NAESB REQ.21, `DstRuleType`). */
interface DstRule {
  readonly month: number;
  /** 0 a day of the month, 1 the weekday on or after it, 2 to 6 the first to fifth weekday, 7 the last. */
  readonly operator: number;
  readonly dayOfMonth: number;
  /** 1 is Monday. */
  readonly weekday: number;
  readonly seconds: number;
}

function dstRule(text: string | undefined): DstRule | undefined {
  if (text === undefined || !/^[0-9a-fA-F]{8}$/.test(text)) return undefined;
  const bits = Number.parseInt(text, 16);
  const field = (shift: number, width: number): number =>
    Math.floor(bits / 2 ** shift) % 2 ** width;
  const month = field(28, 4);
  if (month < 1 || month > 12) return undefined;
  return {
    month,
    operator: field(25, 3),
    dayOfMonth: field(20, 5),
    weekday: field(17, 3),
    seconds: field(12, 5) * 3600 + field(0, 12),
  };
}

const dayMs = 86_400_000;

/** The clock time of a change in a year, as a civil time (see zone.ts). */
function changeOf(rule: DstRule, year: number): number {
  const { month, operator, dayOfMonth, weekday, seconds } = rule;
  const on = (day: number): number => Date.UTC(year, month - 1, day);
  const after = (from: number): number => {
    const ahead = (weekday - new Date(from).getUTCDay() + 7) % 7;
    return from + ahead * dayMs;
  };
  let day: number;
  if (operator === 0) day = on(Math.max(1, dayOfMonth));
  else if (operator === 1) day = after(on(Math.max(1, dayOfMonth)));
  else if (operator === 7) day = after(Date.UTC(year, month, 1) - 7 * dayMs);
  else day = after(on(1)) + (operator - 2) * 7 * dayMs;
  return day + seconds * 1000;
}

/** Has the zone this offset, and do its clocks change by these rules? */
function keeps(
  name: string,
  standardMs: number,
  rules: { start: DstRule; end: DstRule; shiftMs: number },
): boolean {
  const zone = Zone.of(name);
  return [2023, 2024].every((year) => {
    const start = changeOf(rules.start, year) - standardMs;
    // The end is told by the clock that is put back.
    const end = changeOf(rules.end, year) - standardMs - rules.shiftMs;
    return (
      zone.offsetAt(start - 1000) === standardMs &&
      zone.offsetAt(start) === standardMs + rules.shiftMs &&
      zone.offsetAt(end - 1000) === standardMs + rules.shiftMs &&
      zone.offsetAt(end) === standardMs
    );
  });
}

/**
 * The zone that `LocalTimeParameters` describes: a fixed offset where clocks do not change, else a zone
 * of the tz database whose clocks change by the same rules. `undefined` where there is none: then nobody
 * knows when days begin.
 */
export function espiZone(parameters: Readonly<Record<string, string>>): string | undefined {
  const { tzOffset, dstOffset, dstStartRule, dstEndRule } = parameters;
  const seconds = Number(tzOffset);
  if (tzOffset === undefined || !Number.isInteger(seconds) || Math.abs(seconds) > 50_400) {
    return undefined;
  }
  const [start, end] = [dstRule(dstStartRule), dstRule(dstEndRule)];
  const shiftMs = Number(dstOffset ?? "0") * 1000;
  if (start !== undefined && end !== undefined && shiftMs > 0) {
    const names = [...(usualZones[tzOffset] ?? []), ...Intl.supportedValuesOf("timeZone")];
    return names.find((name) => keeps(name, seconds * 1000, { start, end, shiftMs }));
  }
  // Clocks change, and nothing says when.
  if (shiftMs > 0) return undefined;
  const minutes = Math.round(Math.abs(seconds) / 60);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${seconds < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
