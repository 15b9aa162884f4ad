/** The wallet's end of the exchange, over anything that carries bytes. */
import type { Answer } from "./answer.js";
import { encodeRequest, requestHash, type Request } from "./request.js";
import { decodeAnswer, type AnswerVerifier } from "./signed-answer.js";

/**
 * Carries one request to the counter in a connection of its own, and brings its answer back:
 * `REQUEST_BYTES` there, `ANSWER_BYTES` back. It rejects if no answer came.
 */
export type Carrier = (request: Uint8Array) => Promise<Uint8Array>;

/** An answer, and the bytes that prove that the counter gave it. */
export interface SignedAnswer {
  readonly answer: Answer;
  /** As received: with the request, evidence of what the counter said. */
  readonly bytes: Uint8Array;
}

/** Asks the counter. @throws exchange/bad-answer, and what the carrier throws */
export async function ask(
  carrier: Carrier,
  counter: AnswerVerifier,
  request: Request,
): Promise<SignedAnswer> {
  const bytes = await carrier(encodeRequest(request));
  return { answer: decodeAnswer(counter, requestHash(request), bytes), bytes };
}
