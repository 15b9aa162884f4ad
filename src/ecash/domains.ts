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
/** The secrets of coins from the seed of their withdrawal. */
export const COIN_SECRET_TAG = tag("SIPSTER-V1-COIN-SECRET");
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
