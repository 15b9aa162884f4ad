/** Energy for people. */

/** Watt-hours as kWh with three decimals at most. */
export function kilowattHours(wattHours: bigint | number): string {
  const digits = BigInt(wattHours);
  const text = digits.toString().padStart(4, "0");
  return `${text.slice(0, -3)}.${text.slice(-3)}`.replace(/\.?0+$/, "");
}
