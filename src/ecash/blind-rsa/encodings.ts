/** How requests, withdrawals under way, coins and payments of the second e-cash are laid out as bytes. */
import { concatBytes } from "@noble/hashes/utils.js";
import {
  ByteReader,
  intToBytes,
  SIGNATURE_BYTES,
  toAddress,
  type Address,
} from "../../algebra/index.js";
import type { Memo, RefreshMessage } from "../ecash.js";
import { ecashErrors } from "../errors.js";
import { MODULUS_BYTES } from "./rsabssa.js";

export const SEED_BYTES = 32;

/** A coin under way: enough to make its blinding again. */
export interface Wanted {
  readonly denomination: number;
  readonly number: number;
  readonly attempt: number;
  /** What all secrets of the coin derive from, with the seed. */
  readonly source: Uint8Array;
}

export interface RsaPayment extends Memo {
  readonly mintKeyId: number;
  readonly denomination: number;
  readonly address: Address;
  readonly authenticator: Uint8Array;
  readonly expiry: bigint;
  readonly signature: Uint8Array;
}

export type Message = Pick<RefreshMessage, "denomination" | "message">;

/** mintKeyId u32 ‖ (denomination u32 ‖ blinded message)…. */
export function encodeMessages(mintKeyId: number, messages: readonly Message[]): Uint8Array {
  const parts = messages.flatMap((m) => [intToBytes(m.denomination, 4), m.message]);
  return concatBytes(intToBytes(mintKeyId, 4), ...parts);
}

export function decodeMessages(bytes: Uint8Array): { mintKeyId: number; messages: Message[] } {
  const reader = new ByteReader(bytes, (why) =>
    ecashErrors.error("bad-request", `no request: ${why}`),
  );
  const mintKeyId = reader.number(4);
  const messages: Message[] = [];
  while (reader.left >= 4 + MODULUS_BYTES) {
    messages.push({ denomination: reader.number(4), message: reader.take(MODULUS_BYTES) });
  }
  reader.end();
  return { mintKeyId, messages };
}

export interface RsaState {
  readonly mintKeyId: number;
  readonly seed: Uint8Array;
  readonly coins: readonly Wanted[];
}

export function encodeState({ mintKeyId, seed, coins }: RsaState): Uint8Array {
  const parts = coins.flatMap(({ denomination, number, attempt, source }) => [
    intToBytes(denomination, 4),
    intToBytes(number, 8),
    intToBytes(attempt, 4),
    intToBytes(source.length, 2),
    source,
  ]);
  return concatBytes(intToBytes(mintKeyId, 4), seed, ...parts);
}

export function decodeState(bytes: Uint8Array): RsaState {
  const reader = coinReader(bytes);
  const mintKeyId = reader.number(4);
  const seed = reader.take(SEED_BYTES);
  const coins: Wanted[] = [];
  while (reader.left > 0) {
    const denomination = reader.number(4);
    const number = Number(reader.bigint(8));
    const attempt = reader.number(4);
    coins.push({ denomination, number, attempt, source: reader.take(reader.number(2)) });
  }
  return { mintKeyId, seed, coins };
}

export interface RsaCoin {
  readonly mintKeyId: number;
  readonly denomination: number;
  readonly number: number;
  readonly secretKey: Uint8Array;
  readonly authenticator: Uint8Array;
}

export function encodeCoin(coin: RsaCoin): Uint8Array {
  const { mintKeyId, denomination, number, secretKey, authenticator } = coin;
  const head = [intToBytes(mintKeyId, 4), intToBytes(denomination, 4), intToBytes(number, 8)];
  return concatBytes(...head, secretKey, authenticator);
}

export function decodeCoin(bytes: Uint8Array): RsaCoin {
  const reader = coinReader(bytes);
  const coin = {
    mintKeyId: reader.number(4),
    denomination: reader.number(4),
    number: Number(reader.bigint(8)),
    secretKey: reader.take(32),
    authenticator: reader.take(MODULUS_BYTES),
  };
  reader.end();
  return coin;
}

function coinReader(bytes: Uint8Array): ByteReader {
  return new ByteReader(bytes, (why) =>
    ecashErrors.error("bad-coin", `these bytes are not a coin or a withdrawal under way: ${why}`),
  );
}

/** 413 bytes. */
export function encodePayment(payment: RsaPayment): Uint8Array {
  return concatBytes(
    intToBytes(payment.mintKeyId, 4),
    intToBytes(payment.denomination, 4),
    payment.address,
    payment.authenticator,
    payment.tokenHash,
    payment.payee,
    intToBytes(payment.keyEpoch, 4),
    intToBytes(payment.expiry, 8),
    payment.signature,
  );
}

export function decodePayment(bytes: Uint8Array): RsaPayment {
  const reader = new ByteReader(bytes, (why) =>
    ecashErrors.error("bad-payment", `these bytes are not a payment: ${why}`),
  );
  const payment = {
    mintKeyId: reader.number(4),
    denomination: reader.number(4),
    address: toAddress(reader.take(20)),
    authenticator: reader.take(MODULUS_BYTES),
    tokenHash: reader.take(32),
    payee: toAddress(reader.take(20)),
    keyEpoch: reader.number(4),
    expiry: reader.bigint(8),
    signature: reader.take(SIGNATURE_BYTES),
  };
  reader.end();
  return payment;
}
