/**
 * Hybrid public key encryption, RFC 9180, base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, and
 * AES-128-GCM or ChaCha20-Poly1305. Names are those of the RFC. Curve and ciphers are OpenSSL's, by
 * Node: constant in time.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type CipherGCMTypes,
} from "node:crypto";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "../../algebra/index.js";
import {
  decapsulate,
  encapsulate,
  onionKeyPair,
  parseOnionKey,
  type OnionKeyPair,
} from "../onion/kem.js";

export const KEM_X25519 = 0x0020;
export const KDF_HKDF_SHA256 = 0x0001;

/** Nh of HKDF-SHA256, in bytes. */
const HASH_BYTES = 32;
const TAG_BYTES = 16;
const EMPTY = new Uint8Array();

export interface Aead {
  readonly id: number;
  readonly cipher: CipherGCMTypes | "chacha20-poly1305";
  /** Nk, in bytes. */
  readonly keyBytes: number;
  /** Nn, in bytes. */
  readonly nonceBytes: number;
}

export const AEADS: readonly Aead[] = [
  { id: 0x0001, cipher: "aes-128-gcm", keyBytes: 16, nonceBytes: 12 },
  { id: 0x0003, cipher: "chacha20-poly1305", keyBytes: 32, nonceBytes: 12 },
];

/** A receiver's key pair. */
export type HpkeKeyPair = OnionKeyPair;

/** A fresh key pair, or the one of a secret of 32 bytes. */
export const hpkeKeyPair: (secretKey?: Uint8Array) => HpkeKeyPair = onionKeyPair;

export function aeadSeal({
  aead: { cipher },
  key,
  nonce,
  aad = EMPTY,
  plaintext,
}: {
  readonly aead: Aead;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad?: Uint8Array;
  readonly plaintext: Uint8Array;
}): Uint8Array {
  const sealing = createCipheriv(cipher as CipherGCMTypes, createSecretKey(key), nonce, {
    authTagLength: TAG_BYTES,
  });
  sealing.setAAD(aad);
  return concatBytes(sealing.update(plaintext), sealing.final(), sealing.getAuthTag());
}

/** The plaintext; undefined unless the ciphertext is authentic. */
export function aeadOpen({
  aead: { cipher },
  key,
  nonce,
  aad = EMPTY,
  ciphertext,
}: {
  readonly aead: Aead;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad?: Uint8Array;
  readonly ciphertext: Uint8Array;
}): Uint8Array | undefined {
  if (ciphertext.length < TAG_BYTES) return undefined;
  const end = ciphertext.length - TAG_BYTES;
  const opening = createDecipheriv(cipher as CipherGCMTypes, createSecretKey(key), nonce, {
    authTagLength: TAG_BYTES,
  });
  opening.setAAD(aad);
  opening.setAuthTag(ciphertext.subarray(end));
  try {
    return concatBytes(opening.update(ciphertext.subarray(0, end)), opening.final());
  } catch {
    return undefined;
  }
}

/** HKDF-Extract of RFC 5869. */
export function extract(salt: Uint8Array, ikm: Uint8Array): Uint8Array {
  return hmac(salt, ikm);
}

/** HKDF-Expand of RFC 5869, at most 255 · 32 bytes. */
export function expand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const okm = new Uint8Array(length);
  let block: Uint8Array = EMPTY;
  for (let at = 0, i = 1; at < length; at += HASH_BYTES, i++) {
    block = hmac(prk, block, info, Uint8Array.of(i));
    okm.set(block.subarray(0, length - at), at);
  }
  return okm;
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  // Node takes four times as long to recognise a key that comes as bytes.
  const mac = createHmac("sha256", createSecretKey(key));
  for (const part of parts) mac.update(part);
  return mac.digest();
}

const VERSION_LABEL = utf8ToBytes("HPKE-v1");
const MODE_BASE = Uint8Array.of(0);

/** The labelled functions of RFC 9180, §4, for one suite. */
class Labelled {
  readonly #prefix: Uint8Array;

