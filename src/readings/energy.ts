/** Energy from its text and unit to whole micro-watt-hours, the resolution of collection. */
import { parseDecimal } from "./decimal.js";

/** Powers of ten of a watt-hour. */
export const energyUnits = { wh: 0, kwh: 3, mwh: 6 } as const;

const microPlaces = 6;
/** Above this a value is no energy of an interval: 4 GWh, the limit of exact sums. */
const most = 4_000_000_000_000_000n;

/** Why a text is no energy, or the energy. */
export type Energy =
  { readonly micro: number; readonly rounded: boolean } | { readonly bad: string };

/**
 * `text × 10^power` watt-hours in µWh. Digits finer than a µWh are rounded half up, and reported:
 * they are artefacts of binary floating point in the program that wrote the file.
 */
export function parseEnergy(text: string, power: number): Energy {
  const value = parseDecimal(text);
  if (value === undefined) return { bad: `"${text.slice(0, 40)}" is not a number` };
  if (value.digits < 0n) return { bad: `the energy ${text} is negative` };
  const shift = microPlaces + power - value.scale;
  const rounded = shift < 0;
  let micro = value.digits;
  if (shift >= 0) {
    micro *= 10n ** BigInt(shift);
  } else {
    const unit = 10n ** BigInt(-shift);
    micro = (micro + unit / 2n) / unit;
  }
  if (micro > most) return { bad: `the energy ${text} is beyond any meter` };
  return { micro: Number(micro), rounded };
}
