/**
 * Messages with everything blotted out that may differ between homes: the token's seed, the coin, and
 * their signatures. What else differs is a mark of a home's own.
 */
import { decodePayment, encodePayment } from "../../src/ecash/blind-bls/payment.js";
import { toAddress } from "../../src/algebra/index.js";
import {
  decodeAnswer,
  decodeRequest,
  encodeRequest,
  type Answer,
  type Request,
} from "../../src/exchange/index.js";
import { addressOf } from "../../src/sipster/index.js";
import { ANSWER_KEY } from "./exchange.js";
import { system } from "./settlement.js";
import { hex, type SeenMessage } from "./utility-view.js";

const zeros = (length: number): Uint8Array => new Uint8Array(length);

/** Of a hash-bound token: key epoch and denomination stay. */
function maskToken(token: Uint8Array): Uint8Array {
  const masked = zeros(token.length);
  masked.set(token.subarray(0, 8));
  return masked;
}

/** Mint key, denomination, payee, key epoch and expiry stay. */
function maskPayment(bytes: Uint8Array): Uint8Array {
  return encodePayment({
    ...decodePayment(bytes),
    address: toAddress(zeros(20)),
    ctr: 0,
    coinSignature: zeros(64),
    tokenHash: zeros(32),
    signature: zeros(65),
  });
}

function maskRequest(request: Request): Request {
  switch (request.kind) {
    case "health":
      return request;
    case "buy": {
      const { token, payment } = request.order;
      return { kind: "buy", order: { token: maskToken(token), payment: maskPayment(payment) } };
    }
    case "refresh":
      return {
        kind: "refresh",
        message: { ...request.message, message: zeros(64) },
        payment: maskPayment(request.payment),
      };
  }
}

function maskAnswer(answer: Answer): Answer {
  if (answer.kind === "sold") return { ...answer, receipt: zeros(64) };
  if (answer.kind === "refreshed") return { ...answer, signature: zeros(64) };
  return answer;
}

/** Request and answer with the marks that they may have blotted out; everything else is kept. */
export function masked({ request: bytes, answer: answered }: SeenMessage): string {
  const { request, hash } = decodeRequest(bytes);
  const verifier = { systemId: system.systemId, answerKey: addressOf(ANSWER_KEY) };
  const answer = maskAnswer(decodeAnswer(verifier, hash, answered));
  const plain = JSON.stringify(answer, (_, value: unknown) =>
    value instanceof Uint8Array ? hex(value) : value,
  );
  return `${hex(encodeRequest(maskRequest(request)))} ${answered.length} ${plain}`;
}
