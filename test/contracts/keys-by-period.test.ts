import { expect } from "chai";
import { addPeriods } from "../../src/sipster/index.js";
import { scalarOf } from "./support/bills.js";
import {
  networkHelpers,
  deployed,
  OPEN_EPOCH,
  PERIOD,
  publicKey,
  registration,
  UTILITY_SECRET,
} from "./support/deployment.js";
import { development, good, LEAD, month, production, withoutKey } from "./support/keys.js";
import { expectRefused } from "./support/refusal.js";

const { loadFixture, time } = networkHelpers;

describe("BillSettlement's keys by period", () => {
  describe("by period", () => {
    const secret = scalarOf("secret of epoch 2");

    /** A second key epoch from the month after PERIOD on. */
    async function rotated() {
      const base = await deployed();
      const next = { keyEpoch: 2, firstPeriod: PERIOD + 1 };
      const key = registration(base.domain, publicKey(secret), next);
      await base.settlement.connect(base.roles.keyRegistrar).registerKey(...key);
      return base;
    }

    it("given two epochs, when a bill is under its period's, then it settles", async () => {
      const { settlement, paidBill, meters } = await loadFixture(rotated);
      for (const [keyEpoch, period, by] of [
        [1, PERIOD, UTILITY_SECRET],
        [2, PERIOD + 1, secret],
      ] as const) {
        const { bill, receipt } = paidBill(0, { keyEpoch, period, secret: by });
        expect(await settlement.epochOf(period)).to.equal(keyEpoch);
        await expect(settlement.settle(bill, receipt.x, receipt.y))
          .to.emit(settlement, "BillSettled")
          .withArgs(meters[0]!.address, period, keyEpoch);
      }
    });

    it("given a leaked key, when it signs a bill of the next epoch's period, then nothing settles", async () => {
      const { settlement, paidBill } = await loadFixture(rotated);
      const leaked = paidBill(0, { keyEpoch: 1, period: PERIOD + 1 });
      await expectRefused({
        settlement,
        bill: leaked.bill,
        receipt: leaked.receipt,
        error: "SettlementKeyEpochNotOfPeriod",
        args: [1, PERIOD + 1, 0, PERIOD + 1],
      });
      const early = paidBill(1, { keyEpoch: 2, period: PERIOD, secret });
      await expectRefused({
        settlement,
        bill: early.bill,
        receipt: early.receipt,
        error: "SettlementKeyEpochNotOfPeriod",
        args: [2, PERIOD, PERIOD + 1, OPEN_EPOCH],
      });
      for (const [keyEpoch, { bill, receipt }] of [
        [1, leaked],
        [2, early],
      ] as const) {
        await expect(
          settlement.settleBatch(keyEpoch, [bill], receipt.x, receipt.y),
        ).to.be.revertedWithCustomError(settlement, "SettlementKeyEpochNotOfPeriod");
      }
    });

    it("given a first epoch, when it does not begin at period 0, then it is refused", async () => {
      for (const fixture of [development, production]) {
        const { settlement, register } = await loadFixture(fixture);
        await expect(register(good, { firstPeriod: 202601 }))
          .to.be.revertedWithCustomError(settlement, "SettlementFirstPeriodInvalid")
          .withArgs(202601, 0);
      }
    });

    it("given a later epoch, when it begins before the lead or at no month, then it is refused", async () => {
      const { settlement, register } = await loadFixture(production);
      await register(good);
      const earliest = await month(LEAD);
      const other = publicKey(scalarOf("other"));
      const thirteenth = Math.floor(earliest / 100) * 100 + 13;
      for (const firstPeriod of [0, 201304, await month(), await month(LEAD - 1), thirteenth]) {
        await expect(register(other, { keyEpoch: 2, firstPeriod }), String(firstPeriod))
          .to.be.revertedWithCustomError(settlement, "SettlementFirstPeriodInvalid")
          .withArgs(firstPeriod, earliest);
      }
      await register(other, { keyEpoch: 2, firstPeriod: earliest });
      const third = publicKey(scalarOf("third"));
      await expect(register(third, { keyEpoch: 3, firstPeriod: earliest }))
        .to.be.revertedWithCustomError(settlement, "SettlementFirstPeriodInvalid")
        .withArgs(earliest, addPeriods(earliest, 1));
      await register(third, { keyEpoch: 3, firstPeriod: addPeriods(earliest, 1) });
    });

    it("given the last second of a month, when the next begins, then the lead counts from it", async () => {
      const { settlement, register } = await loadFixture(production);
      await register(good);
      const other = publicKey(scalarOf("other"));
      const begun = await month(1);
      const begins = Date.UTC(Math.floor(begun / 100), (begun % 100) - 1) / 1000;
      const firstPeriod = addPeriods(begun, LEAD - 1);
      await time.setNextBlockTimestamp(begins);
      await expect(register(other, { keyEpoch: 2, firstPeriod }))
        .to.be.revertedWithCustomError(settlement, "SettlementFirstPeriodInvalid")
        .withArgs(firstPeriod, addPeriods(firstPeriod, 1));
    });

    it("given the same epoch, when registered a second before the month ends, then it is taken", async () => {
      const { register } = await loadFixture(production);
      await register(good);
      const begun = await month(1);
      const begins = Date.UTC(Math.floor(begun / 100), (begun % 100) - 1) / 1000;
      await time.setNextBlockTimestamp(begins - 1);
      const firstPeriod = addPeriods(begun, LEAD - 1);
      await register(publicKey(scalarOf("other")), { keyEpoch: 2, firstPeriod });
    });

    it("given a development deployment, when an epoch begins in a past month, then it is taken", async () => {
      const { settlement, register } = await loadFixture(development);
      await register(good);
      await register(publicKey(scalarOf("other")), { keyEpoch: 2, firstPeriod: 201304 });
      expect(await settlement.epochOf(201303)).to.equal(1);
      expect(await settlement.epochOf(201304)).to.equal(2);
      expect(await settlement.epochOf(4294967295)).to.equal(2);
    });

    it("given no key, when a period's epoch is asked for, then it is 0", async () => {
      const { settlement } = await loadFixture(development);
      expect(await settlement.epochOf(201303)).to.equal(0);
    });

    it("given a lead of more than a year, when deployed, then it is refused", async () => {
      const { settlement } = await loadFixture(development);
      await expect(withoutKey(13))
        .to.be.revertedWithCustomError(settlement, "SettlementLeadTooLong")
        .withArgs(13);
    });
  });
});
