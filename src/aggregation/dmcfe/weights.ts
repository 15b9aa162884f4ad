/**
 * Functions ⟨x, y⟩ that members are willing to help decrypt, and those they are not. A weight vector
 * of small support gives single values away; so does a full one like (1, B, B, …, B), whose result
 * modulo B is the first value. Both end when each weight is shared by several members: then the
 * result is a function of sums over that many homes.
 */
import { sha3_256 } from "@noble/hashes/sha3.js";
import { intToBytes } from "../../algebra/index.js";
import { aggregationErrors } from "../errors.js";
import { defaultQuorum } from "../roster.js";
import { tagged, tags } from "../tags.js";

/** yᵢ for each member by index; 0 leaves a member out. */
export type Weights = readonly bigint[];

export interface FunctionPolicy {
  /** Least number of members with a weight other than 0. */
  readonly leastSupport: number;
  /** Each weight other than 0 belongs to at least this many members; 1 admits any weights. */
  readonly leastAlike: number;
  /** Functions for which one key gives shares. */
  readonly mostFunctions: number;
}

/** More than half of the members, five alike (all, in a smaller group), one function a key. */
export function defaultPolicy(size: number): FunctionPolicy {
  return { leastSupport: defaultQuorum(size), leastAlike: Math.min(5, size), mostFunctions: 1 };
}

/** Absolute values of weights stay below 2^64. */
const WEIGHT_LIMIT = 1n << 64n;

/** @throws aggregation/bad-weights, weights-refused */
export function checkWeights(weights: Weights, size: number, policy: FunctionPolicy): void {
  if (weights.length !== size || weights.some((w) => w <= -WEIGHT_LIMIT || w >= WEIGHT_LIMIT)) {
    throw aggregationErrors.error(
      "bad-weights",
      `${weights.length} weights were given for ${size} members, or one is not below 2^64`,
      { weights: weights.length, size },
    );
  }
  const alike = new Map<bigint, number>();
  for (const w of weights) if (w !== 0n) alike.set(w, (alike.get(w) ?? 0) + 1);
  const support = weights.filter((w) => w !== 0n).length;
  if (support < Math.max(2, policy.leastSupport)) {
    throw aggregationErrors.error(
      "weights-refused",
      `only ${support} of ${size} members have a weight, ${policy.leastSupport} are asked for`,
      { support, leastSupport: policy.leastSupport },
    );
  }
  for (const [weight, members] of alike) {
    if (members < policy.leastAlike) {
      throw aggregationErrors.error(
        "weights-refused",
        `the weight ${weight} belongs to ${members} members, ${policy.leastAlike} are asked for`,
        { weight, members, leastAlike: policy.leastAlike },
      );
    }
  }
}

/** 32 bytes that stand for a function. */
export function weightsDigest(weights: Weights): Uint8Array {
  const encoded = weights.map((w) => intToBytes(w + WEIGHT_LIMIT, 9));
  return sha3_256(tagged(tags.dmcfeWeights, intToBytes(weights.length, 4), ...encoded));
}

/** The least and greatest ⟨x, y⟩ for 0 ≤ xᵢ ≤ maxValue. */
export function resultRange(weights: Weights, maxValue: bigint): { lo: bigint; hi: bigint } {
  let [lo, hi] = [0n, 0n];
  for (const w of weights) {
    if (w < 0n) lo += w * maxValue;
    else hi += w * maxValue;
  }
  return { lo, hi };
}
