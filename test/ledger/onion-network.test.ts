import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "chai";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { randomScalar } from "../../src/algebra/index.js";
import { ORDER, SecretKey } from "../../src/ledger/curve.js";
import { chooseRoute, OnionClient, type NodeRecord } from "../../src/ledger/onion/client.js";
import {
  encodeFrame,
  epochData,
  randomCircuit,
  type Frame,
} from "../../src/ledger/onion/frames.js";
import { MemoryTransport } from "../../src/ledger/onion/memory-transport.js";
import { MixPool, type Mixing } from "../../src/ledger/onion/mix-pool.js";
import { OnionNode } from "../../src/ledger/onion/node.js";
import { buildOnion } from "../../src/ledger/onion/packet.js";
import { TcpTransport } from "../../src/ledger/onion/tcp-transport.js";
import type { Link, Listener, Receive, Transport } from "../../src/ledger/onion/transport.js";
import { expectError, expectRejection } from "../support/errors.js";

const EPOCH = 77;
const PROMPT: Mixing = { batch: 1, delay: 5 };

/** A transport that keeps what goes over its links, in order. */
class RecordingTransport implements Transport {
  readonly frames: Frame[] = [];
  constructor(private readonly inner: Transport) {}
  listen(accept: (link: Link) => Receive): Promise<Listener> {
    return this.inner.listen((link) => {
      const receive = accept(link);
      return (frame) => {
        this.frames.push(frame);
        receive(frame);
      };
    });
  }
  connect(address: string, receive: Receive): Promise<Link> {
    return this.inner.connect(address, receive);
  }
}

const running: Network[] = [];
function stopNetworksAfterEach(): void {
  afterEach(async () => {
    for (const network of running.splice(0)) await network.stop();
  });
}

class Network {
  readonly relays: OnionNode[] = [];
  readonly records: NodeRecord[] = [];
  readonly received: Uint8Array[] = [];
  readonly failures: unknown[] = [];
  destination!: NodeRecord;
  readonly client: OnionClient;

  private constructor(
    readonly transport: Transport,
    timeout: number,
  ) {
    this.client = new OnionClient(transport, timeout);
  }

  static async start(
    transport: Transport,
    { relays = 3, mixing = PROMPT, timeout = 2000 } = {},
    answer: (payload: Uint8Array) => Uint8Array = (payload) => payload.slice(0, 3),
  ): Promise<Network> {
    const network = new Network(transport, timeout);
    running.push(network);
    const addresses = new Map<string, string>();
    const add = async (
      mixed: Mixing,
      deliver?: (p: readonly Uint8Array[]) => Promise<Uint8Array[]>,
    ): Promise<NodeRecord> => {
      const key = SecretKey.random();
      const node = new OnionNode(
        {
          key,
          transport,
          mixing: mixed,
          addressOf: (hex) => addresses.get(hex),
          ...(deliver && {
            application: { deliver, failed: (error) => network.failures.push(error) },
          }),
        },
        EPOCH,
      );
      const address = await node.start();
      addresses.set(bytesToHex(key.publicKey.encoded), address);
      network.relays.push(node);
      return { key: key.publicKey, address };
    };
    for (let i = 0; i < relays; i++) network.records.push(await add(mixing));
    network.destination = await add(PROMPT, (payloads) => {
      network.received.push(...payloads);
      return Promise.resolve(payloads.map(answer));
    });
    return network;
  }

  send(payload: Uint8Array, relays = this.records, epoch = EPOCH): Promise<Uint8Array> {
    return this.client.send(relays, this.destination, payload, epoch);
  }

  async stop(): Promise<void> {
    await this.client.close();
    for (const node of this.relays) await node.stop();
  }
}