  constructor({ id }: Aead) {
    this.#prefix = concatBytes(
      VERSION_LABEL,
      utf8ToBytes("HPKE"),
      ...[KEM_X25519, KDF_HKDF_SHA256, id].map((n) => intToBytes(n, 2)),
    );
  }

  extract(salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
    return extract(salt, concatBytes(this.#prefix, utf8ToBytes(label), ikm));
  }

  expand({
    prk,
    label,
    info,
    length,
  }: {
    readonly prk: Uint8Array;
    readonly label: string;
    readonly info: Uint8Array;
    readonly length: number;
  }): Uint8Array {
    const labelled = concatBytes(intToBytes(length, 2), this.#prefix, utf8ToBytes(label), info);
    return expand(prk, labelled, length);
  }
}

const LABELLED = new Map(AEADS.map((aead) => [aead.id, new Labelled(aead)]));
/** LabeledExtract("", "psk_id_hash", ""): the base mode has no pre-shared key. */
const PSK_ID_HASHES = new Map(
  AEADS.map(({ id }) => [id, LABELLED.get(id)!.extract(EMPTY, "psk_id_hash", EMPTY)]),
);

/** What KeySchedule of RFC 9180, §5.1, derives. */
export interface Schedule {
  readonly aead: Aead;
  readonly key: Uint8Array;
  readonly baseNonce: Uint8Array;
  readonly exporterSecret: Uint8Array;
}

export function keySchedule(aead: Aead, sharedSecret: Uint8Array, info: Uint8Array): Schedule {
  const labelled = LABELLED.get(aead.id)!;
  const infoHash = labelled.extract(EMPTY, "info_hash", info);
  const context = concatBytes(MODE_BASE, PSK_ID_HASHES.get(aead.id)!, infoHash);
  const secret = labelled.extract(sharedSecret, "secret", EMPTY);
  return {
    aead,
    key: labelled.expand({ prk: secret, label: "key", info: context, length: aead.keyBytes }),
    baseNonce: labelled.expand({
      prk: secret,
      label: "base_nonce",
      info: context,
      length: aead.nonceBytes,
    }),
    exporterSecret: labelled.expand({
      prk: secret,
      label: "exp",
      info: context,
      length: HASH_BYTES,
    }),
  };
}

/** A context of RFC 9180, §5.2: messages of one sender to one receiver, in order. */
class Context {
  #sequence = 0;

  constructor(protected readonly schedule: Schedule) {}

  /** §5.3. @param length at most 255 · 32 bytes */
  export(context: Uint8Array, length: number): Uint8Array {
    const { aead, exporterSecret } = this.schedule;
    return LABELLED.get(aead.id)!.expand({
      prk: exporterSecret,
      label: "sec",
      info: context,
      length,
    });
  }

  /** base_nonce ⊕ sequence number, once each. */
  protected nextNonce(): Uint8Array {
    const { baseNonce } = this.schedule;
    const sequence = intToBytes(this.#sequence++, baseNonce.length);
    return sequence.map((byte, i) => byte ^ baseNonce[i]!);
  }
}

export class SenderContext extends Context {
  seal(aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const { aead, key } = this.schedule;
    return aeadSeal({ aead, key, nonce: this.nextNonce(), aad, plaintext });
  }
}

export class ReceiverContext extends Context {
  /** The plaintext; undefined unless the ciphertext is the sender's next message. */
  open(aad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
    const { aead, key } = this.schedule;
    return aeadOpen({ aead, key, nonce: this.nextNonce(), aad, ciphertext });
  }
}

/**
 * SetupBaseS. @param ephemeral serves this once; fresh when absent
 * @throws channel/bad-key if the receiver's key is of low order or not 32 bytes
 */
export function setupBaseSender({
  aead,
  receiver,
  info,
  ephemeral = onionKeyPair(),
}: {
  readonly aead: Aead;
  readonly receiver: Uint8Array;
  readonly info: Uint8Array;
  readonly ephemeral?: HpkeKeyPair | undefined;
}): { readonly enc: Uint8Array; readonly context: SenderContext } {
  const shared = encapsulate(parseOnionKey(receiver), ephemeral);
  const context = new SenderContext(keySchedule(aead, shared, info));
  return { enc: ephemeral.publicKey, context };
}

/** SetupBaseR; undefined if `enc` is of low order. @param enc 32 bytes */
export function setupBaseReceiver({
  aead,
  key,
  info,
  enc,
}: {
  readonly aead: Aead;
  readonly key: HpkeKeyPair;
  readonly info: Uint8Array;
  readonly enc: Uint8Array;
}): ReceiverContext | undefined {
  const shared = decapsulate(key, enc);
  return shared && new ReceiverContext(keySchedule(aead, shared, info));
}

/** The AEAD with this number, if it is known here. */
export function aeadNumbered(id: number): Aead | undefined {
  return AEADS.find((each) => each.id === id);
}
