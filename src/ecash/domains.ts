/** Domain separation of the e-cash: tags are ASCII text, right-padded with zeros to 32 bytes. */
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { eip712Type } from "../algebra/index.js";

function tag(text: string): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(utf8ToBytes(text));
  return bytes;
}

/** Coins to G1. */
export const COIN_TAG = tag("SIPSTER-V1-COIN-H1");
/** The secrets of coins from the wallet's seed and their numbers. */
export const COIN_SECRET_TAG = tag("SIPSTER-V1-COIN-SECRET");
/** The secrets of fresh coins from the wallet's seed and the old coins. */
export const REFRESH_SECRET_TAG = tag("SIPSTER-V1-REFRESH-SECRET");
/** What a refresh is a payment for: the blinded fresh coin. */
export const REFRESH_TAG = tag("SIPSTER-V1-REFRESH");
/** EIP-712 type of a payment. */
export const PAYMENT_TYPE = eip712Type(
  "Payment(uint32 mintKeyId,address coin,bytes32 tokenHash,address payee,uint32 keyEpoch,uint64 expiry)",
);

/** What coins and payments are bound to: see `settlementSystem` of the room `sipster`. */
export interface EcashSystem {
  /** 32 bytes. */
  readonly systemId: Uint8Array;
  /** The EIP-712 domain separator, 32 bytes. */
  readonly domain: Uint8Array;
}
