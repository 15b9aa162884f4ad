/** Further signatures of a coin's owner on one and the same payment: ECDSA has many for each message. */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { decodeOwnCoin } from "../../src/ecash/blind-bls/coin.js";
import { decodePayment, encodePayment, paymentDigest } from "../../src/ecash/blind-bls/payment.js";
import { system } from "./settlement.js";

/** The payment with another signature by the same coin. @param number of the signature */
export function signedAgain(coin: Uint8Array, payment: Uint8Array, number: number): Uint8Array {
  const parsed = decodePayment(payment);
  const options = {
    prehash: false,
    lowS: true,
    format: "recovered",
    extraEntropy: new Uint8Array(32).fill(number),
  } as const;
  const { secretKey } = decodeOwnCoin(coin);
  const [recovery, ...compact] = secp256k1.sign(paymentDigest(system, parsed), secretKey, options);
  const signature = Uint8Array.from([...compact, 27 + recovery!]);
  return encodePayment({ ...parsed, signature });
}
