/** Phrases that several explanations share. */

const DEFECTS = [
  "has nothing wrong with it",
  "is the identity",
  "has a coordinate that is not below the field prime",
  "is not on the curve",
  "is on the curve but not in the subgroup of prime order",
] as const;

/** What the enum `BN254.Defect` says of a point: a predicate. */
export function defect(value: bigint): string {
  return DEFECTS[Number(value)] ?? `has defect number ${value}`;
}

/** Unix seconds as a date and time in UTC. */
export function time(seconds: bigint): string {
  const ms = Number(seconds) * 1000;
  return Number.isFinite(ms) && ms <= 8.64e15
    ? new Date(ms).toISOString().replace(".000", "")
    : `Unix second ${seconds}`;
}

/** The last period of a meter that is registered without an end. */
export function lastPeriod(period: bigint): string {
  return period === 0xffffffffn ? "no end" : `${period}`;
}

/** The periods of a key epoch: a predicate. */
export function epochRange(first: bigint, end: bigint): string {
  const last = end > 0xffffffffn ? "" : ` and ends before ${end}`;
  return `begins with period ${first}${last}`;
}
