import { expect } from "chai";
import { P, P1, affine, times } from "./support/curve.js";
import { billPoint, digestOf, meterWallet, scalarOf, sign } from "./support/bills.js";
import {
  OPEN_END,
  PERIOD,
  UTILITY_SECRET,
  deployed,
  ethers,
  networkHelpers,
} from "./support/deployment.js";
import { Verdict, expectRefused, gasOfRevert } from "./support/refusal.js";

const { loadFixture } = networkHelpers;

/** Order of secp256k1. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const word = (value: bigint): string => ethers.toBeHex(value, 32);
/** What `PointDefect` means to the contract. */
const Defect = { Identity: 1n, CoordinateTooLarge: 2n, NotOnCurve: 3n };

describe("BillSettlement.settle", () => {
  it("settles a paid bill for its meter, from any sender", async () => {
    const { settlement, paidBill, meters, roles } = await loadFixture(deployed);
    const { bill, receipt } = paidBill(0);
    expect(await settlement.explain(bill, receipt.x, receipt.y)).to.deep.equal([
      BigInt(Verdict.Settles),
      "0x",
    ]);
    expect(await settlement.check(bill, receipt.x, receipt.y)).to.equal(meters[0]!.address);
    expect(await settlement.settled(meters[0]!.address, PERIOD)).to.equal(false);
    await expect(settlement.connect(roles.stranger).settle(bill, receipt.x, receipt.y))
      .to.emit(settlement, "BillSettled")
      .withArgs(meters[0]!.address, PERIOD, 1);
    expect(await settlement.settled(meters[0]!.address, PERIOD)).to.equal(true);
  });

  for (const units of [0, 1, 2, 100, 1000]) {
    it(`settles a bill of ${units} units`, async () => {
      const { settlement, paidBill, meters } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(1, { units });
      await settlement.settle(bill, receipt.x, receipt.y);
      expect(await settlement.settled(meters[1]!.address, PERIOD)).to.equal(true);
    });
  }

  it("sets one bit and no other", async () => {
    const { settlement, paidBill } = await loadFixture(deployed);
    const { bill, receipt } = paidBill(3);
    await settlement.settle(bill, receipt.x, receipt.y);
    expect(await settlement.settledWord(PERIOD, 0)).to.equal((1n << 9n) | (1n << 3n));
    expect(await settlement.settledWord(PERIOD + 1, 0)).to.equal(0n);
    expect(await settlement.settledWord(PERIOD, 1)).to.equal(0n);
  });

  it("names the digest a meter signs as EIP-712 does", async () => {
    const { settlement, domain, paidBill } = await loadFixture(deployed);
    const { bill } = paidBill(0);
    expect(await settlement.billDigest(bill.period, bill.keyEpoch, bill.rx, bill.ry)).to.equal(
      digestOf(domain, bill),
    );
    const { name, version, chainId, verifyingContract } = await settlement.eip712Domain();
    expect([name, version, chainId, verifyingContract]).to.deep.equal([
      "Sipster",
      "1",
      domain.chainId,
      domain.settlement,
    ]);
  });

  describe("refuses", () => {
    it("a replay", async () => {
      const { settlement, paidBill, meters } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(0);
      await settlement.settle(bill, receipt.x, receipt.y);
      const args = [meters[0]!.address, PERIOD];
      await expectRefused({
        settlement,
        bill,
        receipt,
        error: "SettlementAlreadySettled",
        args,
        verdict: Verdict.AlreadySettled,
      });
    });

    it("a second bill for the same period", async () => {
      const { settlement, paidBill, domain, meters } = await loadFixture(deployed);
      const first = paidBill(0);
      await settlement.settle(first.bill, first.receipt.x, first.receipt.y);
      const point = times(P1, 77n);
      const { x: rx, y: ry } = affine(point);
      const second = sign(meters[0]!, domain, { period: PERIOD, keyEpoch: 1, rx, ry });
      await expectRefused({
        settlement,
        bill: second,
        receipt: affine(times(point, UTILITY_SECRET)),
        error: "SettlementAlreadySettled",
        args: [meters[0]!.address, PERIOD],
        verdict: Verdict.AlreadySettled,
      });
    });

    it("a front-run copy the second time, having credited the meter the first time", async () => {
      const { settlement, paidBill, meters, roles } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(2);
      // The copy is the same calldata from another sender: it settles for the meter all the same.
      await expect(settlement.connect(roles.stranger).settle(bill, receipt.x, receipt.y))
        .to.emit(settlement, "BillSettled")
        .withArgs(meters[2]!.address, PERIOD, 1);
      await expect(settlement.settle(bill, receipt.x, receipt.y))
        .to.be.revertedWithCustomError(settlement, "SettlementAlreadySettled")
        .withArgs(meters[2]!.address, PERIOD);
    });

    for (const [what, change] of [
      ["another chain", { chainId: 1n }],
      ["another contract", { settlement: "0x00000000000000000000000000000000000000aa" }],
    ] as const) {
      it(`a bill signed for ${what}`, async () => {
        const { settlement, paidBill, domain, meters } = await loadFixture(deployed);
        const { bill, receipt } = paidBill(0);
        const elsewhere = sign(meters[0]!, { ...domain, ...change }, bill);
        const recovered = ethers.recoverAddress(digestOf(domain, bill), elsewhere.signature);
        await expectRefused({
          settlement,
          bill: elsewhere,
          receipt,
          error: "SettlementMeterUnregistered",
          args: [recovered],
        });
      });
    }

    for (const field of ["period", "rx"] as const) {
      it(`a bill whose ${field} was altered after signing`, async () => {
        const { settlement, paidBill, domain } = await loadFixture(deployed);
        const { bill, receipt } = paidBill(0);
        const altered =
          field === "period"
            ? { ...bill, period: bill.period + 1 }
            : { ...bill, rx: affine(times(P1, 5n)).x, ry: affine(times(P1, 5n)).y };
        const { r, vs } = bill;
        const recovered = ethers.recoverAddress(
          digestOf(domain, altered),
          ethers.Signature.from({ r, yParityAndS: vs }),
        );
        await expectRefused({
          settlement,
          bill: altered,
          receipt,
          error: "SettlementMeterUnregistered",
          args: [recovered],
        });
      });
    }

    it("a signature with high s", async () => {
      const { settlement, paidBill } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(0);
      const vs = BigInt(bill.vs);
      const s = vs & ((1n << 255n) - 1n);
      // n − s has its top bit set, so the compact form of the twin carries it as the parity.
      const smallestHigh = N / 2n + 1n;
      await expectRefused({
        settlement,
        bill: { ...bill, vs: word(smallestHigh) },
        receipt,
        error: "SettlementSignatureHighS",
        args: [word(smallestHigh)],
      });
      const { period, keyEpoch, rx, ry } = bill;
      const twin = ethers.concat([bill.r, word(N - s), vs >> 255n === 1n ? "0x1b" : "0x1c"]);
      await expect(
        settlement.settleWithSignature(period, keyEpoch, rx, ry, twin, receipt.x, receipt.y),
      )
        .to.be.revertedWithCustomError(settlement, "SettlementSignatureHighS")
        .withArgs(word(N - s));
    });

    it("a signature with v other than 27 and 28", async () => {
      const { settlement, paidBill } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(0);
      const { period, keyEpoch, rx, ry, r, vs } = bill;
      const s = word(BigInt(vs) & ((1n << 255n) - 1n));
      for (const v of [0, 1, 26, 29, 255]) {
        const signature = ethers.concat([r, s, ethers.toBeHex(v, 1)]);
        await expect(
          settlement.settleWithSignature(period, keyEpoch, rx, ry, signature, receipt.x, receipt.y),
        )
          .to.be.revertedWithCustomError(settlement, "SettlementSignatureV")
          .withArgs(v);
      }
    });

    it("a signature of any length but 64 and 65", async () => {
      const { settlement, paidBill } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(0);
      const { period, keyEpoch, rx, ry, r, vs } = bill;
      for (const length of [0, 63, 66]) {
        const bytes = ethers.concat([r, vs, "0x1b1b"]).slice(0, 2 + 2 * length);
        await expect(
          settlement.settleWithSignature(period, keyEpoch, rx, ry, bytes, receipt.x, receipt.y),
        )
          .to.be.revertedWithCustomError(settlement, "SettlementSignatureLength")
          .withArgs(length);
      }
    });

    it("a signature that recovers the zero address", async () => {
      const { settlement, paidBill, domain } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(0);
      for (const r of [word(0n), word(N)]) {
        await expectRefused({
          settlement,
          bill: { ...bill, r },
          receipt,
          error: "SettlementSignatureUnrecoverable",
          args: [digestOf(domain, bill)],
        });
      }
    });

    it("an unregistered meter", async () => {
      const { settlement, paidBill } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(10);
      await expectRefused({
        settlement,
        bill,
        receipt,
        error: "SettlementMeterUnregistered",
        args: [meterWallet(10).address],
      });
    });

    it("a retired meter, from the period after its last", async () => {
      const { settlement, paidBill, meters, roles } = await loadFixture(deployed);
      await settlement.connect(roles.meterRegistrar).retireMeter(meters[0]!.address, PERIOD);
      const later = paidBill(0, { period: PERIOD + 1 });
      await expectRefused({
        settlement,
        bill: later.bill,
        receipt: later.receipt,
        error: "SettlementMeterNotValid",
        args: [meters[0]!.address, PERIOD + 1, 201301, PERIOD],
      });
      const last = paidBill(0, { period: PERIOD });
      await settlement.settle(last.bill, last.receipt.x, last.receipt.y);
    });

    it("a period before the meter's first", async () => {
      const { settlement, paidBill, meters } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(0, { period: 201212 });
      await expectRefused({
        settlement,
        bill,
        receipt,
        error: "SettlementMeterNotValid",
        args: [meters[0]!.address, 201212, 201301, OPEN_END],
      });
    });

    for (const [what, spoil, defect] of [
      ["the identity", () => ({ x: 0n, y: 0n }), Defect.Identity],
      [
        "x not below p",
        ({ x, y }: { x: bigint; y: bigint }) => ({ x: x + P, y }),
        Defect.CoordinateTooLarge,
      ],
      [
        "y not below p",
        ({ x, y }: { x: bigint; y: bigint }) => ({ x, y: y + P }),
        Defect.CoordinateTooLarge,
      ],
      [
        "off the curve",
        ({ x, y }: { x: bigint; y: bigint }) => ({ x, y: y ^ 1n }),
        Defect.NotOnCurve,
      ],
    ] as const) {
      it(`R: ${what}, cheaply`, async () => {
        const { settlement, paidBill, domain, meters } = await loadFixture(deployed);
        const { bill, receipt } = paidBill(0);
        const { x: rx, y: ry } = spoil({ x: bill.rx, y: bill.ry });
        const spoilt = sign(meters[0]!, domain, { ...bill, rx, ry });
        const args = [defect, rx, ry];
        await expectRefused({
          settlement,
          bill: spoilt,
          receipt,
          error: "SettlementBillPointInvalid",
          args,
        });
        const data = settlement.interface.encodeFunctionData("settle", [
          spoilt,
          receipt.x,
          receipt.y,
        ]);
        expect(await gasOfRevert(domain.settlement, data)).to.be.below(30_000n);
      });

      it(`σ: ${what}, cheaply`, async () => {
        const { settlement, paidBill, domain } = await loadFixture(deployed);
        const { bill, receipt } = paidBill(0);
        const spoilt = spoil(receipt);
        const args = [defect, spoilt.x, spoilt.y];
        await expectRefused({
          settlement,
          bill,
          receipt: spoilt,
          error: "SettlementReceiptPointInvalid",
          args,
        });
        const data = settlement.interface.encodeFunctionData("settle", [bill, spoilt.x, spoilt.y]);
        expect(await gasOfRevert(domain.settlement, data)).to.be.below(30_000n);
      });
    }

    it("receipts that do not add up: one missing, doubled, foreign, shifted", async () => {
      const { settlement, paidBill, systemId, meters } = await loadFixture(deployed);
      const { bill, receiptPoint } = paidBill(0);
      const one = times(
        billPoint({ systemId, keyEpoch: 1, units: 1, blinding: 0n }),
        UTILITY_SECRET,
      );
      for (const wrong of [
        receiptPoint.subtract(one),
        receiptPoint.add(one),
        receiptPoint.negate(),
        paidBill(1).receiptPoint,
        receiptPoint.add(P1),
      ]) {
        await expectRefused({
          settlement,
          bill,
          receipt: affine(wrong),
          error: "SettlementReceiptMismatch",
          args: [meters[0]!.address, PERIOD, 1],
        });
      }
      expect(await settlement.settled(meters[0]!.address, PERIOD)).to.equal(false);
    });

    it("a receipt made with the secret of another epoch", async () => {
      const { settlement, paidBill, meters } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(0, { secret: scalarOf("another secret") });
      await expectRefused({
        settlement,
        bill,
        receipt,
        error: "SettlementReceiptMismatch",
        args: [meters[0]!.address, PERIOD, 1],
      });
    });

    it("integers beyond 32 bits in place of period and key epoch", async () => {
      const { settlement, paidBill, domain } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(0);
      const data = settlement.interface.encodeFunctionData("settle", [bill, receipt.x, receipt.y]);
      for (const at of [0, 1]) {
        // The first byte of the word, which the type leaves zero.
        const offset = 2 + 2 * (4 + 32 * at);
        const dirty = `${data.slice(0, offset)}01${data.slice(offset + 2)}`;
        expect(await gasOfRevert(domain.settlement, dirty)).to.be.below(30_000n);
      }
    });
  });

  it("says that it ran out of gas instead of explaining", async () => {
    const { settlement, paidBill } = await loadFixture(deployed);
    const { bill, receipt } = paidBill(0);
    // With the first the precompile runs out, with the second the checks before it.
    for (const gasLimit of [100_000n, 40_000n]) {
      await expect(
        settlement.explain(bill, receipt.x, receipt.y, { gasLimit }),
      ).to.be.revertedWithCustomError(settlement, "SettlementExplainOutOfGas");
    }
  });

  it("does not settle, and says why, when the pairing gets too little gas", async () => {
    const { settlement, paidBill, meters } = await loadFixture(deployed);
    const { bill, receipt } = paidBill(0);
    await expect(
      settlement.settle.staticCall(bill, receipt.x, receipt.y, { gasLimit: 150_000n }),
    ).to.be.revertedWithCustomError(settlement, "BN254PrecompileFailed");
    expect(await settlement.settled(meters[0]!.address, PERIOD)).to.equal(false);
  });
});
