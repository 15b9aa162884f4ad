/** What relays, the last node and those who watch them see of who sends, and of relays that fail. */
import { bytesToHex, randomBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import {
  endTime,
  LocalPeeler,
  OnionClient,
  OnionNode,
  PINNED_ENTRIES,
  releaseTime,
  type OnionPeer,
} from "../../../src/channel/onion/index.js";
import { SeenPackets } from "../../../src/channel/onion/seen-packets.js";
import { ANSWER_BYTES } from "../../../src/channel/onion/answer.js";
import { roundData } from "../../../src/channel/onion/round.js";
import { MemoryStore } from "../../../src/store/index.js";
import { expectRejection } from "../../support/errors.js";
import { HOPS, EPOCH, SLOT, World, message, isAnswered } from "./world.js";

describe("An onion round", () => {
  it("carries every message and its answer, and the last node alone reads it", async () => {
    const w = await World.open();
    const sessions = await w.senders([...Array(20).keys()].map(message));
    await w.run(sessions);
    sessions.forEach((session, i) => expect(isAnswered(session, i)).to.equal(true));
    expect(w.read).to.have.lengthOf(20);
    expect(w.centre.counts.taken).to.equal(40);
    for (const { counts } of w.relays) {
      expect(counts.answered).to.equal(counts.taken);
      expect(Object.values(counts.dropped).every((n) => n === 0)).to.equal(true);
    }
  });

  it("looks the same of a sender with much to say, and of one with nothing", async () => {
    const w = await World.open();
    const client = await w.client();
    const busy = client.begin({
      destination: w.centre.publicKey,
      messages: [1, 2, 3, 4, 5].map(message),
      count: 7,
    });
    const idle = (await w.client()).begin({
      destination: w.centre.publicKey,
      messages: [],
      count: 7,
    });
    await w.run([busy, idle]);
    const entered = w.watched.filter(({ hop }) => hop === 0);
    // Two senders, two rounds: four batches of one number and one size of packets.
    expect(entered.map(({ packets }) => packets.length)).to.deep.equal([7, 7, 7, 7]);
    expect(new Set(w.watched.flatMap(({ packets }) => packets.map((p) => p.length))).size).to.equal(
      1,
    );
    expect(busy.answers.every((answer) => answer !== undefined)).to.equal(true);
  });

  it("when the last node withholds an answer, shows nobody who sends again: everyone does", async () => {
    const victim = 4;
    const honest = await World.open();
    const lying = await World.open(undefined, (m) => m[0] === victim);
    const shapes: unknown[] = [];
    for (const w of [honest, lying]) {
      const sessions = await w.senders([...Array(10).keys()].map(message));
      await w.run(sessions);
      shapes.push({
        // What goes in at each time, and what reaches the last node: numbers and sizes.
        entered: [...new Set(w.watched.filter(({ hop }) => hop === 0).map(({ time }) => time))],
        each: w.watched.filter(({ hop }) => hop === 0).map(({ packets }) => packets.length),
        read: w.watched
          .filter(({ to }) => to === "centre")
          .reduce((sum, { packets }) => sum + packets.length, 0),
      });
    }
    expect(shapes[1]).to.deep.equal(shapes[0]);
    // The packet did come again in the second round, as one of ten.
    expect(lying.read.filter((m) => m[0] === victim)).to.have.lengthOf(2);
  });

  it("lets packets go together at the end of a slot, whenever they came, in an order of its own", async () => {
    const w = await World.open();
    const round = w.round(0);
    const sessions = await w.senders([...Array(30).keys()].map(message));
    const launches = await Promise.all(sessions.map((s) => s.prepare(w.network, round)));
    // Homes send all over the slot: the first at its beginning, the last just before its end.
    const late = { ...w.network, clock: w.clock };
    expect(late.clock.now()).to.equal(0);
    const ends = launches.map((launch) => launch());
    await w.clock.run();
    await Promise.all(ends);
    for (const { hop, time } of w.watched) {
      expect(time).to.equal(hop === 0 ? round.start : releaseTime(round, hop - 1));
    }
    // In the order of arrival, homes 0 … 29 would be read in rising order at the last node.
    const order = w.read.map((m) => m[0]!);
    expect(order).not.to.deep.equal([...order].sort((a, b) => a - b));
  });

  it("takes a packet up to the end of its slot, and not later", async () => {
    const w = await World.open();
    const round = w.round(0);
    const [relay] = w.relays;
    const packets = [randomBytes(1365)];
    const taken = relay!.exchange(round, 0, packets);
    let refused: Promise<unknown> | undefined;
    w.clock.schedule(releaseTime(round, 0) + 1, async () => {
      refused = relay!.exchange(round, 0, packets);
      refused.catch(() => undefined);
    });
    await w.clock.run();
    expect((await taken).map((a) => a.length)).to.deep.equal([ANSWER_BYTES]);
    await expectRejection(refused!, "channel/round-over");
    await expectRejection(relay!.exchange(w.round(0, EPOCH + 3), 0, packets), "channel/round-over");
    await expectRejection(relay!.exchange(w.round(9), HOPS + 1, packets), "channel/round-over");
  });
});

describe("A sender", () => {
  it("shows itself to three pinned entries, with any answers, and to the same after a restart", async () => {
    const w = await World.open();
    const store = new MemoryStore();
    const entries = new Set<string>();
    for (let i = 0; i < 12; i++) {
      const client = await w.client(store);
      const session = client.begin({
        destination: w.centre.publicKey,
        messages: [message(i)],
        count: 1,
      });
      const before = w.watched.length;
      await session.prepare(w.network, { ...w.round(i) });
      expect(w.watched.length).to.equal(before);
      const round = w.round(20 + i);
      const launch = await session.prepare(w.network, round);
      const end = launch();
      await w.clock.run();
      await end;
      entries.add(w.watched.slice(before).find(({ hop }) => hop === 0)!.to);
    }
    expect(entries.size).to.equal(PINNED_ENTRIES);
  });

  it("with fewer relays than hops, sends nothing", async () => {
    const relays = [randomBytes(32), randomBytes(32)];
    await expectRejection(
      OnionClient.open({ store: new MemoryStore(), relays, hops: 3 }),
      "channel/onion-route",
    );
  });

  it("with one relay on a route, takes any; with none, sends nothing", async () => {
    const relays = [randomBytes(32), randomBytes(32)];
    await OnionClient.open({ store: new MemoryStore(), relays, hops: 1 });
    for (const hops of [0, -1]) {
      await expectRejection(
        OnionClient.open({ store: new MemoryStore(), relays, hops }),
        "channel/onion-route",
      );
    }
  });

  it("with a last node that no relay knows, gets no answer, and the others of the round get theirs", async () => {
    const w = await World.open();
    const [honest] = await w.senders([message(0)]);
    const lost = (await w.client()).begin({
      destination: new LocalPeeler().publicKey,
      messages: [message(1)],
      count: 1,
    });
    await w.run([honest!, lost]);
    expect(isAnswered(honest!, 0)).to.equal(true);
    expect(lost.answers).to.deep.equal([undefined]);
    const dropped = w.relays.map(({ counts }) => counts.dropped["unknown-node"]);
    // A packet in each of two rounds.
    expect(dropped.reduce((sum, count) => sum + count, 0)).to.equal(2);
  });

  it("takes routes of different relays, the last node at their end", async () => {
    const w = await World.open();
    const sessions = await w.senders([...Array(40).keys()].map(message));
    await w.run(sessions, 1);
    // A relay met twice on a route would drop nothing, and the last node would still read: count the hops instead.
    const perHop = [0, 1, 2, 3].map((hop) =>
      w.watched.filter((s) => s.hop === hop).reduce((sum, s) => sum + s.packets.length, 0),
    );
    expect(perHop).to.deep.equal([40, 40, 40, 40]);
    expect(w.watched.filter(({ hop, to }) => (hop === HOPS) !== (to === "centre"))).to.deep.equal(
      [],
    );
  });
});

const FAILURES: Record<string, (peer: OnionPeer, w: World) => OnionPeer> = {
  dead: () => ({ exchange: () => Promise.reject(new Error("no route to host")) }),
  silent: () => ({ exchange: () => new Promise(() => undefined) }),
  slow: (peer, { clock, timetable }) => ({
    exchange: async (round, hop, packets) => {
      const answers = await peer.exchange(round, hop, packets);
      await new Promise<void>((resolve) => {
        clock.schedule(endTime(timetable(round)!) + 10 * SLOT, () => Promise.resolve(resolve()));
      });
      return answers;
    },
  }),
  "answering too little": () => ({ exchange: () => Promise.resolve([]) }),
  "answering garbage": () => ({
    exchange: (_r, _h, packets) =>
      Promise.resolve(packets.map((_, i) => randomBytes(i % 2 ? ANSWER_BYTES : 5))),
  }),
  "altering packets": (peer) => ({
    exchange: (round, hop, packets) =>
      peer.exchange(
        round,
        hop,
        packets.map((p) => Uint8Array.from(p, (b, i) => (i === 600 ? b ^ 1 : b))),
      ),
  }),
};

for (const [what, fail] of Object.entries(FAILURES)) {
  describe(`A relay that is ${what}, of five`, () => {
    it("costs those whose route it is on a round, and changes nothing that others see", async () => {
      const w = await World.open((i, peer, world) => (i === 2 ? fail(peer, world) : peer));
      const sessions = await w.senders([...Array(30).keys()].map(message));
      await w.run(sessions, 1);
      const first = sessions.filter((s, i) => isAnswered(s, i)).length;
      expect(first).to.be.within(1, 29);
      for (const [i, relay] of w.relays.entries()) {
        if (i !== 2) expect(relay.counts.answered).to.equal(relay.counts.taken);
      }
      const entered = w.watched.filter(({ hop }) => hop === 0);
      expect(entered.map(({ packets }) => packets.length)).to.deep.equal(Array(30).fill(1));
    });

    it("loses no message for good: more rounds bring all of them", async () => {
      const w = await World.open((i, peer, world) => (i === 2 ? fail(peer, world) : peer));
      const sessions = await w.senders([...Array(12).keys()].map(message));
      await w.run(sessions, 8);
      sessions.forEach((session, i) => expect(isAnswered(session, i), `${i}`).to.equal(true));
    });
  });
}

describe("A relay's memory of packets", () => {
  it("drops a packet that comes again, in the same batch or a later one, and answers it like any other", async () => {
    const w = await World.open();
    const [relay] = w.relays;
    const round = w.round(0);
    const { packet } = (
      await w.builder.build(
        [
          {
            nodes: [
              w.relays[0]!.publicKey,
              w.relays[1]!.publicKey,
              w.relays[2]!.publicKey,
              w.centre.publicKey,
            ],
            payload: Uint8Array.of(1, 5),
          },
        ],
        Uint8Array.from([0, 0, 0, EPOCH, 0]),
      )
    )[0]!;
    const answers = relay!.exchange(round, 0, [packet, packet]);
    await w.clock.run();
    expect((await answers).map((a) => a.length)).to.deep.equal([ANSWER_BYTES, ANSWER_BYTES]);
    expect(relay!.counts.dropped.replayed).to.equal(1);
    expect(w.read).to.have.lengthOf(1);
    // In another round its HMAC does not hold.
    const again = relay!.exchange({ ...w.round(1) }, 0, [packet]);
    await w.clock.run();
    await again;
    expect(relay!.counts.dropped.mac).to.equal(1);
    expect(w.read).to.have.lengthOf(1);
  });

  it("survives the process: what was seen before it ended is dropped after", async () => {
    const store = new MemoryStore();
    const first = await SeenPackets.open(store);
    await first.enter(EPOCH);
    const secrets = [randomBytes(32), randomBytes(32)];
    expect(await first.add(EPOCH, secrets)).to.deep.equal([true, true]);
    expect(await first.add(EPOCH, [secrets[1]!, randomBytes(32)])).to.deep.equal([false, true]);
    const second = await SeenPackets.open(store);
    expect(second.knows(EPOCH)).to.equal(true);
    expect(await second.add(EPOCH, [...secrets, randomBytes(32)])).to.deep.equal([
      false,
      false,
      true,
    ]);
    await second.enter(EPOCH + 1);
    expect(await second.add(EPOCH, secrets), "the epoch before is kept").to.deep.equal([
      false,
      false,
    ]);
    expect(await second.add(EPOCH + 1, secrets)).to.deep.equal([true, true]);
    await second.enter(EPOCH + 2);
    expect(second.knows(EPOCH)).to.equal(false);
    const third = await SeenPackets.open(store);
    expect([EPOCH, EPOCH + 1, EPOCH + 2].map((e) => third.knows(e))).to.deep.equal([
      false,
      true,
      true,
    ]);
    // Names are hashes: the store holds no secret.
    const kept = (await store.transaction((tx) => tx.list("")))
      .map(([, v]) => bytesToHex(v))
      .join();
    for (const secret of secrets) expect(kept).not.to.include(bytesToHex(secret).slice(0, 32));
  });

  it("when it is lost, the relay refuses the epoch that runs, and takes the next", async () => {
    const w = await World.open();
    const peerOf = (key: string) => w.peers.get(key);
    const { clock, timetable } = w;
    const options = { peeler: new LocalPeeler(), clock, peerOf, timetable };
    const lost = await OnionNode.open({ ...options, store: new MemoryStore() }, EPOCH);
    await lost.enter(EPOCH);
    await expectRejection(lost.exchange(w.round(0), 0, []), "channel/round-over");
    await lost.enter(EPOCH + 1);
    const next = lost.exchange(w.round(0, EPOCH + 1), 0, [randomBytes(1365)]);
    await w.clock.run();
    expect(await next).to.have.lengthOf(1);
    const kept = await OnionNode.open({ ...options, store: w.stores[0]! }, EPOCH);
    const taken = kept.exchange(w.round(3), 0, [randomBytes(1365)]);
    await w.clock.run();
    expect(await taken).to.have.lengthOf(1);
  });
});

describe("A relay's memory of rounds", () => {
  it("given rounds that are over, then it holds no packet and no way back; two epochs later, nothing of them", async () => {
    const w = await World.open();
    const [relay] = w.relays;
    const taken = [0, 1].map((n) => relay!.exchange(w.round(n), 0, [randomBytes(1365)]));
    expect(relay!.held).to.deep.equal({ stages: 2, packets: 2 });
    await w.clock.run();
    await Promise.all(taken);
    expect(relay!.held, "names stay, so that no round opens twice").to.deep.equal({
      stages: 2,
      packets: 0,
    });
    await relay!.enter(EPOCH + 1);
    expect(relay!.held.stages, "the epoch before").to.equal(2);
    await relay!.enter(EPOCH + 2);
    expect(relay!.held.stages).to.equal(0);
  });

  it("given a round that runs while the next epoch is entered, then its packets still go on together", async () => {
    const w = await World.open();
    const [relay, next, after] = w.relays.map(({ publicKey }) => publicKey);
    const order = (payload: number) => ({
      nodes: [relay!, next!, after!, w.centre.publicKey],
      payload: Uint8Array.of(1, payload),
    });
    const round = w.round(0);
    const onions = await w.builder.build([order(1), order(2)], roundData(round));
    const [first, second] = onions.map(({ packet }) => packet);
    const before = w.relays[0]!.exchange(round, 0, [first!]);
    await w.relays[0]!.enter(EPOCH + 1);
    const late = w.relays[0]!.exchange(round, 0, [second!]);
    await w.clock.run();
    await Promise.all([before, late]);
    // Two batches of one packet each would show which came first.
    expect(
      w.watched.filter(({ to }) => to === "relay 1").map((s) => s.packets.length),
    ).to.deep.equal([2]);
    expect(w.read).to.have.lengthOf(2);
  });
});
