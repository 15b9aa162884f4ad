/**
 * ECDSA signatures of many digests with one key, for a third of the time of one after the other: the multiples of
 * the generator come from tables, and all nonces share one inversion (Montgomery, *Speeding the Pollard and Elliptic
 * Curve Methods of Factorization*, Math. Comp. 48, 1987, §10.3.1). Nonces are those of RFC 6979, §3.2, so the
 * signatures are those of every other implementation, byte by byte.
 *
 * The pattern of group operations does not depend on a nonce; the addresses of table entries do, and integers are
 * JavaScript's. Nobody outside the machine sees when a signature is made: receipts leave at the deadline of their
 * round. Keys of receipts are registered for some intervals and anchor nothing. What signs statements is libsecp256k1.
 */
import { hmacSha256 } from "../channel/onion/index.js";
import { bytesToInt, intToBytes, randomScalar, SIGNATURE_BYTES } from "../algebra/index.js";
import { group, ORDER, publicKeysOf, SCALAR_BYTES } from "./curve.js";

/**
 * The signatures r ‖ s ‖ v of digests (32 bytes each), in their order.
 * @param secret in [1, order − 1].
 */
export function signDigests(digests: readonly Uint8Array[], secret: bigint): Uint8Array[] {
  const key = intToBytes(secret, SCALAR_BYTES);
  const hashes = digests.map((digest) => bytesToInt(digest) % ORDER);
  const nonces = hashes.map((hash) => nonceFor(key, intToBytes(hash, SCALAR_BYTES)));
  const inverses = invertAll(nonces);
  return publicKeysOf(nonces).map(({ encoded }, i) => {
    const r = bytesToInt(encoded.subarray(1)) % ORDER;
    const s = (inverses[i]! * ((hashes[i]! + r * secret) % ORDER)) % ORDER;
    // Of s and −s the lower one (EIP-2); −s belongs to −R, whose y has the other parity.
    const isHigh = s > ORDER / 2n;
    const signature = new Uint8Array(SIGNATURE_BYTES);
    signature.set(intToBytes(r, SCALAR_BYTES));
    signature.set(intToBytes(isHigh ? ORDER - s : s, SCALAR_BYTES), SCALAR_BYTES);
    // An x of R from the order on, or an s of zero, has probability 2⁻¹²⁷: as in every implementation.
    signature[2 * SCALAR_BYTES] = 27 + ((encoded[0]! & 1) ^ Number(isHigh));
    return signature;
  });
}

const ZERO = Uint8Array.of(0);
const ONE = Uint8Array.of(1);

/** RFC 6979, §3.2, with HMAC-SHA256: `key` and `hash` are 32 bytes, the hash reduced. */
function nonceFor(key: Uint8Array, hash: Uint8Array): bigint {
  let v: Uint8Array = new Uint8Array(32).fill(1);
  let k: Uint8Array = new Uint8Array(32);
  k = hmacSha256(k, v, ZERO, key, hash);
  v = hmacSha256(k, v);
  k = hmacSha256(k, v, ONE, key, hash);
  v = hmacSha256(k, v);
  for (;;) {
    v = hmacSha256(k, v);
    const nonce = bytesToInt(v);
    if (nonce > 0n && nonce < ORDER) return nonce;
    k = hmacSha256(k, v, ZERO);
    v = hmacSha256(k, v);
  }
}

/** The inverses modulo the order, by one inversion of their product, which a random factor blinds. */
function invertAll(values: readonly bigint[]): bigint[] {
  const blind = randomScalar(ORDER);
  const products: bigint[] = [];
  let product = blind;
  for (const value of values) {
    products.push(product);
    product = (product * value) % ORDER;
  }
  let inverse = group.invertScalar(product);
  const inverses: bigint[] = [];
  for (let i = values.length - 1; i >= 0; i--) {
    inverses[i] = (inverse * products[i]!) % ORDER;
    inverse = (inverse * values[i]!) % ORDER;
  }
  return inverses;
}
