/**
 * X25519 (RFC 7748) in constant time: by OpenSSL through node:crypto, or by libsodium. A node opens thousands of
 * packets a round, each with a key that serves once; node:crypto takes 25 µs to make an object of each beside the
 * 32 µs of the agreement itself.
 */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { hexToBytes } from "@noble/hashes/utils.js";
import { sodium, type Sodium } from "./sodium.js";

export const KEY_BYTES = 32;

/** Someone else's public key, ready for many agreements. */
export interface OnionPublicKey {
  /** 32 bytes. */
  readonly encoded: Uint8Array;
}

/** A key pair whose secret stays inside. */
export interface OnionKeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The point that both sides have, 32 bytes; undefined when it is zero (RFC 7748, §6.1). */
  agree(other: OnionPublicKey): Uint8Array | undefined;
}

export interface X25519 {
  readonly name: string;
  /** A fresh key pair, or the one of a secret of 32 bytes. */
  keyPair(secretKey?: Uint8Array): OnionKeyPair;
  /** Of 32 bytes, for many agreements. */
  publicKey(encoded: Uint8Array): OnionPublicKey;
}

/** DER header of a secret key by RFC 8410, after which the raw 32 bytes follow. */
const SECRET_HEADER = hexToBytes("302e020100300506032b656e04220420");

/** A public key by RFC 8037: OpenSSL's decoder of DER takes as long as half an agreement, that of this does not. */
interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "X25519";
  /** Base64url. */
  readonly x: string;
}

class OpenSslPublicKey implements OnionPublicKey {
  readonly object: KeyObject;

  constructor(readonly encoded: Uint8Array) {
    const { buffer, byteOffset, length } = encoded;
    const x = Buffer.from(buffer, byteOffset, length).toString("base64url");
    const key: PublicJwk = { kty: "OKP", crv: "X25519", x };
    this.object = createPublicKey({ key: { ...key }, format: "jwk" });
  }
}

class OpenSslKeyPair implements OnionKeyPair {
  readonly publicKey: Uint8Array;
  readonly #secret: KeyObject;

  constructor(secret: KeyObject, publicKey: KeyObject) {
    const { x } = publicKey.export({ format: "jwk" }) as PublicJwk;
    this.publicKey = Uint8Array.from(Buffer.from(x, "base64url"));
    this.#secret = secret;
  }

  agree(other: OnionPublicKey): Uint8Array | undefined {
    const { object } =
      other instanceof OpenSslPublicKey ? other : new OpenSslPublicKey(other.encoded);
    try {
      return nonZero(diffieHellman({ privateKey: this.#secret, publicKey: object }));
    } catch {
      // OpenSSL refuses to derive a zero secret.
      return undefined;
    }
  }
}

export const opensslX25519: X25519 = {
  name: "OpenSSL",
  keyPair: (secretKey) => {
    if (secretKey === undefined) {
      const { publicKey, privateKey } = generateKeyPairSync("x25519");
      return new OpenSslKeyPair(privateKey, publicKey);
    }
    const key = Buffer.concat([SECRET_HEADER, secretKey]);
    const secret = createPrivateKey({ key, format: "der", type: "pkcs8" });
    key.fill(0);
    return new OpenSslKeyPair(secret, createPublicKey(secret));
  },
  publicKey: (encoded) => new OpenSslPublicKey(encoded),
};

class SodiumKeyPair implements OnionKeyPair {
  readonly publicKey = new Uint8Array(KEY_BYTES);
  readonly #secret: Uint8Array;

  constructor(
    private readonly library: Sodium,
    secret: Uint8Array,
  ) {
    this.#secret = secret;
    library.crypto_scalarmult_base(this.publicKey, secret);
  }

  agree({ encoded }: OnionPublicKey): Uint8Array | undefined {
    const point = new Uint8Array(KEY_BYTES);
    try {
      this.library.crypto_scalarmult(point, this.#secret, encoded);
    } catch {
      // libsodium refuses to give a zero point.
      return undefined;
    }
    return nonZero(point);
  }
}

export function sodiumX25519(library: Sodium): X25519 {
  return {
    name: "libsodium",
    keyPair: (secretKey) => {
      const secret = new Uint8Array(KEY_BYTES);
      if (secretKey === undefined) library.randombytes_buf(secret);
      else secret.set(secretKey);
      return new SodiumKeyPair(library, secret);
    },
    publicKey: (encoded) => ({ encoded }),
  };
}

function nonZero(point: Uint8Array): Uint8Array | undefined {
  return point.every((byte) => byte === 0) ? undefined : point;
}

/** The fastest that is installed. */
export const x25519: X25519 = sodium === undefined ? opensslX25519 : sodiumX25519(sodium);
