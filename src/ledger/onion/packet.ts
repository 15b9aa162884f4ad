/**
 * Building an onion: Sphinx (Danezis, Goldberg, *Sphinx: A Compact and Provably Secure Mix Format*,
 * IEEE S&P 2009) in the construction of BOLT #4, "Packet Construction" and "Filler Generation". A
 * packet has the same length at every hop:
 *
 *     version (1) ‖ ephemeral public key (33) ‖ hop payloads (1300) ‖ HMAC (32)
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "../../algebra/index.js";
import {
  group,
  ORDER,
  POINT_BYTES,
  type PublicKey,
  SCALAR_BYTES,
  scalarFromHash,
} from "../curve.js";
import { ledgerErrors } from "../errors.js";
import { bigsizeBytes, writeBigsize } from "./bigsize.js";
import { applyStream, deriveKey, mac, MAC_BYTES } from "./stream.js";

export const VERSION = 0;
export const PAYLOADS_BYTES = 1300;
export const PACKET_BYTES = 1 + POINT_BYTES + PAYLOADS_BYTES + MAC_BYTES;

/** One node of the route and what it is told. */
export interface Hop {
  readonly publicKey: PublicKey;
  /** At least 2 bytes (0 and 1 are reserved lengths). */
  readonly payload: Uint8Array;
}

export interface Onion {
  /** {@link PACKET_BYTES} bytes, for the first hop. */
  readonly packet: Uint8Array;
  /** The secret shared with each hop, which opens its answer. */
  readonly sharedSecrets: readonly Uint8Array[];
}

/** Bytes that a payload takes in the packet: its length prefix, itself and the next hop's HMAC. */
export function hopBytes(payloadBytes: number): number {
  return bigsizeBytes(payloadBytes) + payloadBytes + MAC_BYTES;
}

/**
 * Builds the packet that goes through `hops` in order.
 *
 * @param sessionKey a fresh random scalar in [1, order − 1]: using one twice links the packets.
 * @param associatedData authenticated and not carried: every hop must know it.
 * @throws ledger/onion-route if there is no hop, a payload is too short, or they do not fit.
 */
export function buildOnion(
  hops: readonly Hop[],
  sessionKey: bigint,
  associatedData: Uint8Array,
): Onion {
  checkRoute(hops);
  const { ephemeralKey, sharedSecrets } = agree(hops, sessionKey);
  const rho = sharedSecrets.map((secret) => deriveKey("rho", secret));
  const filler = fillerOf(hops, rho);

  const payloads = new Uint8Array(PAYLOADS_BYTES);
  applyStream(deriveKey("pad", intToBytes(sessionKey, SCALAR_BYTES)), payloads);
  let nextMac: Uint8Array = new Uint8Array(MAC_BYTES);
  for (let i = hops.length - 1; i >= 0; i--) {
    const { payload } = hops[i]!;
    payloads.copyWithin(hopBytes(payload.length), 0);
    const start = writeBigsize(payloads, 0, payload.length);
    payloads.set(payload, start);
    payloads.set(nextMac, start + payload.length);
    applyStream(rho[i]!, payloads);
    if (i === hops.length - 1) payloads.set(filler, PAYLOADS_BYTES - filler.length);
    nextMac = mac(deriveKey("mu", sharedSecrets[i]!), payloads, associatedData);
  }
  return {
    packet: concatBytes(Uint8Array.of(VERSION), ephemeralKey, payloads, nextMac),
    sharedSecrets,
  };
}

/** The secret that both ends of a hop derive from the same point. */
export function sharedSecretOf(point: Uint8Array): Uint8Array {
  return sha256(point);
}

/** By what a hop multiplies the ephemeral key before it passes the packet on. */
export function blindingFactor(ephemeralKey: Uint8Array, sharedSecret: Uint8Array): bigint {
  return scalarFromHash(sha256(concatBytes(ephemeralKey, sharedSecret)));
}

function agree(
  hops: readonly Hop[],
  sessionKey: bigint,
): { ephemeralKey: Uint8Array; sharedSecrets: Uint8Array[] } {
  let secret = sessionKey;
  let first: Uint8Array | undefined;
  const sharedSecrets = hops.map(({ publicKey }) => {
    const points = publicKey.timesWithGenerator(secret);
    const ephemeralKey = group.encode(points.public);
    first ??= ephemeralKey;
    const shared = sharedSecretOf(group.encode(points.shared));
    secret = (secret * blindingFactor(ephemeralKey, shared)) % ORDER;
    return shared;
  });
  return { ephemeralKey: first!, sharedSecrets };
}

/**
 * What the padding that each hop appends will look like when the last hop checks its HMAC. Hop i
 * extends the payloads by as many zeros as it removes bytes, and applies its stream to all of it.
 */
function fillerOf(hops: readonly Hop[], rho: readonly Uint8Array[]): Uint8Array {
  let filler = new Uint8Array(0);
  for (let i = 0; i < hops.length - 1; i++) {
    const size = hopBytes(hops[i]!.payload.length);
    const extended = new Uint8Array(PAYLOADS_BYTES + size);
    extended.set(filler, PAYLOADS_BYTES - filler.length);
    applyStream(rho[i]!, extended);
    filler = extended.slice(PAYLOADS_BYTES - filler.length);
  }
  return filler;
}

function checkRoute(hops: readonly Hop[]): void {
  if (hops.length === 0) throw ledgerErrors.error("onion-route", "the route has no hop");
  let total = 0;
  for (const [i, hop] of hops.entries()) {
    if (hop.payload.length < 2) {
      throw ledgerErrors.error(
        "onion-route",
        `the payload of hop ${i} has ${hop.payload.length} bytes; at least 2 are needed`,
        { hop: i, bytes: hop.payload.length },
      );
    }
    total += hopBytes(hop.payload.length);
  }
  if (total > PAYLOADS_BYTES) {
    throw ledgerErrors.error(
      "onion-route",
      `the payloads of ${hops.length} hops take ${total} bytes; a packet has ${PAYLOADS_BYTES}`,
      { hops: hops.length, bytes: total },
    );
  }
}
