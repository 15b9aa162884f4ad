/**
 * The bridge from aggregation to settlement: the total of all charged units of a period, decrypted
 * privately, must equal the value of the coins redeemed for it. If it is less, coins were redeemed
 * for nothing; if it is more, units were charged that nobody paid. No home's bill is learned.
 */
import { agreeGroup, openStream } from "./set-up.js";
import { splitIntoGroups, sumLabel } from "./neighbourhood.js";
import { aggregationErrors } from "./errors.js";
import { RECOMMENDED_GROUP } from "./parameters.js";

/** Charged units travel as one value a home and period: 2^40 minor units are beyond any bill. */
const MAX_UNITS = 1n << 40n;

export interface ChargesToReconcile {
  /** Name of the neighbourhood, for the set-up. */
  readonly neighbourhood: string;
  /** Number of the settlement period: the label. */
  readonly period: number;
  /** Units charged to each home in the period, from its own meter. */
  readonly units: ReadonlyMap<string, bigint>;
  /** Value of the coins redeemed for the period, in the same units, from the utility's books. */
  readonly redeemed: bigint;
  /** Most homes in a group; 200 unless given. */
  readonly groupSize?: number;
}

export interface Reconciliation {
  readonly period: number;
  readonly homes: number;
  /** Σ units, known without any single one. */
  readonly charged: bigint;
  readonly redeemed: bigint;
  /** redeemed − charged: 0 when the books are right. */
  readonly difference: bigint;
  readonly equal: boolean;
}

/**
 * Runs set-up, encryption and decryption with every role in this process.
 * @throws aggregation/group-too-small for fewer than two homes, value-out-of-range for units below
 *   0 or above 2^40, bad-terms for a negative redeemed value
 */
export async function reconcileCharges(charges: ChargesToReconcile): Promise<Reconciliation> {
  const { neighbourhood, period, units, redeemed } = charges;
  if (redeemed < 0n) {
    throw aggregationErrors.error("bad-terms", `the redeemed value ${redeemed} is negative`, {
      redeemed,
    });
  }
  const groups = splitIntoGroups([...units.keys()], charges.groupSize ?? RECOMMENDED_GROUP.most);
  let charged = 0n;
  for (const [g, members] of groups.entries()) {
    const group = `${neighbourhood}/charges/${g + 1}`;
    const agreed = await agreeGroup({ group, members, maxValue: MAX_UNITS });
    const stream = await openStream(agreed, { stream: "charged-units" });
    const own = new Map(members.map((m) => [m, units.get(m)!]));
    charged += (await sumLabel({ stream, label: BigInt(period), values: own })).sum;
  }
  return {
    period,
    homes: units.size,
    charged,
    redeemed,
    difference: redeemed - charged,
    equal: charged === redeemed,
  };
}
