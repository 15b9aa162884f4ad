/**
 * What goes between a thread of the onion and the one that uses it: a few large arrays, which are handed over, in
 * place of thousands of small ones, which would be copied.
 */
import { KEY_BYTES } from "./kem.js";
import { PACKET_BYTES, type Malformed, type Onion, type Peeled } from "./packet.js";
import type { OnionOrder, PeeledBatch } from "./peeler.js";

const SECRET_BYTES = 32;

/** Byte strings, one after the other. */
interface Joined {
  readonly bytes: Uint8Array;
  readonly lengths: Uint32Array;
}

export type ThreadRequest =
  | { readonly method: "key" }
  | {
      readonly method: "peel";
      readonly node: number;
      readonly packets: Joined;
      readonly data: Uint8Array;
    }
  | {
      readonly method: "build";
      /** Of all orders, node after node. */
      readonly nodes: Joined;
      /** Nodes of each order. */
      readonly hops: Uint32Array;
      readonly payloads: Joined;
      readonly data: Uint8Array;
    };

/** What became of a packet, in a byte. */
const FATES = ["next", "read", "length", "version", "key", "mac", "payload"] as const;

export interface PeeledReply {
  readonly fates: Uint8Array;
  /** Of those that were opened: secret, and next node and packet or payload. */
  readonly parts: Joined;
  readonly milliseconds: number;
}

export interface BuiltReply {
  /** Of each packet: itself, then the secrets of its nodes. */
  readonly parts: Joined;
}

export type ThreadReply =
  | { readonly key: Uint8Array }
  | { readonly peeled: PeeledReply }
  | { readonly built: BuiltReply }
  | { readonly error: string };

export function join(parts: readonly Uint8Array[]): Joined {
  const lengths = Uint32Array.from(parts, ({ length }) => length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, lengths };
}

export function split({ bytes, lengths }: Joined): Uint8Array[] {
  let at = 0;
  return Array.from(lengths, (length) => bytes.subarray(at, (at += length)));
}

/** The arrays that are handed over with a message. */
export function handedOver(message: ThreadRequest | ThreadReply): ArrayBuffer[] {
  if ("method" in message) {
    if (message.method === "peel") return [buffer(message.packets)];
    return message.method === "build" ? [buffer(message.nodes), buffer(message.payloads)] : [];
  }
  if ("peeled" in message) return [buffer(message.peeled.parts)];
  return "built" in message ? [buffer(message.built.parts)] : [];
}

const buffer = ({ bytes }: Joined): ArrayBuffer => bytes.buffer as ArrayBuffer;

export function buildRequest(orders: readonly OnionOrder[], data: Uint8Array): ThreadRequest {
  return {
    method: "build",
    nodes: join(orders.flatMap(({ nodes }) => nodes)),
    hops: Uint32Array.from(orders, ({ nodes }) => nodes.length),
    payloads: join(orders.map(({ payload }) => payload)),
    data,
  };
}

export function ordersOf({
  nodes,
  hops,
  payloads,
}: ThreadRequest & { method: "build" }): OnionOrder[] {
  const keys = split(nodes);
  let at = 0;
  return split(payloads).map((payload, i) => ({
    nodes: keys.slice(at, (at += hops[i]!)),
    payload,
  }));
}

export function builtReply(onions: readonly Onion[]): BuiltReply {
  return {
    parts: join(onions.flatMap(({ packet, secrets }) => [join([packet, ...secrets]).bytes])),
  };
}

export function onionsOf({ parts }: BuiltReply): Onion[] {
  return split(parts).map((part) => {
    const hops = (part.length - PACKET_BYTES) / SECRET_BYTES;
    const secrets = Array.from({ length: hops }, (_, i) => {
      const at = PACKET_BYTES + i * SECRET_BYTES;
      return part.subarray(at, at + SECRET_BYTES);
    });
    return { packet: part.subarray(0, PACKET_BYTES), secrets };
  });
}

export function peeledReply({ layers, milliseconds }: PeeledBatch): PeeledReply {
  const fates = Uint8Array.from(layers, (layer) => {
    if (!layer.ok) return FATES.indexOf(layer.reason);
    return FATES.indexOf(layer.next === undefined ? "read" : "next");
  });
  const parts = layers.map((layer) => {
    if (!layer.ok) return new Uint8Array();
    const { secret, next, payload } = layer;
    return join(next === undefined ? [secret, payload] : [secret, next.to, next.packet]).bytes;
  });
  return { fates, parts: join(parts), milliseconds };
}

export function layersOf({ fates, parts, milliseconds }: PeeledReply): PeeledBatch {
  const layers = split(parts).map((part, i): Peeled => {
    const fate = FATES[fates[i]!]!;
    if (fate !== "next" && fate !== "read") return { ok: false, reason: fate satisfies Malformed };
    const secret = part.subarray(0, SECRET_BYTES);
    const rest = part.subarray(SECRET_BYTES);
    if (fate === "read") return { ok: true, secret, next: undefined, payload: rest };
    const next = { to: rest.subarray(0, KEY_BYTES), packet: rest.subarray(KEY_BYTES) };
    return { ok: true, secret, next, payload: new Uint8Array() };
  });
  return { layers, milliseconds };
}
