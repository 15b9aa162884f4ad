/**
 * What an answer of the counter is worth. Nothing is believed that is not proved: a receipt is a point
 * (and verified later, with others), "paid already" and "coin spent" come with the payment that says so.
 */
import type { Bn254 } from "../algebra/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import type { Answer, Order } from "../exchange/index.js";
import { findBadReceipts, type Token } from "../sipster/index.js";
import type { ResidentSettings } from "./settings.js";

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

type Rules = Pick<ResidentSettings, "suite" | "wallet" | "keys">;

/** Judges the answer to an order. */
export function judgeAnswer(rules: Rules, { token, payment }: Order, answer: Answer): Judgement {
  const { wallet, suite } = rules;
  const { curve } = suite;
  switch (answer.kind) {
    case "sold":
      return receipt(curve, answer.receipt, false);
    case "already-paid":
      if (!wallet.provesPaid(answer.proof, payment)) {
        return lie("it says that the token is paid with another coin, and the proof does not hold");
      }
      // Verified at once: the coin is changed now, and can never be shown with this token again.
      return isReceipt(rules, suite.decode(token), answer.receipt)
        ? receipt(curve, answer.receipt, true)
        : lie(
            "it says that the token is paid with another coin, and its receipt is not the token's",
          );
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

/** Is this the receipt of the token, under the pinned key of its epoch? */
export function isReceipt(
  { suite, keys }: Pick<Rules, "suite" | "keys">,
  token: Token,
  bytes: Uint8Array,
): boolean {
  const { curve } = suite;
  try {
    const receipt = curve.g1.decode(bytes);
    const key = keys.find(({ keyEpoch }) => keyEpoch === token.keyEpoch);
    if (key === undefined) return false;
    return findBadReceipts(curve, key, [{ point: suite.point(token), receipt }]).length === 0;
  } catch (error) {
    if (isSipsterError(error)) return false;
    throw error;
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
