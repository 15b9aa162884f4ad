/**
 * The utility's notice to meters that a key epoch is the one for tokens from now on. A meter takes it
 * from whoever brings it: what it needs to know is that the utility said so, for this system.
 */
import { eip712Digest, eip712Type, intToBytes, type Ecdsa } from "../algebra/index.js";
import { KEY_NOTICE_TYPE } from "./domains.js";
import { recoverSigner, signDigest } from "./signature.js";
import type { HexAddress, SettlementSystem } from "./system.js";

export interface KeyNotice {
  /** u32. */
  readonly keyEpoch: number;
  /** By the utility's notice key, 64 bytes as in EIP-2098. */
  readonly signature: Uint8Array;
}

const TYPE = eip712Type(KEY_NOTICE_TYPE);

function digestOf(system: SettlementSystem, keyEpoch: number): Uint8Array {
  return eip712Digest(system.domain, TYPE, [intToBytes(keyEpoch, 32)]);
}

/** `noticeKey`: 32 bytes, of a key that signs nothing else. */
export function signKeyNotice(
  system: SettlementSystem,
  keyEpoch: number,
  noticeKey: Uint8Array,
): KeyNotice {
  return { keyEpoch, signature: signDigest(digestOf(system, keyEpoch), noticeKey) };
}

/** Who signed the notice, for this system. @throws sipster/bad-signature */
export function recoverNoticeSigner(
  system: SettlementSystem,
  { keyEpoch, signature }: KeyNotice,
  ecdsa?: Ecdsa,
): HexAddress {
  return recoverSigner(digestOf(system, keyEpoch), signature, ecdsa);
}
