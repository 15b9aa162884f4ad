/**
 * Schnorr signatures (Schnorr, *Efficient Signature Generation by Smart Cards*, J. Cryptology 4,
 * 1991) over secp256k1, with the public key in the challenge:
 *
 *     R = k·G,  c = SHA-256(tag ‖ R ‖ pk ‖ message) mod n,  s = k + c·sk
 *
 * A signature is R ‖ s, 65 bytes. Keys here are sums of a long-lived key and a tweak that others
 * know; a challenge without pk would let a signature under one of them be turned into one under
 * another.
 */
import { concatBytes, randomBytes } from "@noble/hashes/utils.js";
import { hmacSha256, sha256 } from "../channel/onion/index.js";
import {
  bisect,
  bytesToInt,
  intToBytes,
  randomness,
  randomWeights,
  type Secp256k1Point,
} from "../algebra/index.js";
import {
  generatorTimes,
  group,
  ORDER,
  parsePoint,
  POINT_BYTES,
  publicKeyOf,
  publicKeysOf,
  SCALAR_BYTES,
  scalarFromHash,
} from "./curve.js";
import { TAGS } from "./tags.js";

export const SCHNORR_BYTES = POINT_BYTES + SCALAR_BYTES;
/** Of fresh randomness in a nonce. */
const FRESH_BYTES = 32;

/** What spares a verifier two square roots. Nothing depends on it: a wrong hint costs the square root. */
export interface SchnorrHints {
  /** The y coordinate of the public key, 32 bytes. */
  readonly keyY?: Uint8Array;
  /** The y coordinate of R, 32 bytes. */
  readonly commitmentY?: Uint8Array;
}

export interface SchnorrItem extends SchnorrHints {
  /** Encoded public key. */
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Signs with the secret key whose encoded public key is `key`. The nonce is derived from the key,
 * the message and fresh randomness, so neither a weak generator nor a repeated message gives it away.
 */
export function signSchnorr(secret: bigint, key: Uint8Array, message: Uint8Array): Uint8Array {
  const k = nonce({ secret, key, message, random: randomBytes(FRESH_BYTES) });
  return signatureOf({ secret, key, message, k, commitment: publicKeyOf(k) });
}

/** Signs each message with the secret key beside it, with public keys and hints, for less than one after the other. */
export function signSchnorrs(
  items: readonly { readonly secret: bigint; readonly message: Uint8Array }[],
): Required<SchnorrItem>[] {
  const keys = publicKeysOf(items.map(({ secret }) => secret));
  const fresh = randomness(FRESH_BYTES * items.length);
  const nonces = items.map(({ secret, message }, i) => {
    const random = fresh.subarray(FRESH_BYTES * i, FRESH_BYTES * (i + 1));
    return nonce({ secret, key: keys[i]!.encoded, message, random });
  });
  const commitments = publicKeysOf(nonces);
  return items.map(({ secret, message }, i) => {
    const { encoded: key, y: keyY } = keys[i]!;
    const { encoded: commitment, y: commitmentY } = commitments[i]!;
    const signature = signatureOf({ secret, key, message, k: nonces[i]!, commitment });
    return { key, keyY, message, signature, commitmentY };
  });
}

function nonce({
  secret,
  key,
  message,
  random,
}: {
  readonly secret: bigint;
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly random: Uint8Array;
}): bigint {
  const hash = hmacSha256(intToBytes(secret, SCALAR_BYTES), TAGS.nonce, random, key, message);
  return scalarFromHash(hash);
}

function signatureOf({
  secret,
  key,
  message,
  k,
  commitment,
}: {
  readonly secret: bigint;
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  readonly k: bigint;
  readonly commitment: Uint8Array;
}): Uint8Array {
  const s = (k + challenge(commitment, key, message) * secret) % ORDER;
  return concatBytes(commitment, intToBytes(s, SCALAR_BYTES));
}

/** Is the signature right? False for anything malformed. Public data: variable time. */
export function verifySchnorr(item: SchnorrItem): boolean {
  const parsed = parse(item);
  if (parsed === undefined) return false;
  const { R, key, s, c } = parsed;
  return group.equals(generatorTimes(s), group.add(R, group.mul(key, c)));
}

/**
 * The indices of the wrong signatures, none if all are right. All are checked in one multi-scalar
 * multiplication, Σδᵢsᵢ·G = Σδᵢ·Rᵢ + Σδᵢcᵢ·pkᵢ with random 128-bit weights (Bellare, Garay, Rabin,
 * *Fast Batch Verification for Modular Exponentiation and Digital Signatures*, EUROCRYPT 1998), and
 * by halving when that fails.
 */
export function wrongSignatures(items: readonly SchnorrItem[]): number[] {
  const parsed = items.map(parse);
  const malformed = [...parsed.keys()].filter((i) => parsed[i] === undefined);
  const rest = [...parsed.keys()].filter((i) => parsed[i] !== undefined);
  const wrong = bisect(rest, (part) => batchHolds(part.map((i) => parsed[i]!)));
  return [...malformed, ...wrong.map((at) => rest[at]!)].sort((a, b) => a - b);
}

interface Parsed {
  readonly R: Secp256k1Point;
  readonly key: Secp256k1Point;
  readonly s: bigint;
  readonly c: bigint;
}

function parse({ key, keyY, message, signature, commitmentY }: SchnorrItem): Parsed | undefined {
  if (signature.length !== SCHNORR_BYTES) return undefined;
  const commitment = signature.subarray(0, POINT_BYTES);
  const R = parsePoint(commitment, commitmentY);
  const point = parsePoint(key, keyY);
  const s = bytesToInt(signature.subarray(POINT_BYTES));
  if (R === undefined || point === undefined || s >= ORDER) return undefined;
  return { R, key: point, s, c: challenge(commitment, key, message) };
}

function batchHolds(items: readonly Parsed[]): boolean {
  const weights = items.length === 1 ? [1n] : randomWeights(items.length);
  const left = items.reduce((sum, { s }, i) => (sum + weights[i]! * s) % ORDER, 0n);
  const right = group.multiScalarMul(
    [...items.map(({ R }) => R), ...items.map(({ key }) => key)],
    [...weights, ...items.map(({ c }, i) => (weights[i]! * c) % ORDER)],
  );
  return group.equals(generatorTimes(left), right);
}

function challenge(commitment: Uint8Array, key: Uint8Array, message: Uint8Array): bigint {
  return scalarFromHash(sha256(TAGS.schnorr, commitment, key, message));
}
