/**
 * Which transactions touch an address: as sender, recipient, or anywhere in their calls. Nodes do not
 * keep this, so it is read block by block, each block once, and again after a reorganisation.
 */
import { blockByNumber, type Block } from "./blocks.js";
import { callTrace, framesOf } from "./call-trace.js";
import { RpcFailure } from "./errors.js";
import type { Node } from "./node.js";
import { toNumber } from "./quantities.js";

export interface IndexLimits {
  /** Transactions that one request has traced before it answers that reading goes on. */
  readonly tracedAtATime: number;
  /** Transactions kept in all. */
  readonly mostTransactions: number;
}

/** Some 100 MB in all. */
const LIMITS: IndexLimits = { tracedAtATime: 2000, mostTransactions: 500_000 };

export interface Place {
  readonly block: number;
  readonly index: number;
  readonly hash: string;
}

export interface Creation {
  readonly hash: string;
  readonly creator: string;
}

interface ReadBlock {
  readonly hash: string;
  readonly addresses: ReadonlySet<string>;
  readonly created: readonly string[];
  readonly senders: readonly string[];
  readonly count: number;
}

export class ChainIndex {
  readonly #blocks: ReadBlock[] = [];
  readonly #touching = new Map<string, Place[]>();
  readonly #created = new Map<string, Creation>();
  readonly #bySender = new Map<string, string>();
  #transactions = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(
    private readonly node: Node,
    private readonly limits = LIMITS,
  ) {}

  /** Blocks read: numbers below this one. */
  get length(): number {
    return this.#blocks.length;
  }

  /**
   * Reads up to the latest block. Calls wait for each other.
   * @throws RpcFailure -32000 when there is more than one request may read: asked again, it goes on
   */
  async catchUp(): Promise<void> {
    const reading = this.#reading.catch(() => undefined).then(() => this.#catchUp());
    this.#reading = reading;
    await reading;
  }

  /** Transactions that touch an address, in the order of the chain. */
  touching(address: string): readonly Place[] {
    return this.#touching.get(address) ?? [];
  }

  creationOf(address: string): Creation | null {
    return this.#created.get(address) ?? null;
  }

  bySender(sender: string, nonce: number): string | null {
    return this.#bySender.get(`${sender} ${nonce}`) ?? null;
  }

  async #catchUp(): Promise<void> {
    await this.#rewind();
    const latest = toNumber(await this.node.send("eth_blockNumber", []), "the latest block");
    const { tracedAtATime, mostTransactions } = this.limits;
    const budget = this.#transactions + tracedAtATime;
    while (this.#blocks.length <= latest) {
      if (this.#transactions >= mostTransactions) {
        const text = `the chain has more than ${mostTransactions} transactions: use a node that answers ots_ itself`;
        throw new RpcFailure(-32000, text);
      }
      if (this.#transactions >= budget) {
        const text = `reading the chain: ${this.#blocks.length} of ${latest + 1} blocks; ask again`;
        throw new RpcFailure(-32000, text);
      }
      const block = await blockByNumber(this.node, this.#blocks.length);
      if (block === null) return;
      await this.#read(block);
    }
  }

  /** Forgets blocks that the chain no longer has. */
  async #rewind(): Promise<void> {
    while (this.#blocks.length > 0) {
      const number = this.#blocks.length - 1;
      const block = await blockByNumber(this.node, number);
      if (block?.hash === this.#blocks[number]!.hash) return;
      const gone = this.#blocks.pop()!;
      this.#transactions -= gone.count;
      for (const address of gone.addresses) {
        const kept = this.touching(address).filter((place) => place.block < number);
        this.#touching.set(address, kept);
      }
      for (const address of gone.created) this.#created.delete(address);
      for (const sender of gone.senders) this.#bySender.delete(sender);
    }
  }

  async #read(block: Block): Promise<void> {
    const number = this.#blocks.length;
    const addresses = new Set<string>();
    const created: string[] = [];
    const senders: string[] = [];
    for (const [index, { hash, from, nonce }] of block.transactions.entries()) {
      const place = { block: number, index, hash };
      const touched = new Set<string>();
      for (const { frame } of framesOf(await callTrace(this.node, hash))) {
        touched.add(frame.from);
        if (frame.to === undefined) continue;
        touched.add(frame.to);
        if (!frame.type.startsWith("CREATE") || frame.error !== undefined) continue;
        created.push(frame.to);
        this.#created.set(frame.to, { hash, creator: frame.from });
      }
      for (const address of touched) {
        addresses.add(address);
        const places = this.#touching.get(address);
        if (places === undefined) this.#touching.set(address, [place]);
        else places.push(place);
      }
      const sender = `${String(from)} ${toNumber(nonce, "a nonce")}`;
      senders.push(sender);
      this.#bySender.set(sender, hash);
    }
    this.#transactions += block.transactions.length;
    this.#blocks.push({
      hash: block.hash,
      addresses,
      created,
      senders,
      count: block.transactions.length,
    });
  }
}
