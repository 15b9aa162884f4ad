/**
 * What an answer of the counter is worth. Nothing is believed that is not proved: a receipt is a point
 * (and verified later, with others), "paid already" and "coin spent" come with the payment that says so.
 */
import type { Bn254 } from "../algebra/index.js";
import type { ECashWallet } from "../ecash/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import type { Answer } from "../exchange/index.js";

export type Judgement =
  /** A receipt came. `coinFree`: the token was paid with another coin, as was proved. */
  | { readonly kind: "receipt"; readonly receipt: Uint8Array; readonly coinFree: boolean }
  /** The coin was used for something else, with this payment: only this wallet's secret makes one. */
  | { readonly kind: "coin-spent"; readonly earlier: Uint8Array }
  /** The fresh coin's signature came, not checked yet. */
  | { readonly kind: "refreshed"; readonly signature: Uint8Array }
  /** A signed answer that is false or claims what it does not prove: evidence. */
  | { readonly kind: "lie"; readonly why: string }
  /** Refused, with the counter's reason: nothing happened. */
  | { readonly kind: "refused"; readonly code: string };

/** Judges the answer to the order with this payment. */
export function judgeAnswer(
  curve: Bn254,
  wallet: ECashWallet,
  payment: Uint8Array,
  answer: Answer,
): Judgement {
  switch (answer.kind) {
    case "sold":
      return receipt(curve, answer.receipt, false);
    case "already-paid":
      return wallet.provesPaid(answer.proof, payment)
        ? receipt(curve, answer.receipt, true)
        : lie("it says that the token is paid with another coin, and the proof does not hold");
    case "coin-spent":
      return wallet.provesDoubleSpend(answer.proof, payment)
        ? { kind: "coin-spent", earlier: answer.proof }
        : lie("it says that the coin is spent, and the proof does not hold");
    case "refreshed":
      return { kind: "refreshed", signature: answer.signature };
    case "refused":
      return { kind: "refused", code: answer.code };
    case "healthy":
      return lie("it answers an order as if it were a question for health");
  }
}

function receipt(curve: Bn254, bytes: Uint8Array, coinFree: boolean): Judgement {
  try {
    if (curve.g1.isIdentity(curve.g1.decode(bytes))) return lie("its receipt is the identity");
  } catch (error) {
    if (isSipsterError(error)) return lie("its receipt is not a point");
    throw error;
  }
  return { kind: "receipt", receipt: bytes, coinFree };
}

function lie(why: string): Judgement {
  return { kind: "lie", why };
}
