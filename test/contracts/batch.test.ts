import { bn254 } from "@noble/curves/bn254.js";
import { expect } from "chai";
import { P, P1, P2, affine, times, type Affine, type G1 } from "./support/curve.js";
import { combineBatch, meterWallet, scalarOf, sign, type SignedBill } from "./support/bills.js";
import {
  PERIOD,
  UTILITY_SECRET,
  deployed,
  networkHelpers,
  publicKey,
  registration,
} from "./support/deployment.js";
import { Verdict } from "./support/refusal.js";

const { loadFixture } = networkHelpers;

/** A settlement with some paid bills, and the batch over any of them. */
async function withBills() {
  const base = await deployed();
  const paid = Array.from({ length: 6 }, (_, i) => base.paidBill(i));
  function batchOf(chosen: readonly { bill: SignedBill; receiptPoint: G1 }[]): {
    bills: SignedBill[];
    receipt: Affine;
  } {
    const bills = chosen.map(({ bill }) => bill);
    return {
      bills,
      receipt: combineBatch(
        base.domain,
        bills,
        chosen.map(({ receiptPoint }) => receiptPoint),
      ),
    };
  }
  /** Asserts that the batch is refused whole, and that the view names the same reason and this index. */
  async function expectBatchRefused({
    bills,
    receipt,
    error,
    args,
    index,
  }: {
    readonly bills: readonly SignedBill[];
    readonly receipt: Affine;
    readonly error: string;
    readonly args: readonly unknown[];
    readonly index: number;
  }): Promise<void> {
    const { settlement } = base;
    await expect(settlement.settleBatch(1, [...bills], receipt.x, receipt.y))
      .to.be.revertedWithCustomError(settlement, error)
      .withArgs(...args);
    const said = await settlement.explainBatch(1, [...bills], receipt.x, receipt.y);
    expect(Number(said.verdict)).to.equal(Verdict.Refused);
    expect(Number(said.index)).to.equal(index);
    expect(settlement.interface.parseError(said.reason)?.name).to.equal(error);
    for (let i = 0; i < 6; i++) {
      expect(await settlement.settled(meterWallet(i).address, PERIOD)).to.equal(false);
    }
  }
  return { ...base, paid, batchOf, expectBatchRefused };
}

