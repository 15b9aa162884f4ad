/** A group of ten for the tests of repairs: a fresh stream for each test, and a clock that they move. */
import {
  agreeGroup,
  openStream,
  writeDropSet,
  type AgreedGroup,
  type Member,
  type Stream,
  type StreamOptions,
} from "../../src/aggregation/index.js";

export const names = Array.from({ length: 10 }, (_, i) => `home-${i}`);
export const maxValue = 10_000n;
/** Seconds in which members object. */
export const WINDOW = 60;

export const first = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

export class GroupOfTen {
  readonly clock = { now: 1000 };
  agreed!: AgreedGroup;
  stream!: Stream;
  #epoch = 0;

  /** Registers the hooks of the describe block it is called in. */
  static forTests(): GroupOfTen {
    const world = new GroupOfTen();
    before(async () => {
      world.agreed = await agreeGroup({ group: "repair", members: names, maxValue });
    });
    beforeEach(async () => {
      world.stream = await world.opened();
    });
    return world;
  }

  opened(options: Partial<StreamOptions> = {}): Promise<Stream> {
    return openStream(this.agreed, {
      stream: "load-wh",
      epoch: ++this.#epoch,
      window: WINDOW,
      now: () => this.clock.now,
      ...options,
    });
  }

  /** The members with these indices send `100 + index` for the label; their messages and receipts. */
  async contribute(label: bigint, indices: readonly number[], withReceipts = true) {
    const { aggregator, members } = this.stream;
    await aggregator.openLabel(label);
    const sent = await Promise.all(indices.map((i) => members[i]!.encrypt(label, BigInt(100 + i))));
    const receipts: Uint8Array[] = [];
    for (const [k, taken] of (await aggregator.take(sent)).entries()) {
      if ("error" in taken) throw taken.error;
      receipts.push(taken.receipt);
      if (withReceipts) await members[indices[k]!]!.receive(taken.receipt);
    }
    return { sent, receipts };
  }

  signed(label: bigint, missing: readonly number[], key = this.agreed.aggregatorIdentity) {
    return writeDropSet({ place: this.stream.aggregator, label, missing, aggregator: key });
  }

  /** All members see the drop-set, and the time for objections passes. */
  async post(dropSet: Uint8Array, to: readonly Member[] = this.stream.members): Promise<void> {
    for (const member of to) await member.see(dropSet);
    this.clock.now += WINDOW;
  }
}
