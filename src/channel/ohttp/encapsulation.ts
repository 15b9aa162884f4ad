/**
 * Encapsulated requests and responses, RFC 9458, §4: a binary HTTP message in HPKE for the gateway,
 * and its answer under keys that the request's context exports.
 *
 *     request:  key identifier u8 ‖ KEM u16 ‖ KDF u16 ‖ AEAD u16 ‖ enc 32 ‖ ciphertext
 *     response: nonce max(Nn, Nk) ‖ ciphertext
 */
import { concatBytes, randomBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { ByteReader, intToBytes } from "../../algebra/index.js";
import { channelErrors } from "../errors.js";
import {
  aeadNumbered,
  aeadOpen,
  aeadSeal,
  expand,
  extract,
  KDF_HKDF_SHA256,
  KEM_X25519,
  setupBaseReceiver,
  setupBaseSender,
  type Aead,
  type HpkeKeyPair,
  type ReceiverContext,
  type SenderContext,
} from "./hpke.js";
import type { KeyConfig } from "./key-config.js";

export const REQUEST_TYPE = "message/ohttp-req";
export const RESPONSE_TYPE = "message/ohttp-res";

/** Bytes of the key identifier and the three algorithms. */
const HEADER_BYTES = 7;
const ENC_BYTES = 32;
const TAG_BYTES = 16;
/** What encapsulation adds to a request. */
export const REQUEST_OVERHEAD = HEADER_BYTES + ENC_BYTES + TAG_BYTES;

const REQUEST_LABEL = utf8ToBytes("message/bhttp request");
const RESPONSE_LABEL = utf8ToBytes("message/bhttp response");
const NO_AAD = new Uint8Array();

/** max(Nn, Nk). */
const nonceBytes = (aead: Aead): number => Math.max(aead.nonceBytes, aead.keyBytes);

/** What encapsulation adds to a response. */
export const responseOverhead = (aead: Aead): number => nonceBytes(aead) + TAG_BYTES;

/** One request and its answer. */
interface Exchange {
  readonly aead: Aead;
  readonly enc: Uint8Array;
  readonly context: SenderContext | ReceiverContext;
}

export interface Encapsulated {
  readonly request: Uint8Array;
  /** The plaintext of the response. @throws channel/not-opened */
  open(response: Uint8Array): Uint8Array;
}

/**
 * The client's side. @param ephemeral of this request alone; fresh when absent
 * @throws channel/bad-key
 */
export function encapsulateRequest(
  { keyId, publicKey, aeads }: KeyConfig,
  request: Uint8Array,
  ephemeral?: HpkeKeyPair,
): Encapsulated {
  const aead = aeads[0]!;
  const header = headerOf(keyId, aead);
  const { enc, context } = setupBaseSender({
    aead,
    receiver: publicKey,
    info: infoOf(header),
    ephemeral,
  });
  const encapsulated = concatBytes(header, enc, context.seal(NO_AAD, request));
  return {
    request: encapsulated,
    open: (response) => openResponse({ aead, enc, context }, response),
  };
}

/** A key of a gateway. */
export interface GatewayKey {
  readonly keyId: number;
  readonly pair: HpkeKeyPair;
}

export interface Decapsulated {
  readonly request: Uint8Array;
  /** Of the response that {@link respond} makes. */
  readonly aead: Aead;
  /** 32 bytes, fresh in every request of an honest client. */
  readonly enc: Uint8Array;
  /** The encapsulated response. @param nonce random when absent */
  respond(response: Uint8Array, nonce?: Uint8Array): Uint8Array;
}

/** The gateway's side. @throws channel/not-opened */
export function decapsulateRequest(
  keys: readonly GatewayKey[],
  encapsulated: Uint8Array,
): Decapsulated {
  const reader = new ByteReader(encapsulated, notOpened);
  const keyId = reader.number(1);
  const [kem, kdf, id] = [reader.number(2), reader.number(2), reader.number(2)];
  const key = keys.find((each) => each.keyId === keyId);
  if (key === undefined) throw notOpened(`the gateway has no key number ${keyId}`);
  const aead = kem === KEM_X25519 && kdf === KDF_HKDF_SHA256 ? aeadNumbered(id) : undefined;
  if (aead === undefined) throw notOpened(`KEM ${kem}, KDF ${kdf} and AEAD ${id} are not served`);
  const enc = reader.take(ENC_BYTES);
  const info = infoOf(headerOf(keyId, aead));
  const context = setupBaseReceiver({ aead, key: key.pair, info, enc });
  const request = context?.open(NO_AAD, reader.take(reader.left));
  if (context === undefined || request === undefined) {
    throw notOpened("it is not encapsulated to this gateway's key");
  }
  return {
    request,
    aead,
    enc,
    respond: (response, nonce) => sealResponse({ aead, enc, context }, response, nonce),
  };
}

function headerOf(keyId: number, { id }: Aead): Uint8Array {
  const algorithms = [KEM_X25519, KDF_HKDF_SHA256, id].map((n) => intToBytes(n, 2));
  return concatBytes(Uint8Array.of(keyId), ...algorithms);
}

function infoOf(header: Uint8Array): Uint8Array {
  return concatBytes(REQUEST_LABEL, Uint8Array.of(0), header);
}

/** The key and nonce of a response. */
function responseKeys({ aead, enc, context }: Exchange, nonce: Uint8Array) {
  const secret = context.export(RESPONSE_LABEL, nonceBytes(aead));
  const prk = extract(concatBytes(enc, nonce), secret);
  return {
    key: expand(prk, utf8ToBytes("key"), aead.keyBytes),
    aeadNonce: expand(prk, utf8ToBytes("nonce"), aead.nonceBytes),
  };
}

function sealResponse(
  exchange: Exchange,
  plaintext: Uint8Array,
  nonce: Uint8Array = randomBytes(nonceBytes(exchange.aead)),
): Uint8Array {
  const { key, aeadNonce } = responseKeys(exchange, nonce);
  return concatBytes(nonce, aeadSeal({ aead: exchange.aead, key, nonce: aeadNonce, plaintext }));
}

function openResponse(exchange: Exchange, response: Uint8Array): Uint8Array {
  const reader = new ByteReader(response, notOpened);
  const nonce = reader.take(nonceBytes(exchange.aead));
  const { key, aeadNonce } = responseKeys(exchange, nonce);
  const ciphertext = reader.take(reader.left);
  const plaintext = aeadOpen({ aead: exchange.aead, key, nonce: aeadNonce, ciphertext });
  if (plaintext === undefined) throw notOpened("it is not the gateway's answer to this request");
  return plaintext;
}

function notOpened(why: string): Error {
  return channelErrors.error("not-opened", `the encapsulated message does not open: ${why}`);
}
