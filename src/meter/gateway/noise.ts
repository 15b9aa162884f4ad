/**
 * The Noise Protocol Framework, revision 34 (Perrin 2018, noiseprotocol.org), pattern NNpsk0:
 *
 *     → psk, e
 *     ← e, ee
 *
 * as Noise_NNpsk0_25519_ChaChaPoly_SHA256. Both sides prove that they hold the pre-shared key, each
 * session has fresh keys, and what was sent stays secret when the key is lost later.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { meterErrors } from "../errors.js";

const NAME = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";
const KEY_BYTES = 32;
const TAG_BYTES = 16;
/** What a message may have before it is encrypted. */
export const MOST_PLAIN_BYTES = 65_535 - TAG_BYTES;
const EMPTY = new Uint8Array(0);

/** One direction of a session, or the cipher of a handshake. */
export class CipherState {
  #nonce = 0n;

  constructor(private readonly key: Uint8Array) {}

  encrypt(plain: Uint8Array, associated: Uint8Array = EMPTY): Uint8Array {
    const cipher = createCipheriv("chacha20-poly1305", this.key, this.#next(), {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(associated, { plaintextLength: plain.length });
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws meter/not-trusted if it was not encrypted with this key, as the next message */
  decrypt(sealed: Uint8Array, associated: Uint8Array = EMPTY): Uint8Array {
    if (sealed.length < TAG_BYTES) throw notTrusted("a message is too short");
    const body = sealed.subarray(0, -TAG_BYTES);
    const decipher = createDecipheriv("chacha20-poly1305", this.key, this.#next(), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associated, { plaintextLength: body.length });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(body), decipher.final()]);
    } catch (error) {
      throw notTrusted("a message was not encrypted with the shared key", error);
    }
  }

  /** 4 zero bytes and the counter, little-endian. */
  #next(): Uint8Array {
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64LE(this.#nonce++, 4);
    return nonce;
  }
}

export interface Session {
  readonly sending: CipherState;
  readonly receiving: CipherState;
}

/** One side of a handshake. `write` and `read` alternate, the initiator writes first; then `split`. */
export class Handshake {
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #cipher: CipherState | null = null;
  readonly #ephemeral: KeyObject;
  #remote: Uint8Array | null = null;
  #messages = 0;

  readonly role: "initiator" | "responder";
  private readonly psk: Uint8Array;

  constructor({
    role,
    psk,
    prologue,
    ephemeral,
  }: {
    readonly role: "initiator" | "responder";
    /** 32 bytes that both sides hold */
    readonly psk: Uint8Array;
    /** what both sides must agree on */
    readonly prologue: Uint8Array;
    /** 32 bytes, for tests with published vectors alone */
    readonly ephemeral?: Uint8Array;
  }) {
    this.role = role;
    this.psk = psk;

    this.#hash = sha256(Buffer.from(NAME, "ascii"));
    this.#chainingKey = this.#hash;
    this.#mixHash(prologue);
    this.#ephemeral =
      ephemeral === undefined ? generateKeyPairSync("x25519").privateKey : privateKey(ephemeral);
  }

  write(payload: Uint8Array = EMPTY): Uint8Array {
    if (this.#messages === 0) this.#mixKeyAndHash(this.psk);
    const own = publicBytes(this.#ephemeral);
    this.#mixHash(own);
    this.#mixKey(own);
    if (this.#messages === 1) this.#mixKey(this.#sharedSecret());
    this.#messages++;
    const sealed = this.#cipher!.encrypt(payload, this.#hash);
    this.#mixHash(sealed);
    return Buffer.concat([own, sealed]);
  }

  /** @throws meter/not-trusted if the other side does not hold the key, or differs in the prologue */
  read(message: Uint8Array): Uint8Array {
    if (message.length < KEY_BYTES + TAG_BYTES) throw notTrusted("a handshake is too short");
    if (this.#messages === 0) this.#mixKeyAndHash(this.psk);
    this.#remote = message.slice(0, KEY_BYTES);
    this.#mixHash(this.#remote);
    this.#mixKey(this.#remote);
    if (this.#messages === 1) this.#mixKey(this.#sharedSecret());
    this.#messages++;
    const sealed = message.subarray(KEY_BYTES);
    const payload = this.#cipher!.decrypt(sealed, this.#hash);
    this.#mixHash(sealed);
    return payload;
  }

  /** After both messages: the keys of the session. */
  split(): Session {
    const [first, second] = hkdf(this.#chainingKey, EMPTY, 2);
    const [a, b] = [new CipherState(first!), new CipherState(second!)];
    return this.role === "initiator" ? { sending: a, receiving: b } : { sending: b, receiving: a };
  }

  #sharedSecret(): Uint8Array {
    try {
      const remote = publicKey(this.#remote!);
      return diffieHellman({ privateKey: this.#ephemeral, publicKey: remote });
    } catch (error) {
      // OpenSSL refuses points of small order, whose secret is zero.
      throw notTrusted("the other side's key is not a usable point", error);
    }
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = sha256(this.#hash, data);
  }

  #mixKey(material: Uint8Array): void {
    const [chainingKey, key] = hkdf(this.#chainingKey, material, 2);
    this.#chainingKey = chainingKey!;
    this.#cipher = new CipherState(key!);
  }

  #mixKeyAndHash(material: Uint8Array): void {
    const [chainingKey, hashed, key] = hkdf(this.#chainingKey, material, 3);
    this.#chainingKey = chainingKey!;
    this.#mixHash(hashed!);
    this.#cipher = new CipherState(key!);
  }
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** RFC 5869 with the chaining key as salt and no info, which is what Noise defines. */
function hkdf(chainingKey: Uint8Array, material: Uint8Array, outputs: number): Uint8Array[] {
  const length = KEY_BYTES * outputs;
  const bytes = new Uint8Array(hkdfSync("sha256", material, chainingKey, EMPTY, length));
  return Array.from({ length: outputs }, (_, i) =>
    bytes.subarray(KEY_BYTES * i, KEY_BYTES * (i + 1)),
  );
}

/** The fixed beginnings of RFC 8410 keys, before their 32 bytes. */
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

function privateKey(bytes: Uint8Array): KeyObject {
  const key = Buffer.concat([PRIVATE_PREFIX, bytes]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

function publicKey(bytes: Uint8Array): KeyObject {
  const key = Buffer.concat([PUBLIC_PREFIX, bytes]);
  return createPublicKey({ key, format: "der", type: "spki" });
}

function publicBytes(key: KeyObject): Uint8Array {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return spki.subarray(-KEY_BYTES);
}

function notTrusted(why: string, cause?: unknown): Error {
  return meterErrors.errorFrom({ key: "not-trusted", message: why, cause });
}
