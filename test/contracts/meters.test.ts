import { expect } from "chai";
import { meterWallet } from "./support/bills.js";
import { OPEN_END, deployed, ethers, networkHelpers } from "./support/deployment.js";

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
});
