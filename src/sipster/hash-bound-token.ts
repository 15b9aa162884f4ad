/**
 * Tokens of the hash-bound suite: a token is the input of a hash to G1 and carries no point, so
 * nobody can express a chosen point (a victim's bill, say) as a token. The receipt is a BLS
 * signature on it. Algorithm `TokenGen` of Chow, Li, Zhao, Jin (ACSAC 2021, §4), with R̃ replaced
 * by H1(τ); docs/protocol.md says why.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { bytesToInt, digestToG1, intToBytes, type Bn254, type G1Point } from "../algebra/index.js";
import { TOKEN_TAG } from "./domains.js";
import { sipsterErrors } from "./errors.js";
import type { SystemId } from "./system.js";
import type { GeneratedToken, TokenHash } from "./generated-token.js";
import { deriveSeed, type Seed, type TokenIndex, type ViewKey } from "./view-key.js";

export interface HashBoundToken {
  readonly suite: "hash-bound";
  readonly keyEpoch: number;
  /** In units of money; at least 1. */
  readonly denomination: number;
  readonly seed: Seed;
  /** The counter for which the hash is a point of the curve. */
  readonly ctr: number;
}

/** keyEpoch u32 ‖ denomination u32 ‖ seed ‖ ctr u8. */
export const HASH_BOUND_TOKEN_BYTES = 41;

/** h = keccak256(tag ‖ systemId ‖ keyEpoch u32 ‖ denomination u32 ‖ seed ‖ ctr u8): also the token's identity. */
export function hashBoundTokenHash(systemId: SystemId, token: HashBoundToken): TokenHash {
  return keccak_256(concatBytes(TOKEN_TAG, systemId, encodeHashBound(token))) as TokenHash;
}

/** T = H1(τ). @throws sipster/token-not-a-point */
export function hashBoundTokenPoint(
  curve: Bn254,
  systemId: SystemId,
  token: HashBoundToken,
): G1Point {
  const point = digestToG1(curve, hashBoundTokenHash(systemId, token));
  if (point === null) {
    throw sipsterErrors.error(
      "token-not-a-point",
      `counter ${token.ctr} gives no point of the curve`,
      { ctr: token.ctr },
    );
  }
  return point;
}

export interface TokenSource {
  readonly curve: Bn254;
  readonly systemId: SystemId;
  readonly viewKey: ViewKey;
  readonly index: TokenIndex;
}

/** The token of one index: its seed, and the first counter that gives a point. */
export function generateHashBoundToken(source: TokenSource): GeneratedToken<HashBoundToken> {
  const { curve, systemId, viewKey, index } = source;
  const { keyEpoch, denomination } = index;
  const seed = deriveSeed(viewKey, systemId, index);
  const base = { suite: "hash-bound", keyEpoch, denomination, seed } as const;
  const input = concatBytes(TOKEN_TAG, systemId, encodeHashBound({ ...base, ctr: 0 }));
  // All 256 counters fail with probability 0.622²⁵⁶ < 2⁻¹⁷⁵.
  for (let ctr = 0; ctr < 256; ctr++) {
    input[input.length - 1] = ctr;
    const point = digestToG1(curve, keccak_256(input));
    if (point !== null) return { token: { ...base, ctr }, point, blinding: 0n };
  }
  throw sipsterErrors.error("token-not-a-point", `no counter gives a point for token ${index.n}`);
}

export function encodeHashBound(token: HashBoundToken): Uint8Array {
  return concatBytes(
    intToBytes(token.keyEpoch, 4),
    intToBytes(token.denomination, 4),
    token.seed,
    Uint8Array.of(token.ctr),
  );
}

/** @throws sipster/bad-token, sipster/bad-denomination */
export function decodeHashBound(bytes: Uint8Array): HashBoundToken {
  if (bytes.length !== HASH_BOUND_TOKEN_BYTES) {
    throw sipsterErrors.error(
      "bad-token",
      `a hash-bound token has ${HASH_BOUND_TOKEN_BYTES} bytes, not ${bytes.length}`,
    );
  }
  const denomination = Number(bytesToInt(bytes.subarray(4, 8)));
  if (denomination === 0) {
    throw sipsterErrors.error("bad-denomination", "the token's denomination is 0");
  }
  return {
    suite: "hash-bound",
    keyEpoch: Number(bytesToInt(bytes.subarray(0, 4))),
    denomination,
    seed: bytes.slice(8, 40) as Seed,
    ctr: bytes[40]!,
  };
}
