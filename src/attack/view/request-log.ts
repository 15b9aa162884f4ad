/**
 * The utility's log of requests as bytes: for each, at u64 (Unix seconds) ‖ length u16 ‖ content of the
 * request without its padding, in the order of arrival. The padding is zeros in every request.
 */
import { bytesToHex } from "@noble/hashes/utils.js";

/** Where the fields of an order lie in its content: see `requestContent`, `encodePayment`. */
export const ORDER = {
  bytes: 269,
  kind: 1,
  tokenEpoch: 4,
  tokenDenomination: 8,
  seed: 12,
  tokenCounter: 44,
  mintKey: 47,
  denomination: 51,
  coin: 55,
  coinCounter: 75,
  coinSignature: 76,
  tokenHash: 140,
  payee: 172,
  payeeEpoch: 192,
  expiry: 196,
  signature: 204,
} as const;

/** Kind of an order among requests. */
const BUY = 1;
const HEAD = 10;

export interface LoggedRequest {
  readonly at: number;
  /** As `requestContent` gives it. */
  readonly content: Uint8Array;
}

export function writeRequestLog(requests: readonly LoggedRequest[]): Uint8Array {
  const bytes = new Uint8Array(requests.reduce((n, r) => n + HEAD + r.content.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const request of requests) {
    view.setBigUint64(at, BigInt(request.at));
    view.setUint16(at + 8, request.content.length);
    bytes.set(request.content, at + HEAD);
    at += HEAD + request.content.length;
  }
  return bytes;
}

export function* readRequestLog(bytes: Uint8Array): Generator<LoggedRequest> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint16(at + 8);
    const content = bytes.subarray(at + HEAD, at + HEAD + length);
    yield { at: Number(view.getBigUint64(at)), content };
    at += HEAD + length;
  }
}

/** What an order shows, its marks interned by the caller. */
export interface SeenOrder {
  readonly denomination: number;
  /** Everything but token, coin and their signatures: equal in all orders of a denomination and month. */
  readonly mark: string;
  readonly coin: string;
  readonly token: string;
}

/** `null` for a request that is not an order. */
export function readOrder(content: Uint8Array): SeenOrder | null {
  if (content.length !== ORDER.bytes || content[ORDER.kind] !== BUY) return null;
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const text = (from: number, to: number): string => bytesToHex(content.subarray(from, to));
  const denomination = view.getUint32(ORDER.denomination);
  const epochs = `${view.getUint32(ORDER.tokenEpoch)} ${view.getUint32(ORDER.payeeEpoch)}`;
  const expiry = view.getBigUint64(ORDER.expiry);
  const payee = text(ORDER.payee, ORDER.payeeEpoch);
  return {
    denomination,
    mark: `${epochs} ${view.getUint32(ORDER.mintKey)} ${payee} ${expiry}`,
    coin: text(ORDER.coin, ORDER.coinCounter),
    token: text(ORDER.seed, ORDER.tokenCounter),
  };
}
