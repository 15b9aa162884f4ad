/**
 * What the counter answers. Each answer is signed over the request that it answers, so a false one is
 * evidence. A statement against the wallet ("paid already", "coin spent") comes with the payment that
 * proves it; without a proof that holds it is worth nothing, and the order is sent again as it is.
 */
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { G1_BYTES } from "../algebra/index.js";
import { exchangeErrors } from "./errors.js";
import { MessageReader, sized, VERSION } from "./message.js";

export type Answer = Healthy | Sold | AlreadyPaid | CoinSpent | Refreshed | Refused;

/** To a dummy. */
export interface Healthy {
  readonly kind: "healthy";
}

/** The coin of this payment is bound to this token, now or from before. */
export interface Sold {
  readonly kind: "sold";
  /** S, 64 bytes. */
  readonly receipt: Uint8Array;
}

/** The token was paid with another coin; the coin of this request was not taken. */
export interface AlreadyPaid {
  readonly kind: "already-paid";
  readonly receipt: Uint8Array;
  /** The payment with which the token was paid. */
  readonly proof: Uint8Array;
}

/** The coin was used for something else; nothing was charged or sold. */
export interface CoinSpent {
  readonly kind: "coin-spent";
  /** The earlier payment with the same coin. */
  readonly proof: Uint8Array;
}

/** The coin is spent, and this makes the fresh one. */
export interface Refreshed {
  readonly kind: "refreshed";
  /** The mint's answer to the message of the request. */
  readonly signature: Uint8Array;
}

/** Nothing was charged or sold. */
export interface Refused {
  readonly kind: "refused";
  /** Identifier of the error, as in docs/errors.md. */
  readonly code: string;
  readonly message: string;
}

const KINDS = {
  healthy: 0,
  sold: 1,
  "already-paid": 2,
  "coin-spent": 3,
  refreshed: 4,
  refused: 5,
} as const;

/** Most bytes of the text of a refusal. */
const MAX_TEXT_BYTES = 400;

/**
 * version u8 ‖ kind u8 ‖ fields, without padding: as it is signed, and as an answer is posted.
 *
 *     sold:         S
 *     already-paid: S ‖ proof length u16 ‖ proof
 *     coin-spent:   proof length u16 ‖ proof
 *     refreshed:    signature length u16 ‖ signature
 *     refused:      code length u16 ‖ code ‖ message length u16 ‖ message
 */
export function answerContent(answer: Answer): Uint8Array {
  const head = Uint8Array.of(VERSION, KINDS[answer.kind]);
  switch (answer.kind) {
    case "healthy":
      return head;
    case "sold":
      return concatBytes(head, answer.receipt);
    case "already-paid":
      return concatBytes(head, answer.receipt, sized(answer.proof));
    case "coin-spent":
      return concatBytes(head, sized(answer.proof));
    case "refreshed":
      return concatBytes(head, sized(answer.signature));
    case "refused":
      return concatBytes(head, sized(text(answer.code)), sized(text(answer.message)));
  }
}

/** An answer from its content. @throws exchange/bad-answer */
export function parseAnswerContent(content: Uint8Array): Answer {
  const reader = new MessageReader(content, badAnswer);
  const answer = readAnswer(reader);
  reader.end();
  return answer;
}

export function readAnswer(reader: MessageReader): Answer {
  reader.version();
  const kind = reader.number(1);
  switch (kind) {
    case KINDS.healthy:
      return { kind: "healthy" };
    case KINDS.sold:
      return { kind: "sold", receipt: reader.take(G1_BYTES) };
    case KINDS["already-paid"]: {
      const receipt = reader.take(G1_BYTES);
      return { kind: "already-paid", receipt, proof: reader.payment() };
    }
    case KINDS["coin-spent"]:
      return { kind: "coin-spent", proof: reader.payment() };
    case KINDS.refreshed:
      return { kind: "refreshed", signature: reader.sized() };
    case KINDS.refused:
      return { kind: "refused", code: readText(reader), message: readText(reader) };
    default:
      throw badAnswer(`it is of the unknown kind ${kind}`);
  }
}

export function badAnswer(why: string, cause?: unknown) {
  return exchangeErrors.errorFrom({
    key: "bad-answer",
    message: `the answer is not taken: ${why}`,
    cause,
  });
}

function readText(reader: MessageReader): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(reader.sized());
  } catch (error) {
    throw badAnswer("its text is not UTF-8", error);
  }
}

/** Cut to what an answer has room for, between characters. */
function text(value: string): Uint8Array {
  let cut = value;
  while (utf8ToBytes(cut).length > MAX_TEXT_BYTES) cut = cut.slice(0, -1);
  return utf8ToBytes(cut);
}
