/** Asserts that a bill is refused, and that the view says so in the same words. */
import { expect } from "chai";
import type { BillSettlement } from "../../../src/chain/bindings/BillSettlement.js";
import type { Affine } from "./curve.js";
import type { SignedBill } from "./bills.js";
import { ethers } from "./deployment.js";

export enum Verdict {
  Settles,
  AlreadySettled,
  Refused,
}

export async function expectRefused({
  settlement,
  bill,
  receipt,
  error,
  args,
  verdict = Verdict.Refused,
}: {
  readonly settlement: BillSettlement;
  readonly bill: SignedBill;
  readonly receipt: Affine;
  readonly error: string;
  readonly args: readonly unknown[];
  readonly verdict?: Verdict;
}): Promise<void> {
  await expect(settlement.settle(bill, receipt.x, receipt.y))
    .to.be.revertedWithCustomError(settlement, error)
    .withArgs(...args);
  const [said, reason] = await settlement.explain(bill, receipt.x, receipt.y);
  expect(Number(said)).to.equal(verdict);
  const parsed = settlement.interface.parseError(reason);
  expect(parsed?.name).to.equal(error);
  expect([...parsed!.args]).to.deep.equal(
    args.map((arg) => (typeof arg === "number" ? BigInt(arg) : arg)),
  );
}

/** Gas of a transaction that reverts, sent with a limit of a million. */
export async function gasOfRevert(to: string, data: string): Promise<bigint> {
  const [sender] = await ethers.getSigners();
  await expect(sender!.sendTransaction({ to, data, gasLimit: 1_000_000n })).to.revert(ethers);
  const block = await ethers.provider.getBlock("latest");
  const receipt = await ethers.provider.getTransactionReceipt(block!.transactions.at(-1)!);
  expect(receipt!.status).to.equal(0);
  return receipt!.gasUsed;
}
