/**
 * The way back: BOLT #4, "Returning Errors". The node that answers hides the answer under the secret it
 * shares with the origin; each hop on the way back adds its own layer; only the origin, which knows
 * every secret, takes them off, and the HMAC tells it which hop has spoken.
 */
import { timingSafeEqual } from "node:crypto";
import { concatBytes } from "@noble/hashes/utils.js";
import { channelErrors } from "../errors.js";
import { applyStream, deriveKey, mac, MAC_BYTES } from "./stream.js";

/** Room for a message and its padding, if a network has no other: every answer has this size, no matter what it says. */
export const ANSWER_MESSAGE_BYTES = 256;

/** Bytes of an answer with this room: HMAC ‖ length (2) ‖ message ‖ length of the padding (2) ‖ padding. */
export function answerBytes(room: number): number {
  return MAC_BYTES + 4 + room;
}

/** Bytes of an answer in a network that has no room of its own. */
export const ANSWER_BYTES = answerBytes(ANSWER_MESSAGE_BYTES);

/**
 * The answer of the node that shares `sharedSecret` with the origin.
 * @param room for a message, the same for all nodes of a network
 * @throws channel/onion-answer if the message is longer than the room
 */
export function buildAnswer(
  sharedSecret: Uint8Array,
  message: Uint8Array,
  room = ANSWER_MESSAGE_BYTES,
): Uint8Array {
  if (message.length > room) {
    throw channelErrors.error(
      "onion-answer",
      `an answer of ${message.length} bytes does not fit in ${room}`,
      { bytes: message.length },
    );
  }
  const pad = room - message.length;
  const body = concatBytes(
    Uint8Array.of(message.length >> 8, message.length & 0xff),
    message,
    Uint8Array.of(pad >> 8, pad & 0xff),
    new Uint8Array(pad),
  );
  return wrapAnswer(sharedSecret, concatBytes(mac(deriveKey("um", sharedSecret), body), body));
}

/** Adds the layer of a hop on the way back. Returns a new array. */
export function wrapAnswer(sharedSecret: Uint8Array, answer: Uint8Array): Uint8Array {
  return applyStream(deriveKey("ammag", sharedSecret), new Uint8Array(answer));
}

export interface OpenedAnswer {
  /** Index in the route of the hop that answered. */
  readonly hop: number;
  readonly message: Uint8Array;
}

/**
 * Takes off the layers of an answer at the origin. Every layer is tried whether or not an earlier
 * one matched, so the time does not tell how far the packet came.
 * @throws channel/onion-answer if no hop of the route has made it
 */
export function openAnswer(
  sharedSecrets: readonly Uint8Array[],
  answer: Uint8Array,
  room = ANSWER_MESSAGE_BYTES,
): OpenedAnswer {
  let opened: OpenedAnswer | undefined;
  let layer = answer;
  if (answer.length === answerBytes(room)) {
    for (const [hop, secret] of sharedSecrets.entries()) {
      layer = wrapAnswer(secret, layer);
      const body = layer.subarray(MAC_BYTES);
      const matches = timingSafeEqual(
        mac(deriveKey("um", secret), body),
        layer.subarray(0, MAC_BYTES),
      );
      const length = (body[0]! << 8) | body[1]!;
      if (matches && opened === undefined && length <= room) {
        opened = { hop, message: body.slice(2, 2 + length) };
      }
    }
  }
  if (opened === undefined) {
    throw channelErrors.error("onion-answer", "no hop of the route has made this answer", {
      bytes: answer.length,
      hops: sharedSecrets.length,
    });
  }
  return opened;
}
