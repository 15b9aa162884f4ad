import { expect } from "chai";
import { Signature, Wallet } from "ethers";
import { createMclBn254, nobleEcdsa } from "../../src/algebra/index.js";
import { Meter, MeterInstallation, VolatileMemory } from "../../src/meter/index.js";
import {
  addressOf,
  combine,
  commitToShare,
  deriveViewKey,
  parseDenominations,
  recoverMeter,
  recoverNoticeSigner,
  settlementSystem,
  signKeyNotice,
  type KeyHash,
  verifyCombined,
  type SuiteName,
  type Token,
} from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import { chargesOf, installMeter, noticeKey, unit } from "../support/meter.js";
import { TestRandom } from "../support/random.js";
import { system, world } from "../support/settlement.js";

const curve = await createMclBn254();
const announcement = (keyEpoch: number) => ({
  keyEpoch,
  firstPeriod: 201300 + keyEpoch,
  keyHash: new Uint8Array(32).fill(keyEpoch) as KeyHash,
});
const notice = (keyEpoch: number) => signKeyNotice(system, announcement(keyEpoch), noticeKey);
const units = (tokens: Iterable<Token>): number =>
  [...tokens].reduce((sum, t) => sum + t.denomination, 0);

for (const suite of ["hash-bound", "classic"] as const satisfies readonly SuiteName[]) {
  describe(`meter, ${suite} suite`, () => {
    const w = world(curve, suite);

    it("meters, bills, and the receipts of its tokens settle the bill, period after period", () => {
      const { meter } = installMeter(curve, new VolatileMemory(), suite);
      const random = new TestRandom(`meter ${suite}`);
      let interval = 0;
      let owed = 0n;
      let billed = 0n;
      for (const period of [201301, 201302, 201303]) {
        const thousandths = Array.from({ length: 60 }, () => random.below(9000n));
        owed += thousandths.reduce((a, b) => a + b, 0n);
        const emitted = meter.record(chargesOf(thousandths, interval));
        interval += thousandths.length;
        const bill = meter.closePeriod(period);
        const tokens = [...meter.reemit("last")];
        // Emitted so far, then what was broken down at the end.
        expect(tokens.slice(0, emitted.length)).to.deep.equal(emitted);
        billed += BigInt(units(tokens));
        expect(billed).to.equal(owed / 1000n, "whole units, the remainder carried");
        const receipts = tokens.map((t) => w.issuer.issue(t));
        const combined = combine(curve, receipts, meter.lastBlinding(), w.key);
        expect(verifyCombined(curve, w.key, curve.g1.decode(bill.r), combined)).to.equal(true);
        expect(recoverMeter(system, bill)).to.equal(meter.address);
      }
    });

    it("a period without consumption has a bill like any other", () => {
      const { meter } = installMeter(curve, new VolatileMemory(), suite);
      const bill = meter.closePeriod(201301);
      expect([...meter.reemit("last")]).to.deep.equal([]);
      const combined = combine(curve, [], meter.lastBlinding(), w.key);
      expect(verifyCombined(curve, w.key, curve.g1.decode(bill.r), combined)).to.equal(true);
      expect(curve.g1.isIdentity(curve.g1.decode(bill.r))).to.equal(false);
    });

    it("one bill per period: asked again, the same bytes; another amount is not to be had", () => {
      const { meter } = installMeter(curve, new VolatileMemory(), suite);
      meter.record(chargesOf([250_000]));
      const bill = meter.closePeriod(201301);
      meter.record(chargesOf([990_000], 1));
      expect(meter.closePeriod(201301)).to.deep.equal(bill);
      const next = meter.closePeriod(201302);
      expect(units(meter.reemit("last"))).to.equal(990);
      expect(next.r).not.to.deep.equal(bill.r);
      expectError(() => meter.closePeriod(201301), "meter/period-closed");
    });

    it("re-emission gives the same bytes, of the open and of the last period", () => {
      const memory = new VolatileMemory();
      const { meter } = installMeter(curve, memory, suite);
      const emitted = meter.record(chargesOf([150_000, 160_000, 1_500]));
      const bytes = emitted.map((t) => w.suite.encode(t));
      const again = Meter.open(curve, memory);
      expect([...again.reemit("open")].map((t) => w.suite.encode(t))).to.deep.equal(bytes);
      again.closePeriod(1);
      const all = [...again.reemit("last")].map((t) => w.suite.encode(t));
      expect(all.slice(0, bytes.length)).to.deep.equal(bytes);
      expect(units(again.reemit("last"))).to.equal(311);
      expect([...again.reemit("open")]).to.deep.equal([]);
    });
  });
}

