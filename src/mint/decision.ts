/**
 * What the mint decides about a deposit: to publish signatures for it, or not to. It decides once,
 * from what is final on the chain and from the wallet's request, and never again.
 */
import type { VaultDeposit } from "../chain/index.js";
import { decodeRequest, type ECashIssuer } from "../ecash/index.js";
import { isSipsterError } from "../errors/sipster-error.js";

/** Why a deposit gets no signatures. */
export type DeclineReason =
  /** Too little time is left before the deadline. */
  | "late"
  /** The mint does not sign under this mint key. */
  | "mint-key"
  /** The request has another mint key or another number of messages than the deposit. */
  | "other-request"
  /** A message is not a point, or of a denomination that the mint does not have. */
  | "bad-request"
  /** The deposit is not worth what the coins are. */
  | "amount"
  /** The same messages were signed for another deposit. */
  | "signed-before";

export type Decision =
  { readonly kind: "acknowledge" } | { readonly kind: "decline"; readonly reason: DeclineReason };

export interface DecisionInput {
  /** As it stands in a final block. */
  readonly deposit: VaultDeposit;
  /** The wallet's request for the messages under the deposit's root; `null` until it comes. */
  readonly request: Uint8Array | null;
  /** Of the deposit's mint key; `null` if the mint has none. */
  readonly issuer: ECashIssuer | null;
  /** Time of the latest block, Unix seconds. */
  readonly now: bigint;
  /** Seconds before the deadline in which nothing is sent any more. */
  readonly margin: bigint;
  /** Base units of the token for one unit of money. */
  readonly baseUnitsPerUnit: bigint;
}

/** Seconds left until the mint must not send signatures any more; negative after that. */
export function timeLeft(
  { acknowledgeBy }: Pick<VaultDeposit, "acknowledgeBy">,
  { now, margin }: Pick<DecisionInput, "now" | "margin">,
): bigint {
  return acknowledgeBy - margin - now;
}

/** `null`: nothing can be decided yet, because the request has not come. */
export function decide(input: DecisionInput): Decision | null {
  const { deposit, request, issuer } = input;
  if (timeLeft(deposit, input) < 0n) return declined("late");
  if (issuer === null) return declined("mint-key");
  if (request === null) return null;
  const { mintKeyId, messages } = decodeRequest(request);
  if (mintKeyId !== deposit.mintKeyId || messages.length !== deposit.count) {
    return declined("other-request");
  }
  let units: bigint;
  try {
    units = issuer.price(request);
  } catch (error) {
    if (isSipsterError(error)) return declined("bad-request");
    throw error;
  }
  // Exactly: a part of the price buys nothing, and what is too much could not be given back.
  return units * input.baseUnitsPerUnit === deposit.amount
    ? { kind: "acknowledge" }
    : declined("amount");
}

function declined(reason: DeclineReason): Decision {
  return { kind: "decline", reason };
}
