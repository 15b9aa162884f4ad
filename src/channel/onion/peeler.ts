/** Peeling and building many packets: in this thread, or in another. */
import { buildOnion, peelOnion, type Onion, type Peeled } from "./packet.js";
import { onionKeyPair, parseOnionKey, type OnionKeyPair, type OnionPublicKey } from "./kem.js";

/** A batch peeled, and the time it took, in milliseconds. */
export interface PeeledBatch {
  readonly layers: readonly Peeled[];
  readonly milliseconds: number;
}

/** The layers of one node. */
export interface Peeler {
  /** Public key of the node, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @param data of the hop that the packets are at, as `hopData` gives it */
  peel(packets: readonly Uint8Array[], data: Uint8Array): Promise<PeeledBatch>;
}

/** Keeps a node's key in this thread. */
export class LocalPeeler implements Peeler {
  constructor(private readonly key: OnionKeyPair = onionKeyPair()) {}

  get publicKey(): Uint8Array {
    return this.key.publicKey;
  }

  peel(packets: readonly Uint8Array[], data: Uint8Array): Promise<PeeledBatch> {
    const start = performance.now();
    const layers = packets.map((packet) => peelOnion(packet, this.key, data));
    return Promise.resolve({ layers, milliseconds: performance.now() - start });
  }
}

/** A packet to be built: its nodes in order, by their keys, and what the last one reads. */
export interface OnionOrder {
  readonly nodes: readonly Uint8Array[];
  readonly payload: Uint8Array;
}

/** Builds the packets of a round. */
export interface Builder {
  build(orders: readonly OnionOrder[], associatedData: Uint8Array): Promise<Onion[]>;
}

export class LocalBuilder implements Builder {
  readonly #keys = new Map<string, OnionPublicKey>();

  /** @throws channel/onion-route, channel/bad-key */
  async build(orders: readonly OnionOrder[], associatedData: Uint8Array): Promise<Onion[]> {
    return orders.map(({ nodes, payload }) =>
      buildOnion({ nodes: nodes.map((node) => this.#keyOf(node)), payload, associatedData }),
    );
  }

  #keyOf(encoded: Uint8Array): OnionPublicKey {
    const name = Buffer.from(encoded).toString("latin1");
    let key = this.#keys.get(name);
    if (key === undefined) this.#keys.set(name, (key = parseOnionKey(encoded)));
    return key;
  }
}
