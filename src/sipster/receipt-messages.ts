/**
 * The two messages of a payment, as bytes, for any transport: one token and its payment to the
 * utility, one answer back. Neither names a home, a meter or an account. Status numbers are those of
 * HTTP, so that a transport over HTTP can show them as they are.
 */
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { ByteReader, G1_BYTES, intToBytes } from "../algebra/index.js";
import { sipsterErrors } from "./errors.js";

export interface ReceiptRequest {
  /** As `Suite.encode` gives it. */
  readonly token: Uint8Array;
  /** Of the e-cash; empty to ask for the receipt of a token that is paid already. */
  readonly payment: Uint8Array;
}

export type ReceiptResponse =
  /** S, 64 bytes. */
  | { readonly status: 200; readonly receipt: Uint8Array }
  /** The coin is bound to another token: `earlier` is the payment that did it. */
  | { readonly status: 409; readonly earlier: Uint8Array }
  /**
   * Refused, and nothing charged. 400: not a token or payment. 402: not paid, or not with a good
   * coin. 410: the payment has expired. 503: try again later.
   */
  | {
      readonly status: 400 | 402 | 410 | 503;
      /** Of the error, as docs/errors.md lists it. */
      readonly code: string;
      readonly message: string;
    };

const REFUSALS = [400, 402, 410, 503] as const;

/** token length u16 ‖ token ‖ payment. */
export function encodeReceiptRequest({ token, payment }: ReceiptRequest): Uint8Array {
  return concatBytes(intToBytes(token.length, 2), token, payment);
}

/** @throws sipster/bad-message */
export function decodeReceiptRequest(bytes: Uint8Array): ReceiptRequest {
  const reader = new ByteReader(bytes, (why) => bad(`the request is cut off: ${why}`));
  const token = reader.take(reader.number(2));
  return { token, payment: reader.take(reader.left) };
}

/** status u16 ‖ the receipt, the earlier payment, or `code` NUL `message` in UTF-8. */
export function encodeReceiptResponse(response: ReceiptResponse): Uint8Array {
  return concatBytes(intToBytes(response.status, 2), body(response));
}

function body(response: ReceiptResponse): Uint8Array {
  if (response.status === 200) return response.receipt;
  if (response.status === 409) return response.earlier;
  return utf8ToBytes(`${response.code}\0${response.message}`);
}

/** @throws sipster/bad-message */
export function decodeReceiptResponse(bytes: Uint8Array): ReceiptResponse {
  const reader = new ByteReader(bytes, (why) => bad(`the answer is cut off: ${why}`));
  const status = reader.number(2);
  if (status === 200) {
    const receipt = reader.take(G1_BYTES);
    reader.end();
    return { status, receipt };
  }
  const rest = reader.take(reader.left);
  if (status === 409) return { status, earlier: rest };
  const refusal = REFUSALS.find((s) => s === status);
  if (refusal === undefined) throw bad(`the answer has the status ${status}`);
  const [code, message] = new TextDecoder().decode(rest).split("\0");
  return { status: refusal, code: code ?? "", message: message ?? "" };
}

function bad(why: string) {
  return sipsterErrors.error("bad-message", why);
}
