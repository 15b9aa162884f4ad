/**
 * The layers of an onion: body, filler and per-hop HMAC in the construction of BOLT #4, "Packet
 * Construction", "Filler Generation" and "Packet Forwarding", which is that of Sphinx (Danezis, Goldberg,
 * *Sphinx: A Compact and Provably Secure Mix Format*, IEEE S&P 2009). How a hop's secret is agreed is
 * another question: packet.ts answers it for this project, the tests for the packets of BOLT #4.
 */
import { timingSafeEqual } from "node:crypto";
import { channelErrors } from "../errors.js";
import { bigsizeBytes, readBigsize, writeBigsize } from "./bigsize.js";
import { applyStream, deriveKey, mac, MAC_BYTES } from "./stream.js";

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

/**
 * Hides each payload under the secret of its hop.
 * @param padSecret fills what no hop uses.
 * @param associatedData authenticated and not carried: every hop must know it.
 * @throws channel/onion-route if there is no hop, a payload is too short, or they do not fit
 */
export function sealLayers(
  hops: readonly { readonly payload: Uint8Array; readonly secret: Uint8Array }[],
  padSecret: Uint8Array,
  associatedData: Uint8Array,
): SealedLayers {
  checkRoute(hops.map(({ payload }) => payload));
  const rho = hops.map(({ secret }) => deriveKey("rho", secret));
  const sizes = hops.map(({ payload }) => hopBytes(payload.length));
  const filler = fillerOf(sizes, rho);
  const payloads = new Uint8Array(PAYLOADS_BYTES);
  applyStream(deriveKey("pad", padSecret), payloads);
  let nextMac: Uint8Array = new Uint8Array(MAC_BYTES);
  for (let i = hops.length - 1; i >= 0; i--) {
    const { payload, secret } = hops[i]!;
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
  const opened = new Uint8Array(2 * PAYLOADS_BYTES);
  opened.set(payloads);
  applyStream(deriveKey("rho", secret), opened);
  const prefix = readBigsize(opened);
  if (prefix === undefined || prefix.length < 2) return { ok: false, reason: "payload" };
  const end = prefix.offset + prefix.length;
  if (end + MAC_BYTES > PAYLOADS_BYTES) return { ok: false, reason: "payload" };
  const payload = opened.slice(prefix.offset, end);
  const nextMac = opened.slice(end, end + MAC_BYTES);
  if (nextMac.every((byte) => byte === 0)) return { ok: true, payload, next: undefined };
  const next = opened.slice(end + MAC_BYTES, end + MAC_BYTES + PAYLOADS_BYTES);
  return { ok: true, payload, next: { payloads: next, mac: nextMac } };
}

/**
 * What the padding that each hop appends will look like when the last hop checks its HMAC. Hop i
 * extends the payloads by as many zeros as it removes bytes, and applies its stream to all of it.
 */
function fillerOf(sizes: readonly number[], rho: readonly Uint8Array[]): Uint8Array {
  let filler = new Uint8Array(0);
  for (const [i, size] of sizes.slice(0, -1).entries()) {
    const extended = new Uint8Array(PAYLOADS_BYTES + size);
    extended.set(filler, PAYLOADS_BYTES - filler.length);
    applyStream(rho[i]!, extended);
    filler = extended.slice(PAYLOADS_BYTES - filler.length);
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
