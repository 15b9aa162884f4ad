/**
 * The layers of an onion: body, filler and per-hop HMAC in the construction of BOLT #4, "Packet
 * Construction", "Filler Generation" and "Packet Forwarding", which is that of Sphinx (Danezis, Goldberg,
 * *Sphinx: A Compact and Provably Secure Mix Format*, IEEE S&P 2009). How a hop's secret is agreed is
 * another question: packet.ts answers it for this project, the tests for the packets of BOLT #4.
 */
import { timingSafeEqual } from "node:crypto";
import { channelErrors } from "../errors.js";
import { bigsizeBytes, readBigsize, writeBigsize } from "./bigsize.js";
import { applyStream, deriveKey, mac, MAC_BYTES, STREAM_BLOCK_BYTES } from "./stream.js";

export const PAYLOADS_BYTES = 1300;

/** Bytes that a payload takes in the packet: its length prefix, itself and the next hop's HMAC. */
export function hopBytes(payloadBytes: number): number {
  return bigsizeBytes(payloadBytes) + payloadBytes + MAC_BYTES;
}

/** The hidden payloads of all hops, and the HMAC for the first. */
export interface SealedLayers {
  readonly payloads: Uint8Array;
  readonly mac: Uint8Array;
}

/** What a hop reads, under the secret that it shares with the sender. */
export interface HopLayer {
  readonly payload: Uint8Array;
  readonly secret: Uint8Array;
  /** Authenticated and not carried: the hop must know it. */
  readonly associatedData: Uint8Array;
}

/**
 * Hides each payload under the secret of its hop.
 * @param padSecret fills what no hop uses.
 * @throws channel/onion-route if there is no hop, a payload is too short, or they do not fit
 */
export function sealLayers(hops: readonly HopLayer[], padSecret: Uint8Array): SealedLayers {
  checkRoute(hops.map(({ payload }) => payload));
  const rho = hops.map(({ secret }) => deriveKey("rho", secret));
  const sizes = hops.map(({ payload }) => hopBytes(payload.length));
  const filler = fillerOf(sizes, rho);
  const payloads = new Uint8Array(PAYLOADS_BYTES);
  applyStream(deriveKey("pad", padSecret), payloads);
  let nextMac: Uint8Array = new Uint8Array(MAC_BYTES);
  for (let i = hops.length - 1; i >= 0; i--) {
    const { payload, secret, associatedData } = hops[i]!;
    payloads.copyWithin(sizes[i]!, 0);
    const start = writeBigsize(payloads, 0, payload.length);
    payloads.set(payload, start);
    payloads.set(nextMac, start + payload.length);
    applyStream(rho[i]!, payloads);
    if (i === hops.length - 1) payloads.set(filler, PAYLOADS_BYTES - filler.length);
    nextMac = mac(deriveKey("mu", secret), payloads, associatedData);
  }
  return { payloads, mac: nextMac };
}

export type OpenedLayer =
  | { readonly ok: true; readonly payload: Uint8Array; readonly next: SealedLayers | undefined }
  | { readonly ok: false; readonly reason: "mac" | "payload" };

/** Opens one layer; nothing is derived beyond the HMAC's key before the HMAC is checked. */
export function openLayer(
  { payloads, mac: stated }: SealedLayers,
  secret: Uint8Array,
  associatedData: Uint8Array,
): OpenedLayer {
  const expected = mac(deriveKey("mu", secret), payloads, associatedData);
  if (!timingSafeEqual(expected, stated)) return { ok: false, reason: "mac" };
  const rho = deriveKey("rho", secret);
  // The first block says how much more there is to open.
  const head = applyStream(rho, payloads.slice(0, STREAM_BLOCK_BYTES));
  const prefix = readBigsize(head);
  if (prefix === undefined || prefix.length < 2) return { ok: false, reason: "payload" };
  const end = prefix.offset + prefix.length;
  const nextAt = end + MAC_BYTES;
  if (nextAt > PAYLOADS_BYTES) return { ok: false, reason: "payload" };
  const opened = new Uint8Array(nextAt + PAYLOADS_BYTES);
  opened.set(payloads);
  applyStream(rho, opened.subarray(STREAM_BLOCK_BYTES), 1);
  opened.set(head);
  const payload = opened.subarray(prefix.offset, end);
  const nextMac = opened.subarray(end, nextAt);
  if (nextMac.every((byte) => byte === 0)) return { ok: true, payload, next: undefined };
  const next = opened.subarray(nextAt);
  return { ok: true, payload, next: { payloads: next, mac: nextMac } };
}

/**
 * What the padding that each hop appends will look like when the last hop checks its HMAC. Hop i
 * extends the payloads by as many zeros as it removes bytes, and applies its stream to all of it.
 */
function fillerOf(sizes: readonly number[], rho: readonly Uint8Array[]): Uint8Array {
  let filler = new Uint8Array(0);
  for (const [i, size] of sizes.slice(0, -1).entries()) {
    // Of the stream, the blocks from that on in which the filler begins.
    const start = PAYLOADS_BYTES - filler.length;
    const block = Math.floor(start / STREAM_BLOCK_BYTES);
    const extended = new Uint8Array(PAYLOADS_BYTES + size - block * STREAM_BLOCK_BYTES);
    extended.set(filler, start - block * STREAM_BLOCK_BYTES);
    applyStream(rho[i]!, extended, block);
    filler = extended.slice(start - block * STREAM_BLOCK_BYTES);
  }
  return filler;
}

function checkRoute(payloads: readonly Uint8Array[]): void {
  if (payloads.length === 0) throw channelErrors.error("onion-route", "the route has no hop");
  for (const [hop, { length: bytes }] of payloads.entries()) {
    if (bytes >= 2) continue;
    const message = `the payload of hop ${hop} has ${bytes} bytes; at least 2 are needed`;
    throw channelErrors.error("onion-route", message, { hop, bytes });
  }
  const bytes = payloads.reduce((sum, payload) => sum + hopBytes(payload.length), 0);
  if (bytes > PAYLOADS_BYTES) {
    throw channelErrors.error(
      "onion-route",
      `the payloads of ${payloads.length} hops take ${bytes} bytes; a packet has ${PAYLOADS_BYTES}`,
      { hops: payloads.length, bytes },
    );
  }
}
