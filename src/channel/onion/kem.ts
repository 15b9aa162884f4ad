/**
 * DHKEM(X25519, HKDF-SHA256) of RFC 9180, §4.1: the secret of a hop is bound to both keys. Curve
 * arithmetic by OpenSSL, which is constant-time; a key of low order gives a zero secret and is refused.
 */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { channelErrors } from "../errors.js";
import { hmacSha256 } from "./sha256.js";

export const KEY_BYTES = 32;

/** DER header of a secret key by RFC 8410, after which the raw 32 bytes follow. */
const SECRET_HEADER = hexToBytes("302e020100300506032b656e04220420");

/** A public key by RFC 8037: OpenSSL's decoder of DER takes as long as half an agreement, that of this does not. */
interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "X25519";
  /** Base64url. */
  readonly x: string;
}

/** A key pair whose secret stays inside its object. */
export interface OnionKeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly secret: KeyObject;
}

/** Someone else's public key, ready for many agreements. */
export interface OnionPublicKey {
  readonly encoded: Uint8Array;
  readonly object: KeyObject;
}

/** A fresh key pair, or the one of a secret of 32 bytes. */
export function onionKeyPair(secretKey?: Uint8Array): OnionKeyPair {
  if (secretKey === undefined) {
    const { publicKey, privateKey } = generateKeyPairSync("x25519");
    return { secret: privateKey, publicKey: rawKey(publicKey) };
  }
  const key = Buffer.concat([SECRET_HEADER, secretKey]);
  const secret = createPrivateKey({ key, format: "der", type: "pkcs8" });
  key.fill(0);
  return { secret, publicKey: rawKey(createPublicKey(secret)) };
}

function rawKey(publicKey: KeyObject): Uint8Array {
  const { x } = publicKey.export({ format: "jwk" }) as PublicJwk;
  return Uint8Array.from(Buffer.from(x, "base64url"));
}

/** @throws channel/bad-key unless 32 bytes */
export function parseOnionKey(encoded: Uint8Array): OnionPublicKey {
  if (encoded.length !== KEY_BYTES) {
    throw channelErrors.error("bad-key", `a key has ${KEY_BYTES} bytes, not ${encoded.length}`, {
      bytes: encoded.length,
    });
  }
  return { encoded, object: publicObject(encoded) };
}

/** The secret for a key's holder, under an ephemeral key that serves this once. @throws channel/bad-key */
export function encapsulate(to: OnionPublicKey, ephemeral: OnionKeyPair): Uint8Array {
  const dh = agree(ephemeral.secret, to.object);
  if (dh === undefined) throw channelErrors.error("bad-key", "the key is of low order");
  return extractAndExpand(dh, ephemeral.publicKey, to.encoded);
}

/** The same secret from the other side; undefined for an ephemeral key of low order. */
export function decapsulate(key: OnionKeyPair, ephemeral: Uint8Array): Uint8Array | undefined {
  const dh = agree(key.secret, publicObject(ephemeral));
  return dh && extractAndExpand(dh, ephemeral, key.publicKey);
}

function publicObject(encoded: Uint8Array): KeyObject {
  const { buffer, byteOffset, length } = encoded;
  const x = Buffer.from(buffer, byteOffset, length).toString("base64url");
  const key: PublicJwk = { kty: "OKP", crv: "X25519", x };
  return createPublicKey({ key: { ...key }, format: "jwk" });
}

/** Undefined when the result is zero (RFC 7748, §6.1). */
function agree(privateKey: KeyObject, publicKey: KeyObject): Uint8Array | undefined {
  let dh: Uint8Array;
  try {
    dh = diffieHellman({ privateKey, publicKey });
  } catch {
    // OpenSSL refuses to derive a zero secret.
    return undefined;
  }
  return dh.every((byte) => byte === 0) ? undefined : dh;
}

/** suite_id = "KEM" ‖ I2OSP(0x0020, 2). */
const SUITE = concatBytes(utf8ToBytes("KEM"), Uint8Array.of(0x00, 0x20));
const VERSION_LABEL = utf8ToBytes("HPKE-v1");
const EXTRACT_PREFIX = concatBytes(VERSION_LABEL, SUITE, utf8ToBytes("eae_prk"));
const EXPAND_PREFIX = concatBytes(
  Uint8Array.of(0, 32),
  VERSION_LABEL,
  SUITE,
  utf8ToBytes("shared_secret"),
);
/** As long as a hash, RFC 5869 says of a salt that is not given. */
const EMPTY_SALT = new Uint8Array(32);
const LAST = Uint8Array.of(1);

/** ExtractAndExpand(dh, enc ‖ pkR), 32 bytes. */
function extractAndExpand(dh: Uint8Array, enc: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const prk = hmacSha256(EMPTY_SALT, EXTRACT_PREFIX, dh);
  return hmacSha256(prk, EXPAND_PREFIX, enc, publicKey, LAST);
}
