/**
 * The notice that a key epoch begins with a period. The notice signer of the deployment signs it, the
 * settlement contract verifies it when the key is registered and emits it, and a meter takes it from
 * anyone who brings it: what counts is that the notice signer said so for this system.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { eip712Digest, eip712Type, intToBytes, type Bn254, type Ecdsa } from "../algebra/index.js";
import { KEY_NOTICE_TYPE } from "./domains.js";
import type { UtilityPublicKey } from "./keys.js";
import { recoverSigner, signDigest } from "./signature.js";
import type { HexAddress, SettlementSystem } from "./system.js";

declare const brand: unique symbol;

/** keccak256 of a public key, see {@link keyHashOf}: 32 bytes. */
export type KeyHash = Uint8Array & { readonly [brand]: "KeyHash" };

/** What is signed. */
export interface KeyAnnouncement {
  /** u32, from 1. */
  readonly keyEpoch: number;
  /** First period whose tokens and bills are under this epoch, YYYYMM; 0 for the first epoch. */
  readonly firstPeriod: number;
  readonly keyHash: KeyHash;
}

export interface KeyNotice extends KeyAnnouncement {
  /** By the notice signer, 64 bytes as in EIP-2098. */
  readonly signature: Uint8Array;
}

const TYPE = eip712Type(KEY_NOTICE_TYPE);

/** keccak256(abi.encode(A1, A2)): 64 bytes of A1 and 128 of A2 in the encodings of EIP-196 and EIP-197. */
export function keyHashOf(curve: Bn254, key: Pick<UtilityPublicKey, "a1" | "a2">): KeyHash {
  return keccak_256(concatBytes(curve.g1.encode(key.a1), curve.g2.encode(key.a2))) as KeyHash;
}

/** The EIP-712 digest that the notice signer signs. */
export function keyNoticeDigest(
  system: SettlementSystem,
  { keyEpoch, firstPeriod, keyHash }: KeyAnnouncement,
): Uint8Array {
  return eip712Digest(system.domain, TYPE, [
    intToBytes(keyEpoch, 32),
    intToBytes(firstPeriod, 32),
    keyHash,
  ]);
}

/** `noticeKey`: 32 bytes, of a key that signs nothing else. */
export function signKeyNotice(
  system: SettlementSystem,
  announcement: KeyAnnouncement,
  noticeKey: Uint8Array,
): KeyNotice {
  const signature = signDigest(keyNoticeDigest(system, announcement), noticeKey);
  const { keyEpoch, firstPeriod, keyHash } = announcement;
  return { keyEpoch, firstPeriod, keyHash, signature };
}

/** Who signed the notice, for this system. @throws sipster/bad-signature */
export function recoverNoticeSigner(
  system: SettlementSystem,
  notice: KeyNotice,
  ecdsa?: Ecdsa,
): HexAddress {
  return recoverSigner(keyNoticeDigest(system, notice), notice.signature, ecdsa);
}
