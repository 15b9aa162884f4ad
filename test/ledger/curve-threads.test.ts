import { secp256k1 } from "@noble/curves/secp256k1.js";
import { expect } from "chai";
import { bytesToInt } from "../../src/algebra/index.js";
import { ORDER } from "../../src/ledger/curve.js";
import { CurveThreads } from "../../src/ledger/curve-threads.js";
import { localCurve, type TweakedKey } from "../../src/ledger/curve-work.js";
import { LedgerControlCentre } from "../../src/ledger/control-centre.js";
import { encodeBundle } from "../../src/ledger/report.js";
import { signSchnorrs, type SchnorrItem } from "../../src/ledger/schnorr.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { FIRST, TestNeighbourhood } from "./support.js";

const { Point } = secp256k1;
const random = new TestRandom("curve threads");
const scalar = (): bigint => 1n + (bytesToInt(random.bytes(32)) % (ORDER - 1n));

function signed(count: number, messageBytes = 96): SchnorrItem[] {
  return signSchnorrs(
    Array.from({ length: count }, () => ({
      secret: scalar(),
      message: random.bytes(messageBytes),
    })),
  );
}

describe("Curve arithmetic in threads", function () {
  this.timeout(60_000);
  let threads: CurveThreads;
  before(async () => (threads = await CurveThreads.start(2)));
  after(() => threads.stop());

  for (const homes of [0, 1, 3, 8, 25, 41]) {
    it(`given ${homes} keys, makes those that the independent library makes`, async () => {
      const of = Array.from({ length: homes }, (): TweakedKey => {
        const point = Point.BASE.multiply(scalar());
        const [encoded, whole] = [point.toBytes(true), point.toBytes(false)];
        return { key: { encoded, y: whole.slice(33) }, tweaks: Array.from({ length: 7 }, scalar) };
      });
      const expected = of.map(({ key, tweaks }) =>
        tweaks.map((t) => {
          const sum = Point.fromBytes(key.encoded).add(Point.BASE.multiply(t));
          return { encoded: sum.toBytes(true), y: sum.toBytes(false).slice(33) };
        }),
      );
      const plain = (await threads.tweakedKeys(of)).map((keys) =>
        keys.map(({ encoded, y }) => ({ encoded: encoded.slice(), y: y.slice() })),
      );
      expect(plain).to.deep.equal(expected);
      expect(await localCurve.tweakedKeys(of)).to.deep.equal(expected);
    });
  }

  it("given keys with different numbers of tweaks, makes each", async () => {
    const keys = signed(2).map(({ key, keyY }) => ({ encoded: key, y: keyY! }));
    const of = [
      { key: keys[0]!, tweaks: Array.from({ length: 60 }, scalar) },
      { key: keys[1]!, tweaks: [scalar()] },
    ];
    expect(await threads.tweakedKeys(of)).to.deep.equal(await localCurve.tweakedKeys(of));
  });

  for (const places of [[], [0], [59], [60], [119], [3, 59, 60, 61, 118]]) {
    it(`given liars at ${places.join(", ") || "no place"} of 120, names them and nobody else`, async () => {
      const items = signed(120);
      for (const at of places) items[at] = { ...items[at]!, message: random.bytes(96) };
      expect(await threads.wrongSignatures(items)).to.deep.equal(places);
    });
  }

  it("given signatures of other shapes among many, says of each what it says alone", async () => {
    const items = signed(64);
    const lies: Record<number, Partial<SchnorrItem>> = {
      1: { signature: items[1]!.signature.subarray(1) },
      2: { signature: new Uint8Array(0) },
      3: { key: items[3]!.key.subarray(0, 32) },
      4: { message: random.bytes(95) },
      5: { keyY: random.bytes(32) },
      6: { commitmentY: random.bytes(31) },
      7: { keyY: items[8]!.keyY!, signature: items[8]!.signature },
      9: { key: new Uint8Array(33) },
    };
    for (const [at, lie] of Object.entries(lies)) {
      const one = [...items];
      one[Number(at)] = { ...items[Number(at)]!, ...lie };
      expect(await threads.wrongSignatures(one), at).to.deep.equal(
        await localCurve.wrongSignatures(one),
      );
    }
    const { key, message, signature } = items[0]!;
    const unhinted = { key, message, signature };
    expect(await threads.wrongSignatures([unhinted, ...items.slice(1)])).to.deep.equal([]);
  });

  it("when its threads have ended, refuses with its own error, and the control centre keeps nothing", async () => {
    const ended = await CurveThreads.start(1);
    await ended.stop();
    await expectRejection(ended.wrongSignatures(signed(60)), "ledger/worker-failed");
    const n = await TestNeighbourhood.open("curve threads", 20);
    const store = new MemoryStore();
    const options = {
      store,
      signer: n.controlCentreKey,
      receipts: n.receiptKey,
      ledger: n.ledger,
      leastHomes: 1,
      firstInterval: FIRST,
      initialAverage: n.rules.initialAverage,
    };
    const centre = await LedgerControlCentre.open({ ...options, curve: ended });
    await n.prologue(centre);
    await centre.begin(await n.list(FIRST + 2));
    const packets: Uint8Array[] = [];
    for (const meter of n.meters) {
      const { bundle } = (await meter.report(FIRST + 2, 900n, n.termsOf(FIRST + 2)))!;
      packets.push(encodeBundle(bundle));
    }
    await expectRejection(centre.admit(packets), "ledger/worker-failed");
    const again = await LedgerControlCentre.open(options);
    await again.begin(await n.list(FIRST + 2));
    for (const answer of await again.admit(packets)) expect(answer.refused).to.deep.equal([]);
  });
});
