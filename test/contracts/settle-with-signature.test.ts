import { expect } from "chai";
import { sign } from "./support/bills.js";
import { PERIOD, deployed, networkHelpers } from "./support/deployment.js";

const { loadFixture } = networkHelpers;

describe("BillSettlement.settleWithSignature", () => {
  for (const form of ["65 bytes", "64 bytes"] as const) {
    it(`takes a signature of ${form}`, async () => {
      const { settlement, paidBill, meters, domain } = await loadFixture(deployed);
      const { bill, receipt } = paidBill(0);
      const { period, keyEpoch, rx, ry } = bill;
      const { signature } = sign(meters[0]!, domain, bill);
      const bytes = form === "65 bytes" ? signature.serialized : signature.compactSerialized;
      await expect(
        settlement.settleWithSignature(period, keyEpoch, rx, ry, bytes, receipt.x, receipt.y),
      )
        .to.emit(settlement, "BillSettled")
        .withArgs(meters[0]!.address, PERIOD, 1);
    });
  }

  it("takes both values of v", async () => {
    const { settlement, paidBill, meters, domain } = await loadFixture(deployed);
    const seen = new Set<number>();
    for (let i = 0; i < 9; i++) {
      const { bill, receipt } = paidBill(i);
      const { period, keyEpoch, rx, ry } = bill;
      const { signature } = sign(meters[i]!, domain, bill);
      seen.add(signature.v);
      await settlement.settleWithSignature(
        period,
        keyEpoch,
        rx,
        ry,
        signature.serialized,
        receipt.x,
        receipt.y,
      );
      expect(await settlement.settled(meters[i]!.address, PERIOD)).to.equal(true);
    }
    expect([...seen].sort()).to.deep.equal([27, 28]);
  });
});
