/** A payment: the coin, shown to the payee, and the coin key's EIP-712 signature on what it pays for. */
import { concatBytes } from "@noble/hashes/utils.js";
import {
  ByteReader,
  eip712Digest,
  G1_BYTES,
  intToBytes,
  SIGNATURE_BYTES,
  toAddress,
} from "../../algebra/index.js";
import { PAYMENT_TYPE, type EcashSystem } from "../domains.js";
import type { Memo } from "../ecash.js";
import { ecashErrors } from "../errors.js";
import type { CoinName } from "./coin.js";

export interface Payment extends CoinName, Memo {
  readonly denomination: number;
  /** S, 64 bytes. */
  readonly coinSignature: Uint8Array;
  /** Unix seconds, u64. */
  readonly expiry: bigint;
  /** By the coin's key, 65 bytes. */
  readonly signature: Uint8Array;
}

/** The EIP-712 digest that the coin's key signs. */
export function paymentDigest(
  system: Pick<EcashSystem, "domain">,
  payment: Omit<Payment, "signature" | "coinSignature" | "denomination" | "ctr">,
): Uint8Array {
  return eip712Digest(system.domain, PAYMENT_TYPE, [
    intToBytes(payment.mintKeyId, 32),
    word(payment.address),
    payment.tokenHash,
    word(payment.payee),
    intToBytes(payment.keyEpoch, 32),
    intToBytes(payment.expiry, 32),
  ]);
}

/**
 * mintKeyId u32 ‖ denomination u32 ‖ coin address ‖ ctr u8 ‖ S ‖ token hash ‖ payee ‖ keyEpoch u32 ‖
 * expiry u64 ‖ signature: 222 bytes.
 */
export function encodePayment(payment: Payment): Uint8Array {
  return concatBytes(
    intToBytes(payment.mintKeyId, 4),
    intToBytes(payment.denomination, 4),
    payment.address,
    Uint8Array.of(payment.ctr),
    payment.coinSignature,
    payment.tokenHash,
    payment.payee,
    intToBytes(payment.keyEpoch, 4),
    intToBytes(payment.expiry, 8),
    payment.signature,
  );
}

/** @throws ecash/bad-payment */
export function decodePayment(bytes: Uint8Array): Payment {
  const reader = new ByteReader(bytes, (why) =>
    ecashErrors.error("bad-payment", `these bytes are not a payment: ${why}`),
  );
  const payment = {
    mintKeyId: reader.number(4),
    denomination: reader.number(4),
    address: toAddress(reader.take(20)),
    ctr: reader.number(1),
    coinSignature: reader.take(G1_BYTES),
    tokenHash: reader.take(32),
    payee: toAddress(reader.take(20)),
    keyEpoch: reader.number(4),
    expiry: reader.bigint(8),
    signature: reader.take(SIGNATURE_BYTES),
  };
  reader.end();
  return payment;
}

function word(address: Uint8Array): Uint8Array {
  const padded = new Uint8Array(32);
  padded.set(address, 12);
  return padded;
}