for (const [name, make] of [
  ["in memory", () => new MemoryTransport()],
  ["over TCP on loopback", () => new TcpTransport()],
] as const) {
  describe(`An onion network ${name}`, () => {
    stopNetworksAfterEach();

    it("carries payloads through three relays and the answers back", async () => {
      const network = await Network.start(make());
      const payloads = Array.from({ length: 20 }, (_, i) => utf8ToBytes(`${i} says hello`));
      const answers = await Promise.all(payloads.map((payload) => network.send(payload)));
      expect(answers).to.deep.equal(payloads.map((payload) => payload.slice(0, 3)));
      expect(new Set(network.received.map(bytesToHex))).to.deep.equal(
        new Set(payloads.map(bytesToHex)),
      );
      const [first, , , last] = network.relays;
      expect(first!.counts).to.include({ peeled: 20, forwarded: 20, answered: 20, delivered: 0 });
      expect(last!.counts).to.include({ peeled: 20, forwarded: 0, answered: 20, delivered: 20 });
    });

    it("says which relay failed, and why", async () => {
      const network = await Network.start(make());
      const [a, b, c] = network.records as [NodeRecord, NodeRecord, NodeRecord];
      const unknown = { key: SecretKey.random().publicKey, address: "nowhere" };
      const lost = await expectRejection(
        network.send(new Uint8Array(9), [a, unknown, c]),
        "ledger/relay-failed",
      );
      expect(lost.details).to.deep.equal({ relay: 1, reason: "unknown" });
      await network.relays[2]!.stop();
      const down = await expectRejection(network.send(new Uint8Array(9)), "ledger/relay-failed");
      expect(down.details).to.deep.equal({ relay: 2, reason: "unreachable" });
      await network.relays[0]!.stop();
      await network.client.close();
      await expectRejection(network.send(new Uint8Array(9), [a, b]), "ledger/unreachable");
    });

    it("drops what is malformed, old or seen before, counts it, and passes nothing on", async () => {
      const transport = new RecordingTransport(make());
      const network = await Network.start(transport);
      const [relay] = network.relays;
      const before = (await network.send(new Uint8Array(5)), transport.frames);
      const packet = before.find((f) => f.type === "packet") as Frame & { type: "packet" };
      const link = await transport.connect(network.records[0]!.address, () => undefined);
      const damaged = (at: number, value?: number): Frame => {
        const onion = packet.onion.slice();
        onion[at] = value ?? onion[at]! ^ 1;
        return { ...packet, circuit: randomCircuit(), onion };
      };
      const tooShort = buildOnion(
        [
          { publicKey: network.records[0]!.key, payload: new Uint8Array(9) },
          { publicKey: network.destination.key, payload: new Uint8Array(9) },
        ],
        randomScalar(ORDER),
        epochData(EPOCH),
      ).packet;
      const forRelay = buildOnion(
        [{ publicKey: network.records[0]!.key, payload: new Uint8Array(9) }],
        randomScalar(ORDER),
        epochData(EPOCH),
      ).packet;
      const bad: [string, Frame][] = [
        ["replayed", packet],
        ["replayed", { ...packet, circuit: randomCircuit() }],
        ["version", damaged(0)],
        ["key", damaged(1, 9)],
        ["mac", damaged(700)],
        ["mac", damaged(1365)],
        ["mac", { ...packet, epoch: EPOCH - 1 }],
        ["epoch", { ...packet, epoch: EPOCH - 2 }],
        ["epoch", { ...packet, epoch: EPOCH + 1 }],
        ["payload", { ...packet, onion: tooShort }],
        ["payload", { ...packet, onion: forRelay }],
        ["unknown-circuit", { type: "answer", circuit: 5, answer: new Uint8Array(292) }],
      ];
      const expected: Record<string, number> = { ...relay!.counts.dropped };
      const { forwarded } = relay!.counts;
      for (const [reason, frame] of bad) {
        link.send(frame);
        expected[reason] = (expected[reason] ?? 0) + 1;
      }
      const after = await network.send(utf8ToBytes("still alive"));
      expect(after).to.deep.equal(utf8ToBytes("sti"));
      expect(relay!.counts.dropped).to.deep.equal(expected);
      expect(relay!.counts.forwarded).to.equal(forwarded + 1);
      link.close();
    });

    it("gives up waiting, and can send again", async () => {
      const network = await Network.start(make(), { timeout: 60 });
      const [relay] = network.relays;
      await relay!.enter(EPOCH + 5);
      await expectRejection(network.send(new Uint8Array(5)), "ledger/no-answer");
      expect(relay!.counts.dropped.epoch).to.equal(1);
      await relay!.enter(EPOCH + 1);
      expect(await network.send(new Uint8Array(5))).to.have.lengthOf(3);
    });

    it("opens a broken link again", async () => {
      const transport = make();
      const network = await Network.start(transport);
      await network.send(new Uint8Array(5));
      await network.client.close();
      expect(await network.send(new Uint8Array(5))).to.have.lengthOf(3);
    });
  });
}

