/** What a wallet asks its meter and what the meter answers, each with one encoding. */
import { codec as c, type ValueOf } from "../../algebra/index.js";
import { addressCodec } from "../../sipster/index.js";
import { meterErrors } from "../errors.js";

const hash = c.bytesOf(32);
const signature = c.bytesOf(64);
const period = c.uint(4);
const epoch = c.uint(4);
const millis = c.uint(6);
/** Tokens in one answer: what is left is asked for again. */
export const MOST_TOKENS = 256;
/** A tariff of half-hourly prices for a year is some hundred kilobytes. */
const tariffJson = c.bytesUpTo(4_000_000);

const REQUEST = c.variant({
  // Pairing, over the channel of the code.
  begin: {},
  share: {
    residentShare: c.bytesOf(32),
    /** Of a meter that takes the place of another. */
    firstNumbers: c.listOf(c.record({ denomination: c.uint(4), number: c.uint(6) }), 14),
  },
  paired: {},
  // Over the channel that pairing left.
  status: {},
  tokens: { period, after: c.uint(4) },
  bill: { period },
  keyNotice: { keyEpoch: epoch, firstPeriod: period, keyHash: hash, signature },
  tariffNotice: { tariff: hash, successor: hash, firstPeriod: period, signature, body: tariffJson },
  askTime: {},
  setClock: { nonce: hash, time: millis, signature, confirmation: c.bytesOf(32) },
  remove: { meter: addressCodec, signature },
  release: { confirmation: c.optional(c.bytesOf(32)) },
});

const ANSWER = c.variant({
  /** `commitment` of a meter that is not installed yet. */
  offer: { commitment: c.optional(hash), termsHash: hash, tariffs: c.listOf(hash, 4) },
  /** The meter's share of the view key, and the key of the channel from now on. */
  share: { meterShare: c.bytesOf(32), key: c.bytesOf(32), address: addressCodec },
  status: {
    address: addressCodec,
    termsHash: hash,
    clock: millis,
    clockLost: c.oneOf(false, true),
    removed: c.oneOf(false, true),
    open: period,
    closed: c.listOf(period, 13),
    epochs: c.listOf(c.record({ keyEpoch: epoch, firstPeriod: period }), 32),
    tariffs: c.listOf(c.record({ firstPeriod: period, hash }), 4),
  },
  /** In the encoding of the suite, with their numbers. `more`: ask again after these. */
  tokens: {
    tokens: c.listOf(c.record({ token: c.bytesUpTo(256), number: c.uint(6) }), MOST_TOKENS),
    more: c.oneOf(false, true),
  },
  bill: { period, keyEpoch: epoch, r: c.bytesOf(64), signature, blinding: c.bigUint(32) },
  nonce: { nonce: hash },
  done: {},
  refused: { code: c.textUpTo(64), message: c.textUpTo(2000) },
});

export type MeterRequest = ValueOf<typeof REQUEST>;
export type MeterAnswer = ValueOf<typeof ANSWER>;

export const encodeMeterRequest = (value: MeterRequest): Uint8Array => c.encode(REQUEST, value);
export const encodeMeterAnswer = (value: MeterAnswer): Uint8Array => c.encode(ANSWER, value);

/** @throws meter/bad-message */
export const decodeMeterRequest = (bytes: Uint8Array): MeterRequest =>
  c.decode(REQUEST, bytes, bad);
/** @throws meter/bad-message */
export const decodeMeterAnswer = (bytes: Uint8Array): MeterAnswer => c.decode(ANSWER, bytes, bad);

function bad(why: string): Error {
  return meterErrors.error("bad-message", `the message is not one of this protocol: ${why}`);
}
