/** Two EVMs of different authors on the same transactions: acceptance, gas, answer and events. */
import { expect } from "chai";
import type { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { TestRandom } from "../support/random.js";
import {
  ORDER,
  P,
  P1,
  affine,
  pointOf,
  times,
  twistOutsideSubgroup,
  type Affine,
} from "./support/curve.js";
import {
  billPoint,
  combineBatch,
  meterWallet,
  scalarOf,
  sign,
  systemIdOf,
  type Domain,
  type SignedBill,
} from "./support/bills.js";
import {
  ethers,
  noticeWallet,
  OPEN_END,
  PERIOD,
  publicKey,
  registration,
  UTILITY_SECRET,
} from "./support/deployment.js";
import { TwoEvms, type Outcome } from "./support/second-evm.js";

const METERS = 12;

describe("EDR and @ethereumjs/vm", () => {
  const random = new TestRandom("two machines");
  let machines: TwoEvms;
  let domain: Domain;
  let to: string;
  let contract: BillSettlement__factory;

  /** Sends to both, demands the same outcome, and returns it. */
  async function same(data: string, target: string | null = to): Promise<Outcome> {
    const { edr, ethereumjs } = await machines.send({ to: target, data });
    expect(ethereumjs).to.deep.equal(edr);
    return edr;
  }
  const encode = (fn: string, args: readonly unknown[]): string =>
    contract.interface.encodeFunctionData(fn as "settle", args as never);
  const errorOf = ({ returned }: Outcome): string | undefined =>
    contract.interface.parseError(returned)?.name;

  function paid(index: number, period = PERIOD): { bill: SignedBill; receipt: Affine } {
    const point = billPoint({
      systemId: systemIdOf(domain),
      keyEpoch: 1,
      units: 1,
      blinding: scalarOf(`two ${index} ${period}`),
    });
    const { x: rx, y: ry } = affine(point);
    const bill = sign(meterWallet(index), domain, { period, keyEpoch: 1, rx, ry });
    return { bill, receipt: affine(times(point, UTILITY_SECRET)) };
  }

  before(async () => {
    machines = await TwoEvms.start();
    contract = await ethers.getContractFactory("BillSettlement");
    const who = machines.sender.address;
    const { data } = await contract.getDeployTransaction(
      {
        admin: who,
        keyRegistrar: who,
        meterRegistrar: who,
        parameterRegistrar: who,
        pauser: who,
      },
      noticeWallet.address,
      0,
    );
    to = ethers.getCreateAddress({ from: who, nonce: 0 });
    domain = { chainId: 31337n, settlement: to };
    expect((await same(data, null)).succeeded).to.equal(true);
    const first = registration(domain, publicKey(UTILITY_SECRET));
    expect((await same(encode("registerKey", first))).succeeded).to.equal(true);
    const meters = Array.from({ length: METERS }, (_, i) => meterWallet(i).address);
    const registered = await same(encode("registerMeters", [meters, 0, OPEN_END]));
    expect(registered.logs.length).to.equal(METERS);
  });

  it("agree on keys to register and to refuse", async () => {
    const { a1, a2 } = publicKey(scalarOf("another"));
    for (const [key, error] of [
      [[a1, twistOutsideSubgroup()], "SettlementKeyA2Invalid"],
      [[a1, { ...a2, yC0: a2.yC0 ^ 1n }], "SettlementKeyA2Invalid"],
      [[{ x: 0n, y: 0n }, a2], "SettlementKeyA1Invalid"],
      [[affine(P1), a2], "SettlementKeyInconsistent"],
    ] as const) {
      expect(errorOf(await same(encode("registerKey", [...key, 209901, "0x"])))).to.equal(error);
    }
    const next = { keyEpoch: 2, firstPeriod: 209901 };
    const forged = registration(domain, { a1, a2 }, { ...next, signer: meterWallet(0) });
    expect(errorOf(await same(encode("registerKey", forged)))).to.equal(
      "SettlementKeyNoticeInvalid",
    );
    const second = registration(domain, { a1, a2 }, next);
    expect((await same(encode("registerKey", second))).succeeded).to.equal(true);
  });

  it("agree on bills to settle and to refuse", async () => {
    const { bill, receipt } = paid(0);
    const settle = (b: SignedBill, r: Affine): Promise<Outcome> =>
      same(encode("settle", [b, r.x, r.y]));
    for (const [b, r, error] of [
      [{ ...bill, keyEpoch: 9 }, receipt, "SettlementKeyEpochUnknown"],
      [{ ...bill, rx: 0n, ry: 0n }, receipt, "SettlementBillPointInvalid"],
      [{ ...bill, rx: bill.rx + P }, receipt, "SettlementBillPointInvalid"],
      [bill, { x: 0n, y: 0n }, "SettlementReceiptPointInvalid"],
      [bill, { x: receipt.x, y: P - receipt.y }, "SettlementReceiptMismatch"],
      [{ ...bill, r: ethers.ZeroHash }, receipt, "SettlementSignatureUnrecoverable"],
      [{ ...bill, vs: `0x7f${"ff".repeat(31)}` }, receipt, "SettlementSignatureHighS"],
      [paid(METERS).bill, receipt, "SettlementMeterUnregistered"],
    ] as const) {
      expect(errorOf(await settle(b, r))).to.equal(error);
    }
    expect((await settle(bill, receipt)).logs.length).to.equal(1);
    expect(errorOf(await settle(bill, receipt))).to.equal("SettlementAlreadySettled");
  });

  it("agree on batches", async () => {
    const chosen = [1, 2, 3, 1, 0].map((i) => paid(i));
    const bills = chosen.map(({ bill }) => bill);
    const points = bills.map(({ rx, ry }) => times(pointOf({ x: rx, y: ry }), UTILITY_SECRET));
    const sum = combineBatch(domain, bills, points);
    const wrong = affine(times(P1, 3n));
    const refused = await same(encode("settleBatch", [1, bills, wrong.x, wrong.y]));
    expect(errorOf(refused)).to.equal("SettlementBatchReceiptMismatch");
    const accepted = await same(encode("settleBatch", [1, bills, sum.x, sum.y]));
    expect(accepted.succeeded).to.equal(true);
    // Meter 0 settled before, meter 1 comes twice.
    expect(accepted.logs.length).to.equal(3);
  });

  it("agree on calldata with a random byte changed, and on cut calldata", async () => {
    let refusals = 0;
    for (let i = 0; i < 40; i++) {
      const { bill, receipt } = paid(4 + (i % 4), PERIOD + i);
      const bytes = ethers.getBytes(encode("settle", [bill, receipt.x, receipt.y]));
      const changed = Uint8Array.from(bytes);
      changed[random.int(changed.length)]! ^= 1 + random.int(255);
      const cut = i % 8 === 0 ? changed.subarray(0, random.int(changed.length)) : changed;
      if (!(await same(ethers.hexlify(cut))).succeeded) refusals++;
    }
    expect(refusals).to.equal(40);
  });

  it("agree on random points and scalars as bills and receipts", async () => {
    let settled = 0;
    for (let i = 0; i < 12; i++) {
      const scalar = 1n + random.below(ORDER - 1n);
      const point = times(P1, scalar);
      const { x: rx, y: ry } = affine(point);
      const index = 4 + random.int(8);
      const period = 200000 + i;
      const bill = sign(meterWallet(index), domain, { period, keyEpoch: 1, rx, ry });
      // Half of them with the right receipt, half off by one in the exponent.
      const secret = UTILITY_SECRET + BigInt(i % 2);
      const { x, y } = affine(times(point, secret));
      if ((await same(encode("settle", [bill, x, y]))).succeeded) settled++;
    }
    expect(settled).to.equal(6);
  });
});
