/**
 * Private stream aggregation (Ernst and Koch, PoPETs 2021, section 4) as pure functions: no state,
 * no check that a label is fresh. `Member` and `Aggregator` are what a program uses.
 *
 * Each of N members encrypts mᵢ as cᵢ = F(kᵢ, label) + N·mᵢ + 1 mod p. Then
 * Σcᵢ − F(Σkᵢ, label) = N·Σmᵢ + N − ε with 0 ≤ ε < N, regardless of the keys: rounded up to a multiple
 * of N it is N·(Σmᵢ + 1), from which Σmᵢ follows exactly.
 */
import { bytesToInt, intToBytes } from "../algebra/index.js";
import { aggregationErrors } from "./errors.js";
import { CIPHERTEXT_BYTES, P } from "./parameters.js";
import { prf, type PrfKey } from "./prf.js";

/** What a group has agreed on before any of its members encrypts. */
export interface GroupBounds {
  /** N: members of the group. */
  readonly size: number;
  /** Greatest value a member may send; the least is 0. */
  readonly maxValue: bigint;
}

/**
 * Can every sum be decoded? Requires two members and N·(N·maxValue) + N < p.
 * @throws aggregation/group-too-small, range-too-large
 */
export function checkBounds({ size, maxValue }: GroupBounds): void {
  if (!Number.isInteger(size) || size < 2) {
    throw aggregationErrors.error(
      "group-too-small",
      `a group of ${size} hides nobody: its sum is a single value`,
      { size },
    );
  }
  const n = BigInt(size);
  if (maxValue < 1n || n * (n * maxValue) + n >= P) {
    throw aggregationErrors.error(
      "range-too-large",
      `values of up to ${maxValue} from ${size} members do not fit the modulus 2^85`,
      { size, maxValue, greatest: (P - 1n - n) / (n * n) },
    );
  }
}

/** @throws aggregation/value-out-of-range */
export function checkValue(value: bigint, maxValue: bigint): void {
  if (value < 0n || value > maxValue) {
    throw aggregationErrors.error(
      "value-out-of-range",
      `the value ${value} is not between 0 and ${maxValue}`,
      { value, maxValue },
    );
  }
}

/**
 * cᵢ = F(key, label) + N·value + 1 mod p. **A key never serves one label twice**: the difference of
 * two such ciphertexts shows the difference of the values.
 * @throws aggregation/value-out-of-range, label-out-of-range
 */
export function encrypt({
  bounds,
  key,
  context,
  label,
  value,
}: {
  readonly bounds: GroupBounds;
  readonly key: PrfKey;
  readonly context: Uint8Array;
  readonly label: bigint;
  readonly value: bigint;
}): bigint {
  return encryptWith(bounds, prf(key, context, label), value);
}

/** The same with F(key, label) at hand. @throws aggregation/value-out-of-range */
export function encryptWith(bounds: GroupBounds, pad: bigint, value: bigint): bigint {
  checkValue(value, bounds.maxValue);
  return (pad + BigInt(bounds.size) * value + 1n) % P;
}

/**
 * Σmᵢ from the sum of all N ciphertexts of one label and the sum of the keys.
 * @throws aggregation/sum-inconsistent when no values within bounds give this sum
 */
export function decrypt({
  bounds,
  keySum,
  context,
  label,
  ciphertextSum,
}: {
  readonly bounds: GroupBounds;
  readonly keySum: PrfKey;
  readonly context: Uint8Array;
  readonly label: bigint;
  readonly ciphertextSum: bigint;
}): bigint {
  const n = BigInt(bounds.size);
  const padded = (((ciphertextSum - prf(keySum, context, label)) % P) + P) % P;
  // padded = n·Σm + n − ε: round up to the next multiple of n, then take off the n.
  const sum = (padded + n - 1n) / n - 1n;
  return plausible({ sum, maxValue: bounds.maxValue, members: bounds.size, label });
}

/**
 * Σmᵢ of those present, from the sum of their ciphertexts and the exact sum of their F(kᵢ, label),
 * which a repair gives. Here nothing is rounded: the difference is N·Σmᵢ + present.
 * @throws aggregation/sum-inconsistent
 */
export function decryptRepaired({
  bounds,
  prfSum,
  label,
  ciphertextSum,
  present,
}: {
  readonly bounds: GroupBounds;
  readonly prfSum: bigint;
  readonly label: bigint;
  readonly ciphertextSum: bigint;
  readonly present: number;
}): bigint {
  const n = BigInt(bounds.size);
  const exact = (((ciphertextSum - prfSum - BigInt(present)) % P) + P) % P;
  if (exact % n !== 0n) throw inconsistent(label);
  return plausible({ sum: exact / n, maxValue: bounds.maxValue, members: present, label });
}

/** Ciphertexts under other keys or labels decode to noise, and nearly all of the range is out of bounds. */
function plausible({
  sum,
  maxValue,
  members,
  label,
}: {
  readonly sum: bigint;
  readonly maxValue: bigint;
  readonly members: number;
  readonly label: bigint;
}): bigint {
  if (sum < 0n || sum > maxValue * BigInt(members)) throw inconsistent(label);
  return sum;
}

function inconsistent(label: bigint): Error {
  return aggregationErrors.error(
    "sum-inconsistent",
    `the ciphertexts of label ${label} do not decode to a sum within bounds`,
    { label },
  );
}

/** The 11 bytes that travel. */
export function encodeCiphertext(ciphertext: bigint): Uint8Array {
  return intToBytes(ciphertext, CIPHERTEXT_BYTES);
}

/** @throws aggregation/bad-length, bad-ciphertext */
export function decodeCiphertext(bytes: Uint8Array): bigint {
  if (bytes.length !== CIPHERTEXT_BYTES) {
    throw aggregationErrors.error(
      "bad-length",
      `a ciphertext has ${CIPHERTEXT_BYTES} bytes, this has ${bytes.length}`,
      { expected: CIPHERTEXT_BYTES, got: bytes.length },
    );
  }
  const value = bytesToInt(bytes);
  if (value >= P) {
    throw aggregationErrors.error("bad-ciphertext", "the ciphertext is not below 2^85");
  }
  return value;
}