describe("What an observer of the links sees", () => {
  stopNetworksAfterEach();

  it("is packets and answers of one length, no two alike, and circuits that do not repeat", async () => {
    const transport = new RecordingTransport(new MemoryTransport());
    const network = await Network.start(transport);
    await network.send(utf8ToBytes("short"));
    await network.send(new Uint8Array(900));
    const packets = transport.frames.filter((f) => f.type === "packet");
    expect(packets).to.have.lengthOf(8);
    expect(new Set(transport.frames.map((f) => encodeFrame(f).length)).size).to.equal(1);
    expect(new Set(packets.map((f) => bytesToHex(f.onion))).size).to.equal(8);
    expect(new Set(packets.map((f) => f.circuit)).size).to.equal(8);
    // No 16 bytes of a packet are found in the next hop's.
    for (let hop = 0; hop + 1 < 4; hop++) {
      const next = Buffer.from(packets[hop + 1]!.onion);
      for (let at = 0; at + 16 <= 1366; at += 16) {
        expect(next.includes(Buffer.from(packets[hop]!.onion.subarray(at, at + 16)))).to.equal(
          false,
        );
      }
    }
  });

  it("is departures in batches, in an order that arrivals do not tell", async () => {
    const mixing = { batch: 12, delay: 60_000 };
    const network = await Network.start(new MemoryTransport(), {
      relays: 1,
      mixing,
      timeout: 9000,
    });
    const orders: number[][] = [];
    for (let round = 0; round < 3; round++) {
      network.received.length = 0;
      const sent: Promise<Uint8Array>[] = [];
      for (let i = 0; i < 11; i++) sent.push(network.send(Uint8Array.of(i, round)));
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect(network.received, "nothing leaves before the batch is full").to.have.lengthOf(0);
      sent.push(network.send(Uint8Array.of(11, round)));
      await Promise.all(sent);
      orders.push(network.received.map(([i]) => i!));
    }
    for (const order of orders) {
      expect(order.toSorted((a, b) => a - b)).to.deep.equal([...Array(12).keys()]);
    }
    // Three equal orders of twelve have probability 12!⁻²: below 10⁻¹⁷.
    expect(new Set(orders.map((o) => o.join())).size).to.be.greaterThan(1);
  });

  it("is a batch that is not full, after the delay", async () => {
    const released: number[][] = [];
    const pool = new MixPool<number>({ batch: 10, delay: 20 }, (batch) =>
      released.push([...batch]),
    );
    pool.add(1);
    pool.add(2);
    expect(released).to.deep.equal([]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(released.map((b) => b.toSorted())).to.deep.equal([[1, 2]]);
    pool.add(3);
    pool.drop();
    pool.flush();
    expect(released).to.have.lengthOf(1);
  });
});

describe("An onion node", () => {
  stopNetworksAfterEach();

  it("cuts off a peer that sends no frames", async () => {
    const network = await Network.start(new TcpTransport());
    const [host, port] = network.records[0]!.address.split(":");
    const socket = connect(Number(port), host);
    await once(socket, "connect");
    socket.write("GET / HTTP/1.1\r\n\r\n");
    await once(socket, "close");
    expect(await network.send(new Uint8Array(5))).to.have.lengthOf(3);
  });

  it("puts frames together that arrive in pieces", async () => {
    const network = await Network.start(new TcpTransport());
    const [relay] = network.relays;
    const [host, port] = network.records[0]!.address.split(":");
    const socket = connect(Number(port), host).setNoDelay(true);
    await once(socket, "connect");
    const onion = new Uint8Array(1366);
    const bytes = encodeFrame({ type: "packet", circuit: 1, epoch: EPOCH, onion });
    const two = Buffer.concat([bytes, bytes]);
    for (const [from, to] of [
      [0, 1],
      [1, 700],
      [700, 1500],
      [1500, 2758],
    ] as const) {
      socket.write(two.subarray(from, to));
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    expect(relay!.counts.dropped.key).to.equal(2);
    socket.destroy();
  });

  it("reports when its application fails, and answers nothing", async () => {
    const network = await Network.start(new MemoryTransport(), { timeout: 50 }, () => {
      throw new Error("disk full");
    });
    await expectRejection(network.send(new Uint8Array(5)), "ledger/no-answer");
    expect(network.failures).to.have.lengthOf(1);
  });
});

describe("Routes", () => {
  const nodes = Array.from({ length: 6 }, (_, i): NodeRecord => ({
    key: SecretKey.random().publicKey,
    address: `${i}`,
  }));

  it("are of different nodes, all of which are used, beginning at the entry", () => {
    const used = new Set<NodeRecord>();
    for (let i = 0; i < 60; i++) {
      const route = chooseRoute(nodes, 3);
      expect(new Set(route).size).to.equal(3);
      route.forEach((node) => used.add(node));
      expect(chooseRoute(nodes, 3, nodes[4])[0]).to.equal(nodes[4]);
    }
    expect(used.size).to.equal(6);
  });

  it("are not chosen from too few nodes", () => {
    expect(chooseRoute(nodes, 6)).to.have.lengthOf(6);
    expectError(() => chooseRoute(nodes, 7), "ledger/onion-route");
  });
});
