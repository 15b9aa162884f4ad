/**
 * DHKEM(X25519, HKDF-SHA256) of RFC 9180, §4.1: the secret of a hop is bound to both keys; a key of low order
 * gives a zero secret and is refused.
 */
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { channelErrors } from "../errors.js";
import { hmacSha256 } from "./sha256.js";
import { KEY_BYTES, x25519, type OnionKeyPair, type OnionPublicKey } from "./x25519.js";

export { KEY_BYTES, type OnionKeyPair, type OnionPublicKey };

/** A fresh key pair, or the one of a secret of 32 bytes. */
export function onionKeyPair(secretKey?: Uint8Array): OnionKeyPair {
  return x25519.keyPair(secretKey);
}

/** @throws channel/bad-key unless 32 bytes */
export function parseOnionKey(encoded: Uint8Array): OnionPublicKey {
  if (encoded.length !== KEY_BYTES) {
    throw channelErrors.error("bad-key", `a key has ${KEY_BYTES} bytes, not ${encoded.length}`, {
      bytes: encoded.length,
    });
  }
  return x25519.publicKey(encoded);
}

/** Any pair does: a secret is a multiple of eight, and that of a point of low order is zero (RFC 7748, §6.1). */
const probe = onionKeyPair();

/** Is it a key whose secrets everybody knows? @throws channel/bad-key unless 32 bytes */
export function isLowOrder(encoded: Uint8Array): boolean {
  return probe.agree(parseOnionKey(encoded)) === undefined;
}

/** The secret for a key's holder, under an ephemeral key that serves this once. @throws channel/bad-key */
export function encapsulate(to: OnionPublicKey, ephemeral: OnionKeyPair): Uint8Array {
  const dh = ephemeral.agree(to);
  if (dh === undefined) throw channelErrors.error("bad-key", "the key is of low order");
  return extractAndExpand(dh, ephemeral.publicKey, to.encoded);
}

/** The same secret from the other side; undefined for an ephemeral key of low order. */
export function decapsulate(key: OnionKeyPair, ephemeral: Uint8Array): Uint8Array | undefined {
  const dh = key.agree({ encoded: ephemeral });
  return dh && extractAndExpand(dh, ephemeral, key.publicKey);
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
