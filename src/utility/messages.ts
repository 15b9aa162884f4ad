/**
 * Order and answer as bytes, for any transport: one token and its payment to the utility, one answer
 * back. Neither names a home, a meter or an account. Status numbers are those of HTTP, so that a
 * transport over HTTP can show them as they are.
 */
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { ByteReader, G1_BYTES, intToBytes } from "../algebra/index.js";
import { ecashErrors } from "../ecash/index.js";
import { ExitCode, isSipsterError, type SipsterError } from "../errors/sipster-error.js";
import { utilityErrors } from "./errors.js";
import type { ReceiptOrder, ReceiptSeller, Sold } from "./receipt-seller.js";

/** Carries one request and brings its answer. */
export type Transport = (request: Uint8Array) => Promise<Uint8Array>;

/** Done. */
const OK = 200;
/** What was sent is no token or payment, or of no epoch or denomination that is sold. */
const BAD_REQUEST = 400;
/** Not paid, or not with a good coin. */
const PAYMENT_REQUIRED = 402;
/** The coin is bound to another token. */
const CONFLICT = 409;
/** The payment has expired. */
const GONE = 410;
/** Try again. */
const UNAVAILABLE = 503;

/** The utility's end: answers requests from a seller. Never throws: what is wrong is in the answer. */
export function answerWith(seller: ReceiptSeller): Transport {
  return async (request) => {
    try {
      return encodeSold(await seller.sell(decodeOrder(request)));
    } catch (error) {
      return encodeRefusal(error);
    }
  };
}

/** The resident's end: a seller behind a transport. */
export function sellerBehind(transport: Transport): ReceiptSeller {
  return { sell: async (order) => decodeAnswer(await transport(encodeOrder(order))) };
}

/** token length u16 ‖ token ‖ payment. */
function encodeOrder({ token, payment }: ReceiptOrder): Uint8Array {
  return concatBytes(intToBytes(token.length, 2), token, payment);
}

function decodeOrder(bytes: Uint8Array): ReceiptOrder {
  const reader = new ByteReader(bytes, (why) => notUnderstood(`the order is cut off: ${why}`));
  const token = reader.take(reader.number(2));
  return { token, payment: reader.take(reader.left) };
}

/** 200 ‖ coinTaken u8 ‖ S. */
function encodeSold({ receipt, coinTaken }: Sold): Uint8Array {
  return concatBytes(intToBytes(OK, 2), Uint8Array.of(coinTaken ? 1 : 0), receipt);
}

/** Status u16 ‖ the earlier payment (409), or `code` NUL `message` in UTF-8. */
function encodeRefusal(error: unknown): Uint8Array {
  if (!isSipsterError(error)) {
    // A defect: nothing of it is told to a stranger.
    return refusal(UNAVAILABLE, "utility/busy", "the order could not be served");
  }
  if (error.code === "utility/coin-already-bound") {
    return concatBytes(intToBytes(CONFLICT, 2), hexToBytes(String(error.details.earlier)));
  }
  return refusal(statusOf(error), error.code, error.message);
}

function refusal(status: number, code: string, message: string): Uint8Array {
  return concatBytes(intToBytes(status, 2), utf8ToBytes(`${code}\0${message}`));
}

function statusOf(error: SipsterError): number {
  if (error.code === "ecash/expired") return GONE;
  if (error.code === "utility/payment-required") return PAYMENT_REQUIRED;
  if (error.exitCode === ExitCode.TryAgain || error.exitCode === ExitCode.Unavailable) {
    return UNAVAILABLE;
  }
  return error.code.startsWith("ecash/") ? PAYMENT_REQUIRED : BAD_REQUEST;
}

/** @throws utility/coin-already-bound, ecash/expired, utility/payment-required,
 *  utility/busy, utility/refused, utility/bad-message */
function decodeAnswer(bytes: Uint8Array): Sold {
  const reader = new ByteReader(bytes, (why) => notUnderstood(`the answer is cut off: ${why}`));
  const status = reader.number(2);
  if (status === OK) {
    const coinTaken = reader.number(1) === 1;
    const receipt = reader.take(G1_BYTES);
    reader.end();
    return { receipt, coinTaken };
  }
  const rest = reader.take(reader.left);
  if (status === CONFLICT) {
    throw utilityErrors.error("coin-already-bound", "the coin was paid for another token before", {
      earlier: bytesToHex(rest),
    });
  }
  const [code = "", message = ""] = new TextDecoder().decode(rest).split("\0");
  const details = { status, code };
  if (code === "utility/payment-required") {
    throw utilityErrors.error("payment-required", message, details);
  }
  switch (status) {
    case UNAVAILABLE:
      throw utilityErrors.error("busy", message, details);
    case GONE:
      throw ecashErrors.error("expired", message, details);
    case BAD_REQUEST:
    case PAYMENT_REQUIRED:
      throw utilityErrors.error("refused", `${message} (${code})`, details);
    default:
      throw notUnderstood(`the answer has the status ${status}`);
  }
}

function notUnderstood(why: string): SipsterError {
  return utilityErrors.error("bad-message", why);
}
