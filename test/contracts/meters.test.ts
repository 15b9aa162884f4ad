import { expect } from "chai";
import { addPeriods, periodOfTime } from "../../src/sipster/index.js";
import { combineBatch, meterWallet } from "./support/bills.js";
import {
  deployed,
  deployOn,
  ethers,
  networkHelpers,
  OPEN_END,
  PERIOD,
  shared,
} from "./support/deployment.js";
import { Verdict } from "./support/refusal.js";

const { loadFixture } = networkHelpers;

async function withRegistrar() {
  const base = await deployed();
  return { ...base, registry: base.settlement.connect(base.roles.meterRegistrar) };
}

describe("BillSettlement's meters", () => {
  it("numbers meters one after the other, singly and in lists", async () => {
    const { settlement, registry } = await loadFixture(withRegistrar);
    const address = (i: number): string => meterWallet(i).address;
    expect(await settlement.meterCount()).to.equal(10);
    await expect(registry.registerMeter(address(10), 201302, 201305))
      .to.emit(settlement, "MeterRegistered")
      .withArgs(address(10), 10, 201302, 201305);
    expect(
      await registry.registerMeters.staticCall([address(11), address(12)], 201301, OPEN_END),
    ).to.equal(11);
    await expect(registry.registerMeters([address(11), address(12)], 201301, OPEN_END))
      .to.emit(settlement, "MeterRegistered")
      .withArgs(address(12), 12, 201301, OPEN_END);
    expect(await settlement.meterCount()).to.equal(13);
    expect(await settlement.meterOf(address(10))).to.deep.equal([true, 10n, 201302n, 201305n]);
    expect(await settlement.meterOf(address(0))).to.deep.equal([
      true,
      0n,
      201301n,
      BigInt(OPEN_END),
    ]);
    expect(await settlement.meterOf(address(13))).to.deep.equal([false, 0n, 0n, 0n]);
    expect(await settlement.settled(address(13), 201303)).to.equal(false);
  });

  it("takes an empty list as nothing to do", async () => {
    const { settlement, registry } = await loadFixture(withRegistrar);
    expect(await registry.registerMeters.staticCall([], 1, 2)).to.equal(10);
    await registry.registerMeters([], 1, 2);
    expect(await settlement.meterCount()).to.equal(10);
  });

  it("registers 500 meters in one transaction under the gas cap", async () => {
    const { settlement, registry } = await loadFixture(withRegistrar);
    const addresses = Array.from({ length: 500 }, (_, i) =>
      ethers.getAddress(ethers.toBeHex(0x1000000 + i, 20)),
    );
    await registry.registerMeters(addresses, 201301, OPEN_END);
    expect(await settlement.meterCount()).to.equal(510);
    expect((await settlement.meterOf(addresses[499]!)).index).to.equal(509);
  });

  it("refuses an address that is registered, alone, in a list and twice in one list", async () => {
    const { settlement, registry, meters } = await loadFixture(withRegistrar);
    const known = meters[3]!.address;
    const fresh = meterWallet(20).address;
    for (const [attempt, who, index] of [
      [registry.registerMeter(known, 1, 2), known, 3],
      [registry.registerMeters([fresh, known], 1, 2), known, 3],
      [registry.registerMeters([fresh, fresh], 1, 2), fresh, 10],
    ] as const) {
      await expect(attempt)
        .to.be.revertedWithCustomError(settlement, "SettlementMeterAlreadyRegistered")
        .withArgs(who, index);
    }
    expect(await settlement.meterCount()).to.equal(10);
    expect((await settlement.meterOf(fresh)).registered).to.equal(false);
  });

  it("refuses a retired address as well: an address is registered once, for good", async () => {
    const { settlement, registry, meters } = await loadFixture(withRegistrar);
    await registry.retireMeter(meters[3]!.address, 0);
    await expect(registry.registerMeter(meters[3]!.address, 1, 2))
      .to.be.revertedWithCustomError(settlement, "SettlementMeterAlreadyRegistered")
      .withArgs(meters[3]!.address, 3);
  });

  it("refuses the zero address, which no signature belongs to", async () => {
    const { settlement, registry } = await loadFixture(withRegistrar);
    const zero = ethers.ZeroAddress;
    for (const attempt of [
      registry.registerMeter(zero, 1, 2),
      registry.registerMeters([zero], 1, 2),
    ]) {
      await expect(attempt).to.be.revertedWithCustomError(settlement, "SettlementZeroAddress");
    }
  });

  it("refuses a first period after the last", async () => {
    const { settlement, registry } = await loadFixture(withRegistrar);
    const address = meterWallet(20).address;
    for (const attempt of [
      registry.registerMeter(address, 3, 2),
      registry.registerMeters([address], 3, 2),
    ]) {
      await expect(attempt)
        .to.be.revertedWithCustomError(settlement, "SettlementMeterPeriods")
        .withArgs(3, 2);
    }
    await registry.registerMeter(address, 3, 3);
  });

  it("retires a meter, and only ever shortens", async () => {
    const { settlement, registry, meters } = await loadFixture(withRegistrar);
    const meter = meters[3]!.address;
    await expect(registry.retireMeter(meter, 201306))
      .to.emit(settlement, "MeterRetired")
      .withArgs(meter, 201306);
    expect(await settlement.meterOf(meter)).to.deep.equal([true, 3n, 201301n, 201306n]);
    for (const period of [201306, 201307, OPEN_END]) {
      await expect(registry.retireMeter(meter, period))
        .to.be.revertedWithCustomError(settlement, "SettlementMeterRetirement")
        .withArgs(meter, period, 201306);
    }
    await registry.retireMeter(meter, 201302);
    expect((await settlement.meterOf(meter)).validUntil).to.equal(201302);
  });

  it("refuses to retire a stranger", async () => {
    const { settlement, registry } = await loadFixture(withRegistrar);
    await expect(registry.retireMeter(meterWallet(20).address, 1))
      .to.be.revertedWithCustomError(settlement, "SettlementMeterUnregistered")
      .withArgs(meterWallet(20).address);
  });

  it("keeps what a retired meter has settled", async () => {
    const { settlement, registry, meters } = await loadFixture(withRegistrar);
    await registry.retireMeter(meters[9]!.address, 201301);
    expect(await settlement.settled(meters[9]!.address, 201303)).to.equal(true);
  });

  describe("given a bill that is settled, when its meter was retired since", () => {
    async function retiredSince() {
      const base = await deployed();
      const [gone, other] = [base.paidBill(0), base.paidBill(1)];
      await base.settlement.settle(gone.bill, gone.receipt.x, gone.receipt.y);
      const registry = base.settlement.connect(base.roles.meterRegistrar);
      await registry.retireMeter(base.meters[0]!.address, PERIOD - 1);
      return { ...base, gone, other };
    }

    it("then it is explained as settled, not as refused", async () => {
      const { settlement, gone } = await loadFixture(retiredSince);
      const { bill, receipt } = gone;
      const [verdict] = await settlement.explain(bill, receipt.x, receipt.y);
      expect(Number(verdict)).to.equal(Verdict.AlreadySettled);
      await expect(settlement.settle(bill, receipt.x, receipt.y)).to.be.revertedWithCustomError(
        settlement,
        "SettlementAlreadySettled",
      );
      expect([...(await settlement.checkBatchBill(1, 0, bill))][1]).to.equal(true);
    });

    it("then a batch with it settles the others", async () => {
      const { settlement, gone, other, domain, meters } = await loadFixture(retiredSince);
      const bills = [gone.bill, other.bill];
      const { x, y } = combineBatch(domain, bills, [gone.receiptPoint, other.receiptPoint]);
      expect(await settlement.checkBatch(1, bills, x, y)).to.equal(1);
      const [verdict] = await settlement.explainBatch(1, bills, x, y);
      expect(Number(verdict)).to.equal(Verdict.Settles);
      await expect(settlement.settleBatch(1, bills, x, y))
        .to.emit(settlement, "BillSettled")
        .withArgs(meters[1]!.address, PERIOD, 1);
    });

    it("then a bill of it that is not settled is still refused, alone and in a batch", async () => {
      const { settlement, paidBill, domain } = await loadFixture(retiredSince);
      const { bill, receipt, receiptPoint } = paidBill(0, { period: PERIOD + 1 });
      const { x, y } = combineBatch(domain, [bill], [receiptPoint]);
      for (const attempt of [
        settlement.settle(bill, receipt.x, receipt.y),
        settlement.settleBatch(1, [bill], x, y),
      ]) {
        await expect(attempt).to.be.revertedWithCustomError(settlement, "SettlementMeterNotValid");
      }
    });
  });

  describe("given a lead, when a meter is retired", () => {
    const production = () => deployOn(shared, { lead: 2 });
    /** The month after the present one, and when it begins in UTC. */
    const nextMonth = async () => {
      const month = addPeriods(periodOfTime(await networkHelpers.time.latest()), 1);
      return { month, begins: Date.UTC(Math.floor(month / 100), (month % 100) - 1) / 1000 };
    };

    it("then no period that has begun is taken from it", async () => {
      const { settlement, meters, roles } = await loadFixture(production);
      const registry = settlement.connect(roles.meterRegistrar);
      const meter = meters[0]!.address;
      const now = periodOfTime(await networkHelpers.time.latest());
      for (const past of [0, 201304, addPeriods(now, -1)]) {
        await expect(registry.retireMeter(meter, past), String(past))
          .to.be.revertedWithCustomError(settlement, "SettlementMeterPeriodBegun")
          .withArgs(meter, past, now);
      }
      await registry.retireMeter(meter, now);
      expect((await settlement.meterOf(meter)).validUntil).to.equal(now);
    });

    it("then a month counts as begun from 14 hours before it begins in UTC", async () => {
      const { settlement, meters, roles } = await loadFixture(production);
      const registry = settlement.connect(roles.meterRegistrar);
      const meter = meters[0]!.address;
      const { time } = networkHelpers;
      const { month, begins } = await nextMonth();
      await time.setNextBlockTimestamp(begins - 14 * 3600);
      await expect(registry.retireMeter(meter, addPeriods(month, -1)))
        .to.be.revertedWithCustomError(settlement, "SettlementMeterPeriodBegun")
        .withArgs(meter, addPeriods(month, -1), month);
    });

    it("then a second before that the old month is still enough", async () => {
      const { settlement, meters, roles } = await loadFixture(production);
      const { month, begins } = await nextMonth();
      await networkHelpers.time.setNextBlockTimestamp(begins - 14 * 3600 - 1);
      const registry = settlement.connect(roles.meterRegistrar);
      await registry.retireMeter(meters[0]!.address, addPeriods(month, -1));
    });
  });

  it("given a word of no meter, when asked for its bits, then it is refused and not cut to another", async () => {
    const { settlement } = await loadFixture(withRegistrar);
    expect(await settlement.settledWord(PERIOD, 0)).to.equal(1n << 9n);
    expect(await settlement.settledWord(PERIOD, 2 ** 24 - 1)).to.equal(0n);
    for (const word of [2 ** 24, 2 ** 32 - 1]) {
      await expect(settlement.settledWord(PERIOD, word))
        .to.be.revertedWithCustomError(settlement, "SettlementWordOutOfRange")
        .withArgs(word);
    }
  });
});
