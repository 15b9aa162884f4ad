/** The packets of BOLT #4 themselves: one blinded point of secp256k1 in place of a key for each hop. */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { bytesToInt, intToBytes } from "../../../src/algebra/index.js";
import { openLayer, PAYLOADS_BYTES, sealLayers } from "../../../src/channel/onion/layers.js";

const { Point } = secp256k1;
const ORDER = Point.Fn.ORDER;
const POINT_BYTES = 33;

const blinding = (key: Uint8Array, secret: Uint8Array): bigint =>
  bytesToInt(sha256(concatBytes(key, secret))) % ORDER;

export function buildBolt(
  hops: readonly { readonly publicKey: Uint8Array; readonly payload: Uint8Array }[],
  sessionKey: bigint,
  associatedData: Uint8Array,
): Uint8Array {
  let scalar = sessionKey;
  const first = Point.BASE.multiply(scalar).toBytes(true);
  const layers = hops.map(({ publicKey, payload }) => {
    const ephemeral = Point.BASE.multiply(scalar).toBytes(true);
    const secret = sha256(Point.fromBytes(publicKey).multiply(scalar).toBytes(true));
    scalar = (scalar * blinding(ephemeral, secret)) % ORDER;
    return { payload, secret, associatedData };
  });
  const { payloads, mac } = sealLayers(layers, intToBytes(sessionKey, 32));
  return concatBytes(Uint8Array.of(0), first, payloads, mac);
}

export function peelBolt(
  packet: Uint8Array,
  key: bigint,
  associatedData: Uint8Array,
): { readonly payload: Uint8Array; readonly next: Uint8Array | undefined } {
  const ephemeral = packet.subarray(1, 1 + POINT_BYTES);
  const point = Point.fromBytes(ephemeral);
  const secret = sha256(point.multiply(key).toBytes(true));
  const payloads = packet.subarray(1 + POINT_BYTES, 1 + POINT_BYTES + PAYLOADS_BYTES);
  const mac = packet.subarray(1 + POINT_BYTES + PAYLOADS_BYTES);
  const opened = openLayer({ payloads, mac }, secret, associatedData);
  if (!opened.ok) throw new Error(opened.reason);
  const { payload, next } = opened;
  const blinded = point.multiply(blinding(ephemeral, secret)).toBytes(true);
  const forward = next && concatBytes(Uint8Array.of(0), blinded, next.payloads, next.mac);
  return { payload, next: forward };
}
