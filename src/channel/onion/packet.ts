/**
 * Onion packets, version 1: the body of BOLT #4 (layers.ts) with secrets by DHKEM(X25519) instead of one
 * blinded point, for a sixth of the time. A fresh ephemeral key serves each hop, and a hop finds that of the next
 * in its payload. A packet has the same length at every hop:
 *
 *     version (1) ‖ ephemeral public key (32) ‖ hop payloads (1300) ‖ HMAC (32)
 *     payload of a relay = next node's key (32) ‖ next ephemeral public key (32)
 *
 * Each HMAC covers the hop's number too, so that no relay can pass a packet on as one of another slot.
 */
import { concatBytes, randomBytes } from "@noble/hashes/utils.js";
import {
  decapsulate,
  encapsulate,
  KEY_BYTES,
  onionKeyPair,
  type OnionKeyPair,
  type OnionPublicKey,
} from "./kem.js";
import { openLayer, PAYLOADS_BYTES, sealLayers } from "./layers.js";
import { MAC_BYTES } from "./stream.js";

export const VERSION = 1;
export const PACKET_BYTES = 1 + KEY_BYTES + PAYLOADS_BYTES + MAC_BYTES;
const RELAY_PAYLOAD_BYTES = 2 * KEY_BYTES;
const PAYLOADS_AT = 1 + KEY_BYTES;
const MAC_AT = PACKET_BYTES - MAC_BYTES;

export interface Onion {
  /** {@link PACKET_BYTES} bytes, for the first node. */
  readonly packet: Uint8Array;
  /** The secret shared with each node, which opens its answer. */
  readonly secrets: readonly Uint8Array[];
}

/** Randomness of a packet: given only where published vectors are made or checked. */
export interface OnionRandomness {
  /** One key pair a node. */
  readonly ephemeral: readonly OnionKeyPair[];
  /** 32 bytes. */
  readonly pad: Uint8Array;
}

/** What the HMAC of a hop covers beside the packet: the associated data of all hops ‖ the hop's number, from 0 (1). */
export function hopData(associatedData: Uint8Array, hop: number): Uint8Array {
  return concatBytes(associatedData, Uint8Array.of(hop));
}

/**
 * Builds the packet that goes through `nodes` in order, the last of which reads `payload`.
 * @throws channel/onion-route if there is no node, or the payload does not fit; channel/bad-key
 */
export function buildOnion({
  nodes,
  payload,
  associatedData,
  randomness = {
    ephemeral: nodes.map(() => onionKeyPair()),
    pad: randomBytes(32),
  },
}: {
  readonly nodes: readonly OnionPublicKey[];
  /** at least 2 bytes. */
  readonly payload: Uint8Array;
  readonly associatedData: Uint8Array;
  readonly randomness?: OnionRandomness;
}): Onion {
  const { ephemeral, pad } = randomness;
  const secrets = nodes.map((node, i) => encapsulate(node, ephemeral[i]!));
  const hops = nodes.map((_, i) => {
    const next = nodes[i + 1];
    const told = next && concatBytes(next.encoded, ephemeral[i + 1]!.publicKey);
    const data = hopData(associatedData, i);
    return { payload: told ?? payload, secret: secrets[i]!, associatedData: data };
  });
  const { payloads, mac } = sealLayers(hops, pad);
  const first = ephemeral[0]!.publicKey;
  return { packet: concatBytes(Uint8Array.of(VERSION), first, payloads, mac), secrets };
}

/** Why a packet was dropped. */
export type Malformed = "length" | "version" | "key" | "mac" | "payload";

export type Peeled =
  | {
      readonly ok: true;
      /** Hides this node's layer of the answer, and tells a packet seen before. */
      readonly secret: Uint8Array;
      /** The packet for the next node, and that node's key; undefined at the last one. */
      readonly next: { readonly to: Uint8Array; readonly packet: Uint8Array } | undefined;
      /** What the last node reads; empty at the others. */
      readonly payload: Uint8Array;
    }
  | { readonly ok: false; readonly reason: Malformed };

const NOTHING = new Uint8Array();

/**
 * Opens the layer of the node with `key`. Never throws on a malformed packet.
 * @param data of this hop, as {@link hopData} gives it.
 */
export function peelOnion(packet: Uint8Array, key: OnionKeyPair, data: Uint8Array): Peeled {
  if (packet.length !== PACKET_BYTES) return { ok: false, reason: "length" };
  if (packet[0] !== VERSION) return { ok: false, reason: "version" };
  const secret = decapsulate(key, packet.subarray(1, PAYLOADS_AT));
  if (secret === undefined) return { ok: false, reason: "key" };
  const layers = {
    payloads: packet.subarray(PAYLOADS_AT, MAC_AT),
    mac: packet.subarray(MAC_AT),
  };
  const opened = openLayer(layers, secret, data);
  if (!opened.ok) return opened;
  const { payload, next } = opened;
  if (next === undefined) return { ok: true, secret, next, payload };
  if (payload.length !== RELAY_PAYLOAD_BYTES) return { ok: false, reason: "payload" };
  const forward = new Uint8Array(PACKET_BYTES);
  forward[0] = VERSION;
  forward.set(payload.subarray(KEY_BYTES), 1);
  forward.set(next.payloads, PAYLOADS_AT);
  forward.set(next.mac, MAC_AT);
  const to = payload.slice(0, KEY_BYTES);
  return { ok: true, secret, next: { to, packet: forward }, payload: NOTHING };
}
