import { expect } from "chai";
import {
  buildOnion,
  hopData,
  LocalPeeler,
  OnionThreads,
  parseOnionKey,
  type Peeler,
} from "../../../src/channel/onion/index.js";
import { expectRejection } from "../../support/errors.js";
import { TestRandom } from "../../support/random.js";

const random = new TestRandom("onion threads");
const data = random.bytes(5);

describe("The onion in threads", () => {
  let threads: OnionThreads;
  let nodes: readonly [Peeler, Peeler, Peeler];
  before(async () => {
    threads = new OnionThreads(2);
    nodes = [await threads.peeler(), await threads.peeler(), await threads.peeler()];
  });
  after(() => threads.stop());

  it("given orders of many senders at once, then each gets its own packets, which its nodes open", async () => {
    const route = nodes.map(({ publicKey }) => publicKey);
    const payloads = Array.from({ length: 11 }, (_, i) => random.bytes(2 + 7 * i));
    const orders = payloads.map((payload) => ({ nodes: route, payload }));
    const built = await Promise.all([
      threads.build(orders.slice(0, 4), data),
      threads.build([], data),
      threads.build(orders.slice(4, 5), data),
      threads.build(orders.slice(5), data),
    ]);
    expect(built.map((onions) => onions.length)).to.deep.equal([4, 0, 1, 6]);
    let packets = built.flat().map(({ packet }) => packet);
    for (const [hop, node] of nodes.entries()) {
      const { layers } = await node.peel(packets, hopData(data, hop));
      packets = layers.map((layer, i) => {
        if (!layer.ok) throw new Error(layer.reason);
        expect(layer.secret).to.deep.equal(built.flat()[i]!.secrets[hop]);
        expect(layer.next?.to).to.deep.equal(route[hop + 1]);
        expect(layer.payload).to.deep.equal(hop === 2 ? payloads[i] : new Uint8Array());
        return layer.next?.packet ?? new Uint8Array();
      });
    }
  });

  it("given packets that are none, then say of each what the same node beside it would", async () => {
    const { packet } = buildOnion({
      nodes: [parseOnionKey(nodes[0].publicKey)],
      payload: random.bytes(9),
      associatedData: data,
    });
    const altered = packet.with(700, packet[700]! ^ 1);
    const zero = Uint8Array.from(packet, (byte, i) => (i > 0 && i < 33 ? 0 : byte));
    const bad = [packet.subarray(1), packet.with(0, 2), zero, altered, new Uint8Array()];
    const { layers } = await nodes[0].peel(bad, hopData(data, 0));
    const reasons = ["length", "version", "key", "mac", "length"];
    expect(layers).to.deep.equal(reasons.map((reason) => ({ ok: false, reason })));
    expect((await new LocalPeeler().peel(bad, hopData(data, 0))).layers).to.deep.equal(layers);
  });

  it("given a route that cannot be, then refuse it to all who asked with it, and go on", async () => {
    const tooLong = { nodes: [nodes[0].publicKey], payload: random.bytes(1400) };
    await expectRejection(threads.build([tooLong], data), "channel/peeler-stopped");
    const onions = await threads.build([{ ...tooLong, payload: random.bytes(5) }], data);
    expect(onions).to.have.lengthOf(1);
  });

  it("when they are stopped, then say so to who waits and to who comes later", async () => {
    const mortal = new OnionThreads(1);
    const node = await mortal.peeler();
    const waiting = Promise.allSettled([node.peel([random.bytes(1365)], data)]);
    await mortal.stop();
    expect((await waiting)[0].status).to.be.oneOf(["rejected", "fulfilled"]);
    await expectRejection(node.peel([], data), "channel/peeler-stopped");
    await expectRejection(
      mortal.build([{ nodes: [node.publicKey], payload: random.bytes(5) }], data),
      "channel/peeler-stopped",
    );
  });
});