describe("meter", () => {
  it("how charges are grouped changes nothing", () => {
    const thousandths = [99_999, 1, -50_000, 260_000, 3, 7_000, -1_000, 42_500];
    const once = installMeter(curve, new VolatileMemory()).meter;
    const many = installMeter(curve, new VolatileMemory()).meter;
    once.record(chargesOf(thousandths));
    for (const charge of chargesOf(thousandths)) many.record([charge]);
    once.closePeriod(1);
    many.closePeriod(1);
    const sizes = (m: Meter): number[] => [...m.reemit("last")].map((t) => t.denomination);
    expect(sizes(many)).to.deep.equal(sizes(once));
  });

  it("a credit is set against what accrues later, and no bill goes below zero", () => {
    const { meter } = installMeter(curve, new VolatileMemory());
    meter.record(chargesOf([-5_500]));
    meter.closePeriod(1);
    expect(units(meter.reemit("last"))).to.equal(0);
    meter.record(chargesOf([7_000], 1));
    meter.closePeriod(2);
    expect(units(meter.reemit("last"))).to.equal(1);
    // 0.5 of a unit was carried.
    meter.record(chargesOf([500], 2));
    meter.closePeriod(3);
    expect(units(meter.reemit("last"))).to.equal(1);
  });

  it("charges recorded already are passed over", () => {
    const { meter } = installMeter(curve, new VolatileMemory());
    const charges = chargesOf([120_000, 130_000]);
    expect(units(meter.record(charges))).to.equal(200);
    expect(meter.record(charges)).to.deep.equal([]);
    expect(meter.recordedUpTo).to.equal(1_800_000);
    meter.closePeriod(1);
    expect(units(meter.reemit("last"))).to.equal(250);
  });

  it("remembers no more after a thousand tokens than after ten", () => {
    const size = (thousandths: number): number => {
      const memory = new VolatileMemory();
      const { meter } = installMeter(curve, memory);
      meter.record(chargesOf([thousandths]));
      return memory.read()!.length;
    };
    // Counters have more digits; nothing else grows.
    expect(size(100_000_000) - size(1_000_000)).to.be.at.most(10);
  });

  it("changes the key epoch between periods and never within one", () => {
    const { meter } = installMeter(curve, new VolatileMemory());
    meter.record(chargesOf([100_000]));
    expectError(() => meter.useKeyEpoch(notice(2)), "meter/key-epoch-in-use");
    expect(meter.closePeriod(1).keyEpoch).to.equal(1);
    meter.useKeyEpoch(notice(2));
    const [token] = meter.record(chargesOf([100_000], 1));
    expect(token!.keyEpoch).to.equal(2);
    expect(meter.closePeriod(2).keyEpoch).to.equal(2);
    expect(Meter.open(curve, new VolatileMemoryOf(meter)).lastPeriod).to.equal(2);
  });

  it("follows notices that the utility signed for its system, and never back", () => {
    const memory = new VolatileMemory();
    const { meter } = installMeter(curve, memory);
    const before = memory.read();
    const stranger = signKeyNotice(system, announcement(2), new Uint8Array(32).fill(9));
    expectError(() => meter.useKeyEpoch(stranger), "meter/bad-notice");
    const elsewhere = settlementSystem(1n, system.settlement);
    const foreign = signKeyNotice(elsewhere, announcement(2), noticeKey);
    expectError(() => meter.useKeyEpoch(foreign), "meter/bad-notice");
    expectError(() => meter.useKeyEpoch({ ...notice(2), keyEpoch: 3 }), "meter/bad-notice");
    const cut = { ...notice(2), signature: notice(2).signature.slice(1) };
    const sooner = { ...notice(2), firstPeriod: 201301 };
    expectError(() => meter.useKeyEpoch(sooner), "meter/bad-notice");
    expectError(() => meter.useKeyEpoch(cut), "meter/bad-notice");
    expect(memory.read()).to.deep.equal(before);
    meter.useKeyEpoch(notice(3));
    expectError(() => meter.useKeyEpoch(notice(2)), "meter/old-notice");
    const after = memory.read();
    meter.useKeyEpoch(notice(3));
    expect(memory.read()).to.deep.equal(after);
    expect(Meter.open(curve, memory).closePeriod(1).keyEpoch).to.equal(3);
  });

  it("a notice is EIP-712 as ethers signs and reads it", async () => {
    const wallet = new Wallet(`0x${Buffer.from(noticeKey).toString("hex")}`);
    const domain = {
      name: "Sipster",
      version: "1",
      chainId: system.chainId,
      verifyingContract: system.settlement,
    };
    const types = {
      KeyNotice: [
        { name: "keyEpoch", type: "uint32" },
        { name: "firstPeriod", type: "uint32" },
        { name: "keyHash", type: "bytes32" },
      ],
    };
    const signed = await wallet.signTypedData(domain, types, announcement(7));
    const signature = Signature.from(signed);
    expect(Buffer.from(notice(7).signature).toString("hex")).to.equal(
      signature.compactSerialized.slice(2),
    );
    expect(recoverNoticeSigner(system, notice(7), nobleEcdsa)).to.equal(
      wallet.address.toLowerCase(),
    );
  });

  it("refuses what it cannot meter, and says why", () => {
    const memory = new VolatileMemory();
    expectError(() => Meter.open(curve, memory), "meter/not-installed");
    const { meter } = installMeter(curve, memory);
    expectError(() => installMeter(curve, memory), "meter/already-installed");
    expectError(() => meter.closePeriod(-1), "meter/bad-period");
    expectError(() => meter.lastBlinding(), "meter/bad-period");
    const other = { start: 1, charge: { numerator: 1n, denominator: 7n } };
    expectError(() => meter.record([...chargesOf([5_000]), other]), "meter/bad-charge");
    expect(meter.recordedUpTo).to.equal(-1);
    const damaged = new VolatileMemory();
    damaged.write(memory.read()!.slice(0, -1));
    expectError(() => Meter.open(curve, damaged), "meter/bad-memory");
    expectError(
      () =>
        new MeterInstallation(curve, new VolatileMemory(), {
          chainId: 1n,
          settlement: system.settlement,
          noticeSigner: addressOf(noticeKey),
          keyEpoch: 1,
          denominations: parseDenominations([1]),
          unit: { ...unit, numerator: 0n },
          suite: { name: "hash-bound" },
        }),
      "meter/bad-unit",
    );
  });

  it("the view key comes from both shares, and the meter's share opens its commitment", () => {
    const installation = new MeterInstallation(curve, new VolatileMemory(), {
      chainId: 1n,
      settlement: system.settlement,
      noticeSigner: addressOf(noticeKey),
      keyEpoch: 1,
      denominations: parseDenominations([1]),
      unit,
      suite: { name: "hash-bound" },
    });
    const residentShare = new Uint8Array(32).fill(1);
    const { commitment } = installation;
    const { meter, meterShare, viewKey } = installation.complete(residentShare);
    expect(commitToShare(meterShare)).to.deep.equal(commitment);
    expect(viewKey).to.deep.equal(deriveViewKey(meter.system.systemId, meterShare, residentShare));
  });
});

/** A copy of the memory of a running meter is what a restart finds. */
class VolatileMemoryOf extends VolatileMemory {
  constructor(meter: Meter) {
    super();
    this.write((meter as unknown as { memory: VolatileMemory }).memory.read()!);
  }
}
