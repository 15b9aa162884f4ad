/**
 * One size of requests and one of responses, no matter what is inside: dummies, payments, refreshes and
 * refusals look alike to the relay, and to everyone who sees its lines.
 */
import type { Aead } from "./hpke.js";
import { REQUEST_OVERHEAD, responseOverhead } from "./encapsulation.js";

/** Bytes of every encapsulated request. */
export const ENCAPSULATED_REQUEST_BYTES = 1280;
/** Bytes of every encapsulated response, under every AEAD. */
export const ENCAPSULATED_RESPONSE_BYTES = 1280;

/** Bytes of the binary HTTP request inside, padding included. */
export const PLAIN_REQUEST_BYTES = ENCAPSULATED_REQUEST_BYTES - REQUEST_OVERHEAD;

/** Bytes of the binary HTTP response inside, padding included. */
export function plainResponseBytes(aead: Aead): number {
  return ENCAPSULATED_RESPONSE_BYTES - responseOverhead(aead);
}
