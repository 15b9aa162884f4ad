/** Neighbours and lists that lie to a node or a sender: what they name is not believed. */
import { randomBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { OnionClient, onionKeyPair } from "../../../src/channel/onion/index.js";
import { decapsulate, isLowOrder } from "../../../src/channel/onion/kem.js";
import { MemoryStore } from "../../../src/store/index.js";
import { expectRejection } from "../../support/errors.js";
import { HOPS, isAnswered, message, SLOT, World } from "./world.js";
import { LOW_ORDER_KEYS } from "./low-order.js";

describe("A relay between two that lie", () => {
  it("given a packet as one of a later slot, drops it: nobody marks a packet by the company that it leaves in", async () => {
    const honest = 1;
    const w = await World.open((i, peer) =>
      i === honest
        ? { exchange: (round, hop, packets) => peer.exchange(round, hop + 1, packets) }
        : peer,
    );
    const sessions = await w.senders([...Array(20).keys()].map(message));
    await w.run(sessions, 1);
    const { counts } = w.relays[honest]!;
    expect(counts.taken).to.be.above(0);
    expect(counts.dropped.mac).to.equal(counts.taken);
    expect(counts.forwarded).to.equal(0);
    expect(counts.answered).to.equal(counts.taken);
  });

  it("told other times of a round, keeps to the timetable: no neighbour opens, closes or splits a slot", async () => {
    const w = await World.open();
    const [relay] = w.relays;
    const round = w.round(0);
    const lies = [
      { start: round.start - 1000 * SLOT },
      { slot: 1 },
      { slot: 1000 * SLOT },
      { hops: 0 },
      { hops: 10 },
    ];
    // First of all comes one who wants the packets of others to travel alone, or not at all.
    const early = lies.map((lie) => relay!.exchange({ ...round, ...lie }, 0, [randomBytes(1365)]));
    const sessions = await w.senders([...Array(12).keys()].map(message));
    const launches = await Promise.all(sessions.map((s) => s.prepare(w.network, round)));
    const ends = launches.map((launch) => launch());
    await w.clock.run();
    await Promise.all([...ends, ...early]);
    sessions.forEach((session, i) => expect(isAnswered(session, i), `${i}`).to.equal(true));
    for (const { hop, time, to } of w.watched) {
      expect(time, to).to.equal(round.start + hop * SLOT);
    }
    expect(relay!.held.stages).to.be.at.most(HOPS);
  });

  it("told a round that is not in the timetable, or a hop that is none, takes no packet", async () => {
    const w = await World.open();
    const [relay] = w.relays;
    const round = w.round(0);
    for (const [id, hop] of [
      [{ ...round, round: 200 }, 0],
      [{ ...round, round: -1 }, 0],
      [{ ...round, round: 0.5 }, 0],
      [round, -1],
      [round, 0.5],
      [round, HOPS + 1],
      [round, NaN],
    ] as const) {
      await expectRejection(relay!.exchange(id, hop, [randomBytes(1365)]), "channel/round-over");
    }
    expect(relay!.held).to.deep.equal({ stages: 0, packets: 0 });
  });
});

describe("A list of relays that lies", () => {
  const LOW = LOW_ORDER_KEYS.flatMap((hex) => {
    const key = Uint8Array.from(Buffer.from(hex, "hex"));
    return [key, key.with(31, key[31]! ^ 0x80)];
  });

  it("given keys of low order, knows each of them, and none of those that nodes make", () => {
    const node = onionKeyPair();
    for (const key of LOW) {
      expect(decapsulate(node, key)).to.equal(undefined);
      expect(isLowOrder(key)).to.equal(true);
    }
    for (let i = 0; i < 100; i++) expect(isLowOrder(onionKeyPair().publicKey)).to.equal(false);
  });

  it("given keys that are none among five relays, costs nobody a round", async () => {
    const w = await World.open();
    const relays = [...LOW, randomBytes(31), ...w.relays.map(({ publicKey }) => publicKey)];
    const sessions = await Promise.all(
      [...Array(20).keys()].map(async (i) => {
        const client = await OnionClient.open({ store: new MemoryStore(), relays, hops: HOPS });
        const destination = w.centre.publicKey;
        return client.begin({ destination, messages: [message(i)], count: 1 });
      }),
    );
    await w.run(sessions, 1);
    sessions.forEach((session, i) => expect(isAnswered(session, i), `${i}`).to.equal(true));
  });

  it("given one relay under several entries, counts it once, and builds no route through it twice", async () => {
    const w = await World.open();
    const [first, second, third] = w.relays.map(({ publicKey }) => publicKey);
    const open = (relays: Uint8Array[]) =>
      OnionClient.open({ store: new MemoryStore(), relays, hops: HOPS });
    await expectRejection(open([first!, first!, first!, second!]), "channel/onion-route");
    const client = await open([first!, ...Array<Uint8Array>(20).fill(second!), third!]);
    const destination = w.centre.publicKey;
    const session = client.begin({ destination, messages: [message(1)], count: 30 });
    await w.run([session], 1);
    const packetsAt = (hop: number, to: string): number =>
      w.watched
        .filter((seen) => seen.hop === hop && seen.to === to)
        .reduce((sum, { packets }) => sum + packets.length, 0);
    for (const to of ["relay 0", "relay 1", "relay 2"]) {
      const passed = [0, 1, 2].reduce((sum, hop) => sum + packetsAt(hop, to), 0);
      expect(passed, to).to.equal(30);
    }
  });
});
