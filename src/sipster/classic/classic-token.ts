/**
 * Tokens of the classic suite, as in the paper (Chow, Li, Zhao, Jin, ACSAC 2021, §4): a point
 * R̃ᵢ = Rᵢ + rᵢ·P1 signed with a token key that all meters share. Kept for comparison: the party that
 * learns that key can have any point receipted, a victim's whole bill among them.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import {
  bytesToInt,
  G1_BYTES,
  GROUP_ORDER,
  intToBytes,
  type Bn254,
  type G1Point,
} from "../../algebra/index.js";
import { CLASSIC_SECRET_TAG, CLASSIC_TOKEN_TAG } from "../domains.js";
import { sipsterErrors } from "../errors.js";
import { recoverSigner, signDigest } from "../signature.js";
import type { HexAddress, SystemId } from "../system.js";
import type { GeneratedToken, TokenHash } from "../generated-token.js";
import type { ViewKey } from "../view-key.js";

export interface ClassicToken {
  readonly suite: "classic";
  readonly keyEpoch: number;
  /** Every classic token is worth one unit: the denomination is nowhere in the signed point. */
  readonly denomination: 1;
  /** R̃, 64 bytes as in EIP-196. */
  readonly blinded: Uint8Array;
  /** By the shared token key, 64 bytes as in EIP-2098. */
  readonly signature: Uint8Array;
}

/** keyEpoch u32 ‖ R̃ ‖ signature. */
export const CLASSIC_TOKEN_BYTES = 4 + G1_BYTES + 64;

/** What the token key signs: keccak256(tag ‖ systemId ‖ keyEpoch u32 ‖ R̃). */
export function classicTokenHash(
  systemId: SystemId,
  token: Pick<ClassicToken, "keyEpoch" | "blinded">,
): TokenHash {
  return keccak_256(
    concatBytes(CLASSIC_TOKEN_TAG, systemId, intToBytes(token.keyEpoch, 4), token.blinded),
  ) as TokenHash;
}

/**
 * R̃ of a token whose signature is that of `tokenKey` (an address).
 * @throws sipster/token-signature-invalid, sipster/bad-signature, algebra/* if R̃ is not a point
 */
export function classicTokenPoint({
  curve,
  systemId,
  token,
  tokenKey,
}: {
  readonly curve: Bn254;
  readonly systemId: SystemId;
  readonly token: ClassicToken;
  readonly tokenKey: HexAddress;
}): G1Point {
  const signer = recoverSigner(classicTokenHash(systemId, token), token.signature);
  if (signer !== tokenKey) {
    throw sipsterErrors.error(
      "token-signature-invalid",
      `the token is signed by ${signer} and not by the token key ${tokenKey}`,
    );
  }
  return curve.g1.decode(token.blinded);
}

/** `TokenGen` of the paper for one index, with Rᵢ = uᵢ·P1 and rᵢ derived from the view key. */
export function generateClassicToken({
  curve,
  systemId,
  viewKey,
  tokenKeySecret,
  keyEpoch,
  index,
}: {
  readonly curve: Bn254;
  readonly systemId: SystemId;
  readonly viewKey: ViewKey;
  readonly tokenKeySecret: Uint8Array;
  readonly keyEpoch: number;
  readonly index: bigint;
}): GeneratedToken<ClassicToken> {
  const { point, blinding } = classicBlindedPoint(curve, { systemId, viewKey, keyEpoch, n: index });
  const unsigned = { keyEpoch, blinded: curve.g1.encode(point) };
  const signature = signDigest(classicTokenHash(systemId, unsigned), tokenKeySecret);
  const token: ClassicToken = { suite: "classic", denomination: 1, ...unsigned, signature };
  return { token, point, blinding };
}

/** R̃ = (u + r)·P1 of the n-th token, and r; both derive from the view key. */
export function classicBlindedPoint(
  curve: Bn254,
  { systemId, viewKey, keyEpoch, n }: ClassicIndex,
): { readonly point: G1Point; readonly blinding: bigint } {
  const place = concatBytes(systemId, intToBytes(keyEpoch, 4), intToBytes(n, 8));
  const scalar = (part: number): bigint => {
    const message = concatBytes(CLASSIC_SECRET_TAG, place, Uint8Array.of(part));
    return bytesToInt(hmac(sha512, viewKey, message)) % GROUP_ORDER;
  };
  const blinding = scalar(1);
  const secret = (scalar(0) + blinding) % GROUP_ORDER;
  return { point: curve.g1.mulSecret(curve.g1.generator, secret), blinding };
}

interface ClassicIndex {
  readonly systemId: SystemId;
  readonly viewKey: ViewKey;
  readonly keyEpoch: number;
  readonly n: bigint;
}

export function encodeClassic(token: ClassicToken): Uint8Array {
  return concatBytes(intToBytes(token.keyEpoch, 4), token.blinded, token.signature);
}

/** @throws sipster/bad-token */
export function decodeClassic(bytes: Uint8Array): ClassicToken {
  if (bytes.length !== CLASSIC_TOKEN_BYTES) {
    throw sipsterErrors.error(
      "bad-token",
      `a classic token has ${CLASSIC_TOKEN_BYTES} bytes, not ${bytes.length}`,
    );
  }
  return {
    suite: "classic",
    keyEpoch: Number(bytesToInt(bytes.subarray(0, 4))),
    denomination: 1,
    blinded: bytes.slice(4, 4 + G1_BYTES),
    signature: bytes.slice(4 + G1_BYTES),
  };
}
