/** Peeling one layer: BOLT #4, "Packet Forwarding". */
import { timingSafeEqual } from "node:crypto";
import { group, parsePoint, POINT_BYTES, type SecretKey } from "../curve.js";
import { readBigsize } from "./bigsize.js";
import { blindingFactor, PACKET_BYTES, PAYLOADS_BYTES, sharedSecretOf, VERSION } from "./packet.js";
import { applyStream, deriveKey, mac, MAC_BYTES } from "./stream.js";

/** Why a packet was dropped. */
export type Malformed = "length" | "version" | "key" | "mac" | "payload";

export type Peeled =
  | {
      readonly ok: true;
      readonly payload: Uint8Array;
      /** The packet for the next hop; undefined at the last one. */
      readonly next: Uint8Array | undefined;
      /** Hides this hop's layer of the answer, and tells a packet seen before. */
      readonly sharedSecret: Uint8Array;
    }
  | { readonly ok: false; readonly reason: Malformed };

const refused = (reason: Malformed): Peeled => ({ ok: false, reason });

/**
 * Opens the layer of the node with `key`. Never throws on a malformed packet: the HMAC is checked
 * before anything else is derived, so such a packet costs one scalar multiplication.
 */
export function peelOnion(packet: Uint8Array, key: SecretKey, associatedData: Uint8Array): Peeled {
  if (packet.length !== PACKET_BYTES) return refused("length");
  if (packet[0] !== VERSION) return refused("version");
  const ephemeralKey = packet.subarray(1, 1 + POINT_BYTES);
  const payloads = packet.subarray(1 + POINT_BYTES, 1 + POINT_BYTES + PAYLOADS_BYTES);
  const point = parsePoint(ephemeralKey);
  if (point === undefined) return refused("key");

  const sharedSecret = sharedSecretOf(group.encode(key.multiply(point)));
  const expected = mac(deriveKey("mu", sharedSecret), payloads, associatedData);
  if (!timingSafeEqual(expected, packet.subarray(PACKET_BYTES - MAC_BYTES))) return refused("mac");

  const opened = new Uint8Array(2 * PAYLOADS_BYTES);
  opened.set(payloads);
  applyStream(deriveKey("rho", sharedSecret), opened);
  const prefix = readBigsize(opened);
  if (prefix === undefined || prefix.length < 2) return refused("payload");
  const end = prefix.offset + prefix.length;
  if (end + MAC_BYTES > PAYLOADS_BYTES) return refused("payload");

  const payload = opened.slice(prefix.offset, end);
  const nextMac = opened.subarray(end, end + MAC_BYTES);
  if (nextMac.every((byte) => byte === 0))
    return { ok: true, payload, next: undefined, sharedSecret };

  const next = new Uint8Array(PACKET_BYTES);
  next[0] = VERSION;
  // Variable time: the factor is the hash of a one-time secret and serves this packet only.
  const blinded = group.mul(point, blindingFactor(ephemeralKey, sharedSecret));
  next.set(group.encode(blinded), 1);
  next.set(opened.subarray(end + MAC_BYTES, end + MAC_BYTES + PAYLOADS_BYTES), 1 + POINT_BYTES);
  next.set(nextMac, PACKET_BYTES - MAC_BYTES);
  return { ok: true, payload, next, sharedSecret };
}
