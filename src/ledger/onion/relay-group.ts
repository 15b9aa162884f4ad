/** Relays that are started and stopped together, and what others need to use them. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { SecretKey } from "../curve.js";
import type { Mixing } from "./mix-pool.js";
import { OnionNode, type NodeCounts } from "./node.js";
import { TcpTransport } from "./tcp-transport.js";
import type { Transport } from "./transport.js";

/** A node as it is told to others: plain values that cross threads. */
export interface NodeAddress {
  /** Encoded public key. */
  readonly key: Uint8Array;
  readonly address: string;
}

export interface RelayGroupOptions {
  readonly count: number;
  readonly mixing: Mixing;
  /** The current epoch. */
  readonly epoch: number;
}

/** A group in this thread, or in another. */
export interface Relays {
  readonly nodes: readonly NodeAddress[];
  /** Tells the relays of another node that they may pass packets to. */
  introduce(node: NodeAddress): Promise<void>;
  /** Goes on to an epoch. */
  enter(epoch: number): Promise<void>;
  counts(): Promise<readonly NodeCounts[]>;
  stop(): Promise<void>;
}

export class RelayGroup implements Relays {
  readonly nodes: NodeAddress[] = [];
  readonly #running: OnionNode[] = [];
  readonly #addresses = new Map<string, string>();

  private constructor() {}

  static async start(
    { count, mixing, epoch }: RelayGroupOptions,
    transport: Transport = new TcpTransport(),
  ): Promise<RelayGroup> {
    const group = new RelayGroup();
    for (let i = 0; i < count; i++) {
      const key = SecretKey.random();
      const addressOf = (name: string): string | undefined => group.#addresses.get(name);
      const node = new OnionNode({ key, transport, mixing, addressOf }, epoch);
      group.#running.push(node);
      const record = { key: key.publicKey.encoded, address: await node.start() };
      group.nodes.push(record);
      await group.introduce(record);
    }
    return group;
  }

  introduce({ key, address }: NodeAddress): Promise<void> {
    this.#addresses.set(bytesToHex(key), address);
    return Promise.resolve();
  }

  async enter(epoch: number): Promise<void> {
    for (const node of this.#running) await node.enter(epoch);
  }

  counts(): Promise<readonly NodeCounts[]> {
    return Promise.resolve(this.#running.map((node) => node.counts));
  }

  async stop(): Promise<void> {
    for (const node of this.#running) await node.stop();
  }
}
