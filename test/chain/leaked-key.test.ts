/**
 * The procedure of docs/operations.md for a leaked receipt key, as a test: what it saves, and what it
 * cannot save.
 */
import { expect } from "chai";
import { readKeyEpochs, registerKey } from "../../src/chain/governance/key-epochs.js";
import { retireMeters } from "../../src/chain/governance/meters.js";
import { settleBills } from "../../src/chain/settle/settle.js";
import {
  addPeriods,
  epochOfPeriod,
  publicKeyOf,
  type SettleableBill,
  type UtilitySecretKey,
} from "../../src/sipster/index.js";
import { noticeOf, PERIOD, TestSystem } from "./fixture.js";

describe("a receipt key leaks", () => {
  let system: TestSystem;
  const next: UtilitySecretKey = { suite: "hash-bound", keyEpoch: 2, scalar: 123_456n };
  const firstOfNext = addPeriods(PERIOD, 1);
  before(async () => {
    system = await TestSystem.start("leaked key", { meters: 3 });
    const { curve, deployment } = system;
    const key = publicKeyOf(curve, next);
    const notice = noticeOf({ curve, deployment, key, firstPeriod: firstOfNext });
    await registerKey({ sender: await system.sender(), deployment, curve, key, notice });
  });
  after(() => system.stop());

  const settle = async (bill: SettleableBill) =>
    (
      await settleBills({
        sender: await system.sender(2),
        deployment: system.deployment,
        bills: [bill],
        curve: system.curve,
      })
    )[0]!.status;

  it("given the next epoch, when honest homes bill under it, then their bills settle", async () => {
    const { curve, deployment, chain, meters } = system;
    const epochs = await readKeyEpochs({ provider: chain.provider, deployment, curve });
    expect(epochOfPeriod(epochs, firstOfNext).keyEpoch).to.equal(2);
    const bill = system.bill(meters[0]!, { period: firstOfNext, utility: next });
    expect(await settle(bill)).to.equal("settled");
  });

  it("given the leaked key, when it pays a bill of the next epoch's period, then nothing settles", async () => {
    const [, meter] = system.meters;
    // The bill of the period under its own epoch, with a receipt by the leaked key.
    const bill = system.bill(meter!, { period: firstOfNext, utility: next });
    const { g1 } = system.curve;
    const stolen = { ...bill, combined: g1.mul(bill.r, system.utility.scalar) };
    expect(await settle(stolen)).to.equal("refused");
    // And a bill that names the old epoch.
    expect(await settle(system.bill(meter!, { period: firstOfNext }))).to.equal("refused");
  });

  it("what it cannot save: given the leaked key, when a bill of its own periods is unpaid, then it settles for nothing", async () => {
    const [, , meter] = system.meters;
    expect(await settle(system.bill(meter!, { period: PERIOD }))).to.equal("settled");
  });

  it("given a retirement after the last settled period, when the leaked key pays the open one, then nothing settles", async () => {
    const { deployment, meters } = system;
    const last = addPeriods(PERIOD, -1);
    await retireMeters({
      sender: await system.sender(),
      deployment,
      meters: [meters[1]!.address],
      lastPeriod: last,
    });
    expect(await settle(system.bill(meters[1]!, { period: PERIOD }))).to.equal("refused");
  });
});
