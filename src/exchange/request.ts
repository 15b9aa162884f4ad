/**
 * What a wallet asks the counter: one token or one coin in a request, and no field of the home's own.
 * All requests have one size, the dummies too, so that their length says nothing of what they are.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "../algebra/index.js";
import type { RefreshMessage } from "../ecash/index.js";
import { exchangeErrors } from "./errors.js";
import { MessageReader, pad, sized, VERSION } from "./message.js";

/** Bytes of every request. */
export const REQUEST_BYTES = 1024;

export type Request =
  /** Nothing: a dummy, which is answered that the counter is well. */
  | { readonly kind: "health" }
  /** The receipt of one token, for one coin. */
  | { readonly kind: "buy"; readonly order: Order }
  /** A fresh coin for one coin. `payment` is for the hash of `message`. */
  | { readonly kind: "refresh"; readonly message: RefreshMessage; readonly payment: Uint8Array };

export interface Order {
  /** As its suite encodes it. */
  readonly token: Uint8Array;
  /** Of the e-cash, made for this token; never empty. */
  readonly payment: Uint8Array;
}

const KINDS = { health: 0, buy: 1, refresh: 2 } as const;

/** Names a request: keccak256 of its content. */
export type RequestHash = Uint8Array;

/**
 * version u8 ‖ kind u8 ‖ fields, without padding: as it is hashed, and as an order is posted.
 *
 *     health:  nothing
 *     buy:     token length u16 ‖ token ‖ payment length u16 ‖ payment
 *     refresh: mintKeyId u32 ‖ denomination u32 ‖ message length u16 ‖ message ‖ payment length u16 ‖ payment
 */
export function requestContent(request: Request): Uint8Array {
  const head = Uint8Array.of(VERSION, KINDS[request.kind]);
  switch (request.kind) {
    case "health":
      return head;
    case "buy":
      return concatBytes(head, sized(request.order.token), sized(request.order.payment));
    case "refresh": {
      const { mintKeyId, denomination, message } = request.message;
      const words = [intToBytes(mintKeyId, 4), intToBytes(denomination, 4)];
      return concatBytes(head, ...words, sized(message), sized(request.payment));
    }
  }
}

/** The content, padded with zeros to {@link REQUEST_BYTES}. @throws exchange/bad-request if too long */
export function encodeRequest(request: Request): Uint8Array {
  return pad(requestContent(request), REQUEST_BYTES, badRequest);
}

export interface ReceivedRequest {
  readonly request: Request;
  readonly hash: RequestHash;
}

/** @throws exchange/bad-request unless these are the bytes that {@link encodeRequest} writes */
export function decodeRequest(bytes: Uint8Array): ReceivedRequest {
  if (bytes.length !== REQUEST_BYTES) {
    throw badRequest(`it has ${bytes.length} bytes and not ${REQUEST_BYTES}`);
  }
  const reader = new MessageReader(bytes, badRequest);
  const request = readRequest(reader);
  reader.onlyPadding();
  return { request, hash: keccak_256(bytes.subarray(0, reader.at)) };
}

/** A request from its content alone. @throws exchange/bad-request */
export function parseRequestContent(content: Uint8Array): ReceivedRequest {
  const reader = new MessageReader(content, badRequest);
  const request = readRequest(reader);
  reader.end();
  return { request, hash: keccak_256(content) };
}

export function requestHash(request: Request): RequestHash {
  return keccak_256(requestContent(request));
}

function readRequest(reader: MessageReader): Request {
  reader.version();
  const kind = reader.number(1);
  switch (kind) {
    case KINDS.health:
      return { kind: "health" };
    case KINDS.buy:
      return { kind: "buy", order: { token: reader.sized(), payment: reader.payment() } };
    case KINDS.refresh: {
      const message = {
        mintKeyId: reader.number(4),
        denomination: reader.number(4),
        message: reader.sized(),
      };
      return { kind: "refresh", message, payment: reader.payment() };
    }
    default:
      throw badRequest(`it is of the unknown kind ${kind}`);
  }
}

function badRequest(why: string) {
  return exchangeErrors.error("bad-request", `the request is refused: ${why}`);
}
