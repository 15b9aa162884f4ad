/** A wallet pays over the onion: the whole exchange, with relays and a counter that fail and lie. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { createMclBn254 } from "../../../src/algebra/index.js";
import { ANSWER_BYTES, REQUEST_BYTES, type Carrier } from "../../../src/exchange/index.js";
import {
  LocalBuilder,
  LocalPeeler,
  MOST_PAYMENT_HOPS,
  OnionClient,
  OnionNode,
  OnionPayments,
  PAYMENT_ANSWER_ROOM,
  paymentCounter,
  VirtualClock,
  type OnionPeer,
  type Round,
} from "../../../src/channel/onion/index.js";
import { MemoryStore } from "../../../src/store/index.js";
import { expectRejection } from "../../support/errors.js";
import { exchange } from "../../support/exchange.js";
import { TestRandom } from "../../support/random.js";
import { meterPeriod } from "../../support/settlement.js";
import {
  after,
  numbered,
  openWallet,
  PERIOD,
  runUntil,
  setClock,
  withdrawBefore,
} from "../../support/wallet.js";

const EPOCH = 3;
const PACKETS = 2;
const ATTEMPTS = 3;
const random = new TestRandom("onion payments");

/** Relays, the counter's node and some homes, one of which is asked to pay. */
class Town {
  readonly clock = new VirtualClock();
  readonly peers = new Map<string, OnionPeer>();
  readonly homes: OnionPayments[] = [];
  /** Sizes of what the links carry, there and back. */
  readonly there = new Set<number>();
  readonly back = new Set<number>();
  /** Packets that each round brought to a first relay. */
  readonly sent: number[] = [];
  readonly failures: unknown[] = [];
  rounds = 0;
  readonly #timetable = new Map<number, Round>();

  static async open(
    answer: Carrier,
    between: (relay: number, peer: OnionPeer) => OnionPeer = (_, peer) => peer,
  ): Promise<Town> {
    const t = new Town();
    const keys: Uint8Array[] = [];
    for (let i = 0; i < 4; i++) {
      const node = await t.#node();
      keys.push(node.publicKey);
      t.peers.set(bytesToHex(node.publicKey), t.#watch(between(i, node)));
    }
    const application = paymentCounter(answer, (error) => t.failures.push(error));
    const counter = await t.#node({ application });
    t.peers.set(bytesToHex(counter.publicKey), counter);
    for (let i = 0; i < 3; i++) {
      const store = new MemoryStore();
      const client = await OnionClient.open({ store, relays: keys, hops: MOST_PAYMENT_HOPS });
      const network = {
        clock: t.clock,
        builder: new LocalBuilder(),
        peerOf: (key: string) => t.peers.get(key),
        answerRoom: PAYMENT_ANSWER_ROOM,
      };
      const to = { counter: counter.publicKey, packets: PACKETS, attempts: ATTEMPTS };
      t.homes.push(new OnionPayments({ client, network, ...to }));
    }
    return t;
  }

  async #node(more: object = {}): Promise<OnionNode> {
    const node = await OnionNode.open({
      peeler: new LocalPeeler(),
      store: new MemoryStore(),
      clock: this.clock,
      peerOf: (key) => this.peers.get(key),
      answerRoom: PAYMENT_ANSWER_ROOM,
      timetable: ({ round }) => this.#timetable.get(round),
      ...more,
    });
    await node.enter(EPOCH);
    return node;
  }

  #watch(peer: OnionPeer): OnionPeer {
    return {
      exchange: async (round, hop, packets) => {
        if (hop === 0) this.sent.push(packets.length);
        for (const { length } of packets) this.there.add(length);
        const answers = await peer.exchange(round, hop, packets);
        for (const { length } of answers) this.back.add(length);
        return answers;
      },
    };
  }

  /** One round of all homes, whether or not they pay. */
  async round(): Promise<void> {
    const start = this.clock.now();
    const hops = MOST_PAYMENT_HOPS;
    const round: Round = { epoch: EPOCH, round: this.rounds++, start, hops, slot: 10 };
    this.#timetable.set(round.round, round);
    const running = this.homes.map((home) => home.round(round));
    // Packets are built before anything is due.
    await new Promise((resolve) => setImmediate(resolve));
    await this.clock.run();
    await Promise.all(running);
  }

  /** Pays as the first home, with as many rounds as it takes. */
  readonly carry: Carrier = async (request) => {
    let isDone = false;
    const answer = this.homes[0]!.carry(request).finally(() => (isDone = true));
    answer.catch(() => undefined);
    for (let i = 0; i < ATTEMPTS && !isDone; i++) {
      await this.round();
      await Promise.resolve();
    }
    return answer;
  };
}

