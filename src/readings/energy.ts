/** Energy from its text and unit to whole micro-watt-hours, the resolution of collection. */
import { parseDecimal } from "./decimal.js";

/** Micro-watt-hours in one of a unit, as a fraction. */
export interface EnergyUnit {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const unit = (numerator: bigint, denominator = 1n): EnergyUnit => ({ numerator, denominator });

export const wattHour = unit(10n ** 6n);
export const kilowattHour = unit(10n ** 9n);
export const megawattHour = unit(10n ** 12n);
export const joule = unit(10n ** 6n, 3600n);
/** International Table British thermal unit, 1055.05585262 J. */
export const btu = unit(105_505_585_262n * 10n ** 6n, 3600n * 10n ** 8n);
/** Therm of the United States, 105,480,400 J. */
export const therm = unit(105_480_400n * 10n ** 6n, 3600n);

/** Power: the energy of an hour at it. */
export const watt = wattHour;
export const kilowatt = kilowattHour;

/** A cubic metre of gas of a given energy, in watt-hours. */
export function cubicMetre(wattHours: number): EnergyUnit {
  return unit(BigInt(wattHours) * 10n ** 6n);
}

/** A cubic foot, 0.028316846592 m³. */
export function cubicFoot(wattHoursPerCubicMetre: number): EnergyUnit {
  return unit(BigInt(wattHoursPerCubicMetre) * 10n ** 6n * 28_316_846_592n, 10n ** 12n);
}

/** The units of electric energy by their names, without regard to case. */
export function energyUnit(name: string): EnergyUnit | undefined {
  switch (name.toLowerCase()) {
    case "wh":
      return wattHour;
    case "kwh":
      return kilowattHour;
    case "mwh":
      return megawattHour;
    default:
      return undefined;
  }
}

/** Above this a value is not energy of a meter: 4 GWh, so that sums stay exact. */
const most = 4n * 10n ** 15n;

/** Why a text is not energy, or the energy. */
export type Energy =
  { readonly micro: number; readonly rounded: boolean } | { readonly bad: string };

/**
 * `text × 10^power` of a unit in µWh. What is finer than a µWh is rounded half up, and reported: it
 * comes from a conversion, or from binary floating point in the program that wrote the file.
 */
export function parseEnergy(text: string, unit: EnergyUnit, power = 0): Energy {
  const energy = parseSignedEnergy(text, unit, power);
  if ("bad" in energy || energy.micro >= 0) return energy;
  return { bad: `the energy ${text} is negative` };
}

/** The same for values that may be negative. */
export function parseSignedEnergy(
  text: string,
  { numerator, denominator }: EnergyUnit,
  power = 0,
): Energy {
  if (power === 0 && denominator === 1n) {
    const fast = fastEnergy(text, Number(numerator));
    if (fast !== undefined) return { micro: fast, rounded: false };
  }
  const value = parseDecimal(text);
  if (value === undefined) return { bad: `"${text.slice(0, 40)}" is not a number` };
  const negative = value.digits < 0n;
  let top = (negative ? -value.digits : value.digits) * numerator;
  let bottom = denominator;
  const places = power - value.scale;
  if (places >= 0) top *= 10n ** BigInt(places);
  else bottom *= 10n ** BigInt(-places);
  const micro = bottom === 1n ? top : (top + bottom / 2n) / bottom;
  if (micro > most) return { bad: `the energy ${text} is beyond any meter` };
  return { micro: negative ? -Number(micro) : Number(micro), rounded: micro * bottom !== top };
}

/** Plain decimals of few digits, which nearly all are, without big integers. */
function fastEnergy(text: string, perUnit: number): number | undefined {
  const { length } = text;
  if (length === 0 || length > 10) return undefined;
  let digits = 0;
  let scale = -1;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46 && scale < 0 && i > 0) scale = 0;
    else if (code < 48 || code > 57) return undefined;
    else {
      digits = digits * 10 + (code - 48);
      if (scale >= 0) scale += 1;
    }
  }
  const unit = perUnit / 10 ** Math.max(0, scale);
  const micro = digits * unit;
  return Number.isInteger(unit) && micro <= 4e15 ? micro : undefined;
}
