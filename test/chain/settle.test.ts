import { expect } from "chai";
import { dataLength, Wallet } from "ethers";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { billWords, g1Words, type BillWords } from "../../src/chain/contract-values.js";
import { contractErrors } from "../../src/chain/errors/contracts/errors.js";
import { settlementContract } from "../../src/chain/deploy/deployment.js";
import { registerKey } from "../../src/chain/governance/key-epochs.js";
import { settleBills, type SettleOptions } from "../../src/chain/settle/settle.js";
import type { SettlementOutcome } from "../../src/chain/settle/settlement-outcome.js";
import { memoryJournal } from "../../src/chain/transactions/transaction-journal.js";
import { MAX_BATCH } from "../../src/chain/settle/settle-batch.js";
import {
  MAX_TRANSACTION_GAS,
  TransactionSender,
} from "../../src/chain/transactions/transaction-sender.js";
import {
  addPeriods,
  publicKeyOf,
  type SettleableBill,
  type UtilitySecretKey,
} from "../../src/sipster/index.js";
import { expectRejection } from "../support/errors.js";
import { noticeOf, PERIOD, TestSystem, testMeter } from "./fixture.js";

describe("settling bills", () => {
  let system: TestSystem;
  let period = PERIOD;

  before(async () => {
    system = await TestSystem.start("settle", { meters: 12 });
  });
  after(() => system.stop());
  beforeEach(() => {
    period = addPeriods(period, 1);
  });
  afterEach(async () => {
    await system.request("evm_setAutomine", true);
  });

  const settle = async (
    bills: readonly SettleableBill[],
    options: Partial<SettleOptions> = {},
  ): Promise<SettlementOutcome[]> =>
    settleBills({ ...system, sender: await system.sender(), bills, ...options });
  const statuses = (outcomes: readonly SettlementOutcome[]) => outcomes.map((o) => o.status);
  const isSettled = async ({ meter, bill }: SettleableBill) =>
    settlementContract(system.deployment, { provider: system.chain.provider }).settled(
      meter,
      bill.period,
    );
  const errorOf = (outcome: SettlementOutcome | undefined) =>
    outcome?.status === "refused" ? outcome.error.code : null;

  /** Every way a bill is refused, by the error that says so. */
  function refusedBills(): Record<string, SettleableBill> {
    const { curve, random } = system;
    const good = () => system.bill(system.meters[0]!, { period });
    const unknownEpoch: UtilitySecretKey = { ...system.utility, keyEpoch: 77 };
    const highS = good();
    return {
      "contract/SettlementKeyEpochUnknown": system.bill(system.meters[0]!, {
        period,
        utility: unknownEpoch,
      }),
      "contract/SettlementReceiptPointInvalid": { ...good(), combined: curve.g1.identity },
      "contract/SettlementMeterUnregistered": system.bill(testMeter(random), { period }),
      "contract/SettlementReceiptMismatch": system.unpaid(good()),
      "contract/SettlementBillPointInvalid": {
        ...highS,
        bill: { ...highS.bill, r: highS.bill.r.map((b, i) => (i === 63 ? b ^ 1 : b)) },
      },
      "contract/SettlementSignatureHighS": withHighS(good()),
    };
  }

  /** s = 2^255 − 1, in the upper half; EIP-2098 leaves room for few such values. */
  function withHighS(bill: SettleableBill): SettleableBill {
    const signature = bill.bill.signature.map((byte, i) => (i < 32 ? byte : 0xff));
    return { ...bill, bill: { ...bill.bill, signature } };
  }

  describe("one by one", () => {
    it("settles, and says by which transaction and for how much gas", async () => {
      const bills = system.bills(3, period);
      const outcomes = await settle(bills);
      expect(statuses(outcomes)).to.deep.equal(["settled", "settled", "settled"]);
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome.status !== "settled") throw new Error("not settled");
        expect(outcome.meter).to.equal(bills[i]!.meter);
        const receipt = await system.chain.provider.getTransactionReceipt(outcome.transaction);
        expect(receipt?.gasUsed).to.equal(outcome.gasUsed);
        expect(receipt?.blockNumber).to.equal(outcome.block);
        expect(await isSettled(bills[i]!)).to.equal(true);
      }
    });

    it("settled already is a success that names the transaction, and sends nothing", async () => {
      const bills = system.bills(2, period);
      const first = await settle(bills);
      const before = await system.sent();
      const again = await settle([bills[1]!, bills[0]!]);
      expect(await system.sent()).to.equal(before);
      for (const [i, outcome] of again.entries()) {
        const earlier = first[1 - i]!;
        if (outcome.status !== "already-settled" || earlier.status !== "settled") {
          throw new Error("wrong status");
        }
        expect(outcome.transaction).to.equal(earlier.transaction);
        expect(outcome.block).to.equal(earlier.block);
      }
    });

    it("each refusal has its reason, costs nothing, and stops no other bill", async () => {
      const refused = Object.entries(refusedBills());
      const good = system.bill(system.meters[5]!, { period });
      const before = await system.sent();
      const outcomes = await settle([...refused.map(([, bill]) => bill), good]);
      expect(outcomes.slice(0, -1).map(errorOf)).to.deep.equal(refused.map(([code]) => code));
      expect(outcomes.at(-1)?.status).to.equal("settled");
      expect((await system.sent()) - before).to.equal(1);
    });

    it("two bills of one meter and period: one settles, the other is settled already", async () => {
      const [meter] = system.meters;
      const two = [system.bill(meter!, { period }), system.bill(meter!, { period })];
      expect(statuses(await settle(two))).to.deep.equal(["settled", "already-settled"]);
      period = addPeriods(period, 1);
      const [bad, good] = [
        system.unpaid(system.bill(meter!, { period })),
        system.bill(meter!, { period }),
      ];
      expect(statuses(await settle([bad, good]))).to.deep.equal(["refused", "settled"]);
    });

    it("a copy that was faster does the work: settled already, by its transaction", async () => {
      const [bill] = system.bills(1, period);
      await system.request("evm_setAutomine", false);
      const slow = settle([bill!]);
      await waiting(1);
      // The copy pays more, so it comes first in the block.
      const contract = BillSettlement__factory.connect(
        system.deployment.contracts.settlement.address,
        await system.signer(4),
      );
      const [pending] = await pendingTransactions();
      const copy = await (
        await system.signer(4)
      ).sendTransaction({
        to: await contract.getAddress(),
        data: pending!.input,
        gasLimit: 1_000_000,
        maxFeePerGas: 10n ** 11n,
        maxPriorityFeePerGas: 10n ** 10n,
      });
      await system.request("evm_mine");
      const [outcome] = await slow;
      expect(outcome).to.include({ status: "already-settled", transaction: copy.hash });
    });

    it("an interrupted run goes on: it waits for what was sent and sends nothing twice", async () => {
      const bills = system.bills(3, period);
      await system.request("evm_setAutomine", false);
      const journal = memoryJournal();
      const signer = await system.signer(0);
      const impatient = await TransactionSender.create(signer, {
        journal,
        patience: 100,
        feeRaises: 0,
      });
      const { curve, deployment } = system;
      await expectRejection(
        settleBills({ sender: impatient, deployment, bills, curve }),
        "chain/transaction-pending",
      );
      const left = await journal.list();
      expect(left).to.have.length(3);
      await system.request("evm_mine");
      await system.request("evm_setAutomine", true);
      const before = await system.sent();
      const next = await TransactionSender.create(signer, { journal });
      const outcomes = await settleBills({ sender: next, deployment, bills, curve });
      expect(await system.sent()).to.equal(before);
      expect(statuses(outcomes)).to.deep.equal(Array(3).fill("already-settled"));
      expect(await journal.list()).to.deep.equal([]);
      const named = outcomes.map((o) => (o.status === "already-settled" ? o.transaction : null));
      expect(named).to.have.members(left.map((t) => t.hash));
    });
  });

  describe("in batches", () => {
    it("settles all in one transaction, and each bill bears its share of the gas", async () => {
      const bills = system.bills(12, period);
      const before = await system.sent();
      const outcomes = await settle(bills, { batch: true });
      expect((await system.sent()) - before).to.equal(1);
      expect(statuses(outcomes)).to.deep.equal(Array(12).fill("settled"));
      const [first] = outcomes;
      if (first?.status !== "settled") throw new Error("not settled");
      const receipt = await system.chain.provider.getTransactionReceipt(first.transaction);
      expect(first.gasUsed).to.equal(receipt!.gasUsed / 12n);
      for (const bill of bills) expect(await isSettled(bill)).to.equal(true);
    });

    it("large ones are split", async () => {
      const before = await system.sent();
      const outcomes = await settle(system.bills(12, period), { batch: true, maxBatch: 5 });
      expect((await system.sent()) - before).to.equal(3);
      expect(new Set(statuses(outcomes))).to.deep.equal(new Set(["settled"]));
    });

    it("are halved when one would need more gas than a transaction may have", async () => {
      const sender = await system.sender();
      const estimate = sender.estimate.bind(sender);
      // As if each bill took a million gas.
      sender.estimate = async (call) => (await estimate(call)) + BigInt(call.data.length) * 15_000n;
      const { curve, deployment } = system;
      const bills = system.bills(12, period);
      const before = await system.sent();
      const outcomes = await settleBills({ sender, deployment, bills, curve, batch: true });
      expect((await system.sent()) - before).to.be.greaterThan(1);
      expect(statuses(outcomes)).to.deep.equal(Array(12).fill("settled"));
    });

    it("are judged again after losing a race, and refused when they lose every one", async () => {
      const { curve, deployment } = system;
      for (const [losses, status] of [
        [1, "settled"],
        [99, "refused"],
      ] as const) {
        const sender = await system.sender();
        const estimate = sender.estimate.bind(sender);
        let left: number = losses;
        sender.estimate = async (call) => {
          if (left-- > 0) throw contractErrors.error("SettlementBatchEmpty", "a lost race");
          return estimate(call);
        };
        period = addPeriods(period, 1);
        const bills = system.bills(2, period);
        const outcomes = await settleBills({ sender, deployment, bills, curve, batch: true });
        expect(statuses(outcomes)).to.deep.equal([status, status]);
      }
    });

    it("a bill that is refused is found without gas, and the others settle", async () => {
      const refused = Object.entries(refusedBills()).filter(
        // In a batch the receipts are one point, so a bad one shows in the sum.
        ([code]) => code !== "contract/SettlementReceiptPointInvalid",
      );
      const good = system.bills(4, period).slice(1);
      const mixed = [good[0]!, ...refused.map(([, bill]) => bill), good[1]!, good[2]!];
      const before = await system.sent();
      // Same meter and period: only the first of them is in the batch, the others go by themselves.
      const outcomes = await settle(mixed, { batch: true });
      expect(outcomes.slice(1, -2).map(errorOf)).to.deep.equal(refused.map(([code]) => code));
      expect((await system.sent()) - before).to.equal(1);
      for (const bill of good) expect(await isSettled(bill)).to.equal(true);
    });

    it("several unpaid ones, and an identity as receipt, are told from the paid ones", async () => {
      const bills = system.bills(9, period);
      const { identity } = system.curve.g1;
      const mixed = bills.map((bill, i) => {
        if (i === 6) return { ...bill, combined: identity };
        return i === 2 || i === 7 ? system.unpaid(bill) : bill;
      });
      const outcomes = await settle(mixed, { batch: true });
      const bad = outcomes.map(errorOf).flatMap((code, i) => (code === null ? [] : [[i, code]]));
      expect(bad).to.deep.equal([2, 6, 7].map((i) => [i, "contract/SettlementReceiptMismatch"]));
    });

    it("two receipts that are wrong by +Δ and −Δ do not cancel", async () => {
      const { g1 } = system.curve;
      const [a, b] = system.bills(2, period) as [SettleableBill, SettleableBill];
      const outcomes = await settle(
        [
          { ...a, combined: g1.add(a.combined, g1.generator) },
          { ...b, combined: g1.sub(b.combined, g1.generator) },
        ],
        { batch: true },
      );
      expect(statuses(outcomes)).to.deep.equal(["refused", "refused"]);
    });

    it("bills settled before are named and left out; all settled before sends nothing", async () => {
      const bills = system.bills(6, period);
      const [one] = await settle([bills[3]!]);
      const before = await system.sent();
      const outcomes = await settle(bills, { batch: true });
      expect((await system.sent()) - before).to.equal(1);
      expect(outcomes[3]).to.include({
        status: "already-settled",
        transaction: one?.status === "settled" ? one.transaction : "",
      });
      const again = await settle(bills, { batch: true });
      expect((await system.sent()) - before).to.equal(1);
      expect(statuses(again)).to.deep.equal(Array(6).fill("already-settled"));
    });

    it("a bill that is settled while the batch waits stays in it and is named as settled", async () => {
      const bills = system.bills(4, period);
      await system.request("evm_setAutomine", false);
      const slow = settle(bills, { batch: true });
      await waiting(1);
      const [a] = bills as [SettleableBill];
      const contract = BillSettlement__factory.connect(
        system.deployment.contracts.settlement.address,
        await system.signer(4),
      );
      const { x, y } = g1Words(system.curve, a.combined);
      const faster = await contract.settle(billWords(a), x, y, {
        gasLimit: 1_000_000,
        maxFeePerGas: 10n ** 11n,
        maxPriorityFeePerGas: 10n ** 10n,
      });
      await system.request("evm_mine");
      const outcomes = await slow;
      expect(statuses(outcomes)).to.deep.equal([
        "already-settled",
        "settled",
        "settled",
        "settled",
      ]);
      expect(outcomes[0]).to.include({ transaction: faster.hash });
    });

    // The last: from its period on the system has another key.
    it("bills of several key epochs make several batches", async () => {
      const { curve, deployment } = system;
      const utility: UtilitySecretKey = { suite: "hash-bound", keyEpoch: 2, scalar: 4242n };
      const key = publicKeyOf(curve, utility);
      const later = addPeriods(period, 1);
      const notice = noticeOf({ curve, deployment, key, firstPeriod: later });
      await registerKey({ sender: await system.sender(), deployment, curve, key, notice });
      const bills = system.meters
        .slice(0, 6)
        .map((meter, i) =>
          system.bill(meter, i % 2 === 0 ? { period } : { period: later, utility }),
        );
      const before = await system.sent();
      expect(new Set(statuses(await settle(bills, { batch: true })))).to.deep.equal(
        new Set(["settled"]),
      );
      expect((await system.sent()) - before).to.equal(2);
    });
  });

  it("a bill of another contract or chain stops everything before anything is sent", async () => {
    const { deployment } = system;
    const elsewhere = {
      ...deployment,
      contracts: { ...deployment.contracts, settlement: deployment.contracts.vault },
    };
    const bills = [
      system.bill(system.meters[0]!, { period }),
      system.bill(system.meters[1]!, { period, deployment: elsewhere }),
    ];
    const before = await system.sent();
    await expectRejection(settle(bills), "chain/bill-of-another-system");
    const other = system.bill(system.meters[1]!, { deployment: { ...deployment, chainId: 1n } });
    await expectRejection(settle([other]), "chain/bill-of-another-system");
    expect(await system.sent()).to.equal(before);
  });

  it("the largest batch fits into what nodes relay", async () => {
    const [bill] = system.bills(1, period);
    const { x, y } = g1Words(system.curve, bill!.combined);
    const bills = Array<BillWords>(MAX_BATCH).fill(billWords(bill!));
    const abi = BillSettlement__factory.createInterface();
    const data = abi.encodeFunctionData("settleBatch", [1, bills, x, y]);
    const to = system.deployment.contracts.settlement.address;
    const fees = { maxFeePerGas: 10n ** 18n, maxPriorityFeePerGas: 10n ** 18n };
    const raw = await Wallet.createRandom().signTransaction({
      ...{ to, data, ...fees, type: 2, chainId: 1n << 52n, nonce: 1 << 30 },
      gasLimit: MAX_TRANSACTION_GAS,
    });
    expect(dataLength(raw)).to.be.at.most(128 * 1024);
    expect(dataLength(raw)).to.be.greaterThan(128 * 1024 - 2 * 192 - 1024);
  });

  it("no bills, no transactions", async () => {
    expect(await settle([])).to.deep.equal([]);
    expect(await settle([], { batch: true })).to.deep.equal([]);
  });

  async function pendingTransactions(): Promise<{ input: string }[]> {
    const block = (await system.request("eth_getBlockByNumber", "pending", true)) as {
      transactions: { input: string }[];
    };
    return block.transactions;
  }

  async function waiting(count: number): Promise<void> {
    while ((await pendingTransactions()).length < count) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
});