describe("BillSettlement.settleBatch", () => {
  for (const count of [1, 2, 6]) {
    it(`settles ${count} bills with one receipt`, async () => {
      const { settlement, paid, batchOf, meters } = await loadFixture(withBills);
      const { bills, receipt } = batchOf(paid.slice(0, count));
      const said = await settlement.explainBatch(1, bills, receipt.x, receipt.y);
      expect([...said]).to.deep.equal([BigInt(Verdict.Settles), BigInt(count), "0x"]);
      expect(await settlement.checkBatch(1, bills, receipt.x, receipt.y)).to.equal(count);
      const tx = settlement.settleBatch(1, bills, receipt.x, receipt.y);
      for (let i = 0; i < count; i++) {
        await expect(tx).to.emit(settlement, "BillSettled").withArgs(meters[i]!.address, PERIOD, 1);
        expect(await settlement.settled(meters[i]!.address, PERIOD)).to.equal(true);
      }
      expect((await (await tx).wait())!.logs.length).to.equal(count);
    });
  }

  it("sets the same bits in any order of bills, over several periods and words", async () => {
    const { settlement, roles, paidBill, batchOf } = await loadFixture(withBills);
    const addresses = Array.from({ length: 250 }, (_, i) => meterWallet(10 + i).address);
    await settlement.connect(roles.meterRegistrar).registerMeters(addresses, 201301, 201312);
    const chosen = [
      paidBill(0),
      paidBill(255),
      paidBill(256),
      paidBill(1),
      paidBill(0, { period: 201304 }),
      paidBill(257),
      paidBill(2),
    ];
    for (const order of [chosen, [...chosen].reverse()]) {
      const snapshot = await networkHelpers.takeSnapshot();
      const { bills, receipt } = batchOf(order);
      await settlement.settleBatch(1, bills, receipt.x, receipt.y);
      expect(await settlement.settledWord(PERIOD, 0)).to.equal(
        (1n << 0n) | (1n << 1n) | (1n << 2n) | (1n << 9n) | (1n << 255n),
      );
      expect(await settlement.settledWord(PERIOD, 1)).to.equal((1n << 0n) | (1n << 1n));
      expect(await settlement.settledWord(201304, 0)).to.equal(1n);
      await snapshot.restore();
    }
  });

  it("keeps a duplicate in the sum and counts it once", async () => {
    const { settlement, paid, batchOf } = await loadFixture(withBills);
    const { bills, receipt } = batchOf([paid[0]!, paid[1]!, paid[0]!]);
    const tx = await settlement.settleBatch(1, bills, receipt.x, receipt.y);
    expect((await tx.wait())!.logs.length).to.equal(2);
  });

  it("refuses a duplicate that is left out of the sum", async () => {
    const { paid, batchOf, expectBatchRefused } = await loadFixture(withBills);
    const { bills } = batchOf([paid[0]!, paid[1]!, paid[0]!]);
    const { receipt } = batchOf([paid[0]!, paid[1]!]);
    await expectBatchRefused({
      bills,
      receipt,
      error: "SettlementBatchReceiptMismatch",
      args: [3],
      index: 3,
    });
  });

  it("is not broken by a front-run copy of one of its bills", async () => {
    const { settlement, paid, batchOf, roles } = await loadFixture(withBills);
    const { bills, receipt } = batchOf(paid);
    const copy = paid[2]!;
    await settlement.connect(roles.stranger).settle(copy.bill, copy.receipt.x, copy.receipt.y);
    expect(await settlement.checkBatch(1, bills, receipt.x, receipt.y)).to.equal(5);
    const tx = await settlement.settleBatch(1, bills, receipt.x, receipt.y);
    expect((await tx.wait())!.logs.length).to.equal(5);
  });

  it("accepts a batch settled already, changing and emitting nothing", async () => {
    const { settlement, paid, batchOf } = await loadFixture(withBills);
    const { bills, receipt } = batchOf(paid);
    await settlement.settleBatch(1, bills, receipt.x, receipt.y);
    const word = await settlement.settledWord(PERIOD, 0);
    const said = await settlement.explainBatch(1, bills, receipt.x, receipt.y);
    expect([...said]).to.deep.equal([BigInt(Verdict.AlreadySettled), 6n, "0x"]);
    const tx = await settlement.settleBatch(1, bills, receipt.x, receipt.y);
    expect((await tx.wait())!.logs.length).to.equal(0);
    expect(await settlement.settledWord(PERIOD, 0)).to.equal(word);
  });

  it("refuses an empty batch", async () => {
    const { expectBatchRefused } = await loadFixture(withBills);
    await expectBatchRefused({
      bills: [],
      receipt: affine(P1),
      error: "SettlementBatchEmpty",
      args: [],
      index: 0,
    });
    await expectBatchRefused({
      bills: [],
      receipt: { x: 0n, y: 0n },
      error: "SettlementBatchEmpty",
      args: [],
      index: 0,
    });
  });

  it("refuses a batch with one bad bill, whole, and names it", async () => {
    const { paid, batchOf, expectBatchRefused, paidBill, meters, domain } =
      await loadFixture(withBills);
    const at = (i: number, bill: SignedBill): SignedBill[] => {
      const { bills } = batchOf(paid);
      bills[i] = bill;
      return bills;
    };
    const { receipt } = batchOf(paid);

    // Unpaid: its receipt is another's. No bill is at fault by itself.
    const unpaid = batchOf([paid[0]!, { ...paid[1]!, receiptPoint: paid[2]!.receiptPoint }]);
    await expectBatchRefused({
      bills: unpaid.bills,
      receipt: unpaid.receipt,
      error: "SettlementBatchReceiptMismatch",
      args: [2],
      index: 2,
    });

    const stranger = paidBill(10).bill;
    await expectBatchRefused({
      bills: at(3, stranger),
      receipt,
      error: "SettlementMeterUnregistered",
      args: [meterWallet(10).address],
      index: 3,
    });

    const highS = { ...paid[4]!.bill, vs: `0x7f${"ff".repeat(31)}` };
    await expectBatchRefused({
      bills: at(4, highS),
      receipt,
      error: "SettlementSignatureHighS",
      args: [highS.vs],
      index: 4,
    });

    const early = paidBill(5, { period: 201212 }).bill;
    await expectBatchRefused({
      bills: at(5, early),
      receipt,
      error: "SettlementMeterNotValid",
      args: [meters[5]!.address, 201212, 201301, 4294967295],
      index: 5,
    });

    const { rx, ry } = paid[1]!.bill;
    for (const [point, defect] of [
      [{ rx: 0n, ry: 0n }, 1n],
      [{ rx: rx + P, ry }, 2n],
      [{ rx, ry: ry ^ 1n }, 3n],
    ] as const) {
      const spoilt = sign(meters[1]!, domain, { ...paid[1]!.bill, ...point });
      await expectBatchRefused({
        bills: at(1, spoilt),
        receipt,
        error: "SettlementBillPointInvalid",
        args: [defect, point.rx, point.ry],
        index: 1,
      });
    }
  });

  it("refuses a combined receipt that is not a point", async () => {
    const { paid, batchOf, expectBatchRefused } = await loadFixture(withBills);
    const { bills, receipt } = batchOf(paid);
    for (const [point, defect] of [
      [{ x: 0n, y: 0n }, 1n],
      [{ x: receipt.x + P, y: receipt.y }, 2n],
      [{ x: receipt.x, y: receipt.y ^ 1n }, 3n],
    ] as const) {
      const args = [defect, point.x, point.y];
      await expectBatchRefused({
        bills,
        receipt: point,
        error: "SettlementReceiptPointInvalid",
        args,
        index: 6,
      });
    }
  });

  it("refuses bills of another key epoch than the batch", async () => {
    const { settlement, paid, batchOf, paidBill, roles, domain, expectBatchRefused } =
      await loadFixture(withBills);
    const secret = scalarOf("secret of epoch 2");
    const { a1, a2 } = publicKey(secret);
    const next = registration(domain, { a1, a2 }, { keyEpoch: 2, firstPeriod: PERIOD + 1 });
    await settlement.connect(roles.keyRegistrar).registerKey(...next);
    const other = paidBill(3, { keyEpoch: 2, secret, period: PERIOD + 1 });
    const { bills, receipt } = batchOf([paid[0]!, paid[1]!, other]);
    await expectBatchRefused({
      bills,
      receipt,
      error: "SettlementBatchKeyEpoch",
      args: [2, 1, 2],
      index: 2,
    });
  });

  it("refuses the cancelling bill −R_victim + x·P1, which an unweighted sum would pass", async () => {
    const { paid, domain, meters, expectBatchRefused } = await loadFixture(withBills);
    const victim = paid[0]!;
    const x = 12345n;
    const cancelling = times(P1, x).subtract(victim.point);
    const { x: rx, y: ry } = affine(cancelling);
    const rogue = sign(meters[1]!, domain, { period: PERIOD, keyEpoch: 1, rx, ry });
    // x·A1 is public, and without weights it is the receipt of both bills together: nobody has paid.
    const unpaid = times(times(P1, UTILITY_SECRET), x);
    const sum = victim.point.add(cancelling);
    const left = bn254.pairing(unpaid, P2);
    const right = bn254.pairing(sum, P2.multiply(UTILITY_SECRET));
    expect(bn254.fields.Fp12.eql(left, right)).to.equal(true);
    const bills = [victim.bill, rogue];
    await expectBatchRefused({
      bills,
      receipt: affine(unpaid),
      error: "SettlementBatchReceiptMismatch",
      args: [2],
      index: 2,
    });
  });

  it("refuses receipts weighted for another order, another chain or another contract", async () => {
    const { paid, domain, batchOf, expectBatchRefused } = await loadFixture(withBills);
    const { bills, receipt } = batchOf(paid);
    const points = paid.map(({ receiptPoint }) => receiptPoint);
    const elsewhere = { ...domain, settlement: "0x00000000000000000000000000000000000000aa" };
    const mismatch = "SettlementBatchReceiptMismatch";
    await expectBatchRefused({
      bills: [...bills].reverse(),
      receipt,
      error: mismatch,
      args: [6],
      index: 6,
    });
    for (const other of [{ ...domain, chainId: 1n }, elsewhere]) {
      await expectBatchRefused({
        bills,
        receipt: combineBatch(other, bills, points),
        error: mismatch,
        args: [6],
        index: 6,
      });
    }
    const unweighted = points.reduce((sum, point) => sum.add(point));
    await expectBatchRefused({
      bills,
      receipt: affine(unweighted),
      error: mismatch,
      args: [6],
      index: 6,
    });
  });

  it("checks one bill by itself, everything but the pairing", async () => {
    const { settlement, paid, meters } = await loadFixture(withBills);
    const { bill, receipt } = paid[0]!;
    expect([...(await settlement.checkBatchBill(1, 0, bill))]).to.deep.equal([
      meters[0]!.address,
      false,
    ]);
    await settlement.settle(bill, receipt.x, receipt.y);
    expect([...(await settlement.checkBatchBill(1, 0, bill))]).to.deep.equal([
      meters[0]!.address,
      true,
    ]);
  });

  it("does not settle, and says why, when the pairing gets too little gas", async () => {
    const { settlement, paid, batchOf } = await loadFixture(withBills);
    const { bills, receipt } = batchOf(paid);
    const limit = { gasLimit: 180_000n };
    await expect(
      settlement.settleBatch.staticCall(1, bills, receipt.x, receipt.y, limit),
    ).to.be.revertedWithCustomError(settlement, "BN254PrecompileFailed");
    await expect(
      settlement.explainBatch(1, bills, receipt.x, receipt.y, limit),
    ).to.be.revertedWithCustomError(settlement, "SettlementExplainOutOfGas");
  });
});
