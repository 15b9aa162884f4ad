/**
 * Key configurations of a gateway, RFC 9458, §3. Everybody uses the one of the public parameters: a
 * configuration of a home's own would mark its every request. So the wallet takes the first pair of
 * algorithms and does not choose.
 *
 *     key identifier u8 ‖ KEM u16 ‖ public key 32 ‖ length u16 ‖ (KDF u16 ‖ AEAD u16)…
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { ByteReader, intToBytes } from "../../algebra/index.js";
import { channelErrors } from "../errors.js";
import { aeadNumbered, KDF_HKDF_SHA256, KEM_X25519, type Aead } from "./hpke.js";

const KEY_BYTES = 32;

export interface KeyConfig {
  /** 0 to 255: names the key to its gateway. Relays choose the gateway by it. */
  readonly keyId: number;
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** With HKDF-SHA256; at least one, the first is used. */
  readonly aeads: readonly Aead[];
}

export function encodeKeyConfig({ keyId, publicKey, aeads }: KeyConfig): Uint8Array {
  const algorithms = aeads.map(({ id }) =>
    concatBytes(intToBytes(KDF_HKDF_SHA256, 2), intToBytes(id, 2)),
  );
  return concatBytes(
    Uint8Array.of(keyId),
    intToBytes(KEM_X25519, 2),
    publicKey,
    intToBytes(4 * algorithms.length, 2),
    ...algorithms,
  );
}

/**
 * One configuration. Pairs of algorithms that are not known here are left out, unless the first is.
 * @throws channel/bad-key-config
 */
export function parseKeyConfig(bytes: Uint8Array): KeyConfig {
  const reader = new ByteReader(bytes, badKeyConfig);
  const config = readKeyConfig(reader);
  reader.end();
  return config;
}

/** The media type application/ohttp-keys: each configuration behind its length u16. */
export function encodeKeyConfigs(configs: readonly KeyConfig[]): Uint8Array {
  return concatBytes(
    ...configs.flatMap((config) => {
      const bytes = encodeKeyConfig(config);
      return [intToBytes(bytes.length, 2), bytes];
    }),
  );
}

/** @throws channel/bad-key-config for the whole list if one of them is wrong (RFC 9458, §3.2) */
export function parseKeyConfigs(bytes: Uint8Array): readonly KeyConfig[] {
  const reader = new ByteReader(bytes, badKeyConfig);
  const configs: KeyConfig[] = [];
  while (reader.left > 0) configs.push(parseKeyConfig(reader.take(reader.number(2))));
  return configs;
}

function readKeyConfig(reader: ByteReader): KeyConfig {
  const keyId = reader.number(1);
  const kem = reader.number(2);
  if (kem !== KEM_X25519) throw badKeyConfig(`its KEM is ${kem} and not X25519 (${KEM_X25519})`);
  const publicKey = reader.take(KEY_BYTES);
  const length = reader.number(2);
  if (length === 0 || length % 4 !== 0) throw badKeyConfig(`its algorithms have ${length} bytes`);
  const aeads: Aead[] = [];
  for (let i = 0; i < length / 4; i++) {
    const [kdf, aead] = [reader.number(2), reader.number(2)];
    const known = kdf === KDF_HKDF_SHA256 ? aeadNumbered(aead) : undefined;
    if (known !== undefined) aeads.push(known);
    else if (i === 0) throw badKeyConfig(`its first algorithms are KDF ${kdf} and AEAD ${aead}`);
  }
  return { keyId, publicKey, aeads };
}

function badKeyConfig(why: string): Error {
  return channelErrors.error("bad-key-config", `the key configuration is refused: ${why}`);
}