const request = (): Uint8Array => random.bytes(REQUEST_BYTES);
const echo: Carrier = (bytes) => Promise.resolve(bytes.slice(0, ANSWER_BYTES));

describe("Payments over the onion", () => {
  it("given a bill, then the wallet pays every token through relays, and everyone's packets look the same", async () => {
    const x = exchange(await createMclBn254());
    const town = await Town.open(x.carrier);
    const { generated } = meterPeriod(x.world, [10, 1, 1], { period: PERIOD });
    const wallet = openWallet(x);
    await withdrawBefore({ exchange: x, wallet, basket: [10, 1, 1] });
    setClock(x, after(PERIOD));
    await wallet.resident.accept(PERIOD, numbered(generated.map(({ token }) => token)));
    const report = await runUntil(x, wallet, { carrier: town.carry });
    expect(report).to.include({ receipts: 3, unanswered: 0, lies: 0 });
    expect(town.failures).to.deep.equal([]);
    expect([town.there.size, town.back.size]).to.deep.equal([1, 1]);
    expect(new Set(town.sent)).to.deep.equal(new Set([PACKETS]));
    expect(town.sent).to.have.lengthOf(3 * town.rounds);
  });

  it("given more requests than packets, then the others wait for the next round, in order", async () => {
    const town = await Town.open(echo);
    const requests = Array.from({ length: 5 }, request);
    const answers = requests.map((one) => town.homes[0]!.carry(one));
    const done: number[] = [];
    answers.forEach((answer, i) => void answer.then(() => done.push(i)));
    for (const expected of [
      [0, 1],
      [0, 1, 2, 3],
      [0, 1, 2, 3, 4],
    ]) {
      await town.round();
      expect(done).to.deep.equal(expected);
    }
    expect(await Promise.all(answers)).to.deep.equal(requests);
  });

  it("given a dead relay of four, then a request goes again by another route, and nobody sees who sends again", async () => {
    const dead: OnionPeer = { exchange: () => Promise.reject(new Error("no route to host")) };
    const town = await Town.open(echo, (i, peer) => (i === 1 ? dead : peer));
    let answered = 0;
    for (let i = 0; i < 12; i++) {
      const one = request();
      await town.carry(one).then(
        (answer) => {
          expect(answer).to.deep.equal(one);
          answered++;
        },
        () => undefined,
      );
    }
    expect(answered).to.be.at.least(8);
    expect(new Set(town.sent)).to.deep.equal(new Set([PACKETS]));
  });

  it("given a counter that says nothing, lies about the size or fails, then the wallet has no answer, and others have theirs", async () => {
    const silent = request();
    const short = request();
    const failing = request();
    const is = (a: Uint8Array, b: Uint8Array): boolean => bytesToHex(a) === bytesToHex(b);
    const town = await Town.open((bytes) => {
      if (is(bytes, silent)) return Promise.resolve(new Uint8Array());
      if (is(bytes, short)) return Promise.resolve(new Uint8Array(ANSWER_BYTES - 1));
      return is(bytes, failing) ? Promise.reject(new Error("the database is gone")) : echo(bytes);
    });
    for (const bad of [silent, short, failing]) {
      const good = request();
      const other = town.homes[1]!.carry(good);
      await expectRejection(town.carry(bad), "channel/no-answer");
      expect(await other).to.deep.equal(good);
    }
    expect(town.failures).to.have.lengthOf(ATTEMPTS);
  });

  it("given a message that is not a request, then the counter never sees it", async () => {
    const seen: Uint8Array[] = [];
    const application = paymentCounter(
      (bytes) => {
        seen.push(bytes);
        return echo(bytes);
      },
      () => undefined,
    );
    const one = request();
    const payloads = [
      Uint8Array.of(0, 5),
      Uint8Array.of(1, ...one.subarray(1)),
      Uint8Array.of(2, ...one),
      Uint8Array.of(1, ...one),
    ];
    const answers = await application.deliver(payloads);
    expect(answers.map((answer) => answer?.length)).to.deep.equal([
      undefined,
      undefined,
      undefined,
      ANSWER_BYTES,
    ]);
    expect(seen).to.deep.equal([one]);
  });
});
