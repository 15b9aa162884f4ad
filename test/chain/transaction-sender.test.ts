import { expect } from "chai";
import { parseEther, Wallet, type Signer } from "ethers";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { memoryJournal } from "../../src/chain/transactions/transaction-journal.js";
import {
  MAX_TRANSACTION_GAS,
  TransactionSender,
  type Call,
  type SenderOptions,
} from "../../src/chain/transactions/transaction-sender.js";
import { expectRejection } from "../support/errors.js";
import { testMeter, TestSystem } from "./fixture.js";

describe("sending transactions", () => {
  let system: TestSystem;
  before(async () => {
    system = await TestSystem.start("sender", { meters: 1 });
  });
  after(() => system.stop());
  afterEach(async () => {
    await system.request("evm_setAutomine", true);
  });

  /** Registers a meter: a call that works once. */
  function registration(): Call {
    return {
      to: system.deployment.contracts.settlement.address,
      data: BillSettlement__factory.createInterface().encodeFunctionData("registerMeter", [
        testMeter(system.random).address,
        0,
        0xffffffff,
      ]),
    };
  }

  async function richWallet(): Promise<Wallet> {
    const wallet = new Wallet(`0x${Buffer.from(system.random.bytes(32)).toString("hex")}`);
    const connected = wallet.connect(system.chain.provider);
    const bank = await system.signer(1);
    await (await bank.sendTransaction({ to: wallet.address, value: parseEther("10") })).wait();
    return connected;
  }

  /** Waits until `count` transactions wait to be mined. */
  async function waiting(count: number): Promise<void> {
    for (;;) {
      const block = (await system.request("eth_getBlockByNumber", "pending", false)) as {
        transactions: string[];
      };
      if (block.transactions.length >= count) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  const send = async (signer: Signer, call: Call, options: SenderOptions = {}) =>
    (await TransactionSender.create(signer, options)).send(call);

  it("from an account of the node and from a key", async () => {
    expect((await send(await system.signer(0), registration())).status).to.equal(1);
    const transfer = { to: system.chain.accounts[2]!, data: "0x" };
    expect((await send(await richWallet(), transfer)).status).to.equal(1);
  });

  it("a call that would revert is not sent", async () => {
    const call = registration();
    await send(await system.signer(0), call);
    const before = await system.sent();
    await expectRejection(
      send(await system.signer(0), call),
      "contract/SettlementMeterAlreadyRegistered",
    );
    expect(await system.sent()).to.equal(before);
  });

  it("an account without money is told so, and sends nothing", async () => {
    const poor = Wallet.createRandom(system.chain.provider);
    const transfer = { to: system.chain.accounts[2]!, data: "0x" };
    const error = await expectRejection(send(poor, transfer), "chain/insufficient-funds");
    expect(error.details.balance).to.equal(0n);
    expect(error.exitCode).to.equal(75);
  });

  it("no transaction asks for more gas than a chain allows", async () => {
    const sender = await system.sender();
    await expectRejection(
      sender.send(registration(), MAX_TRANSACTION_GAS + 1n),
      "chain/too-much-gas",
    );
  });

  it("many at once keep their nonces in order", async () => {
    for (const signer of [await system.signer(0), await richWallet()]) {
      await system.request("evm_setAutomine", false);
      const sender = await TransactionSender.create(signer);
      const transfer = { to: system.chain.accounts[2]!, data: "0x" };
      const all = Promise.all(Array.from({ length: 6 }, () => sender.send(transfer)));
      await waiting(6);
      await system.request("evm_mine");
      const receipts = await all;
      expect(new Set(receipts.map((r) => r.hash)).size).to.equal(6);
      await system.request("evm_setAutomine", true);
    }
  });

  it("nonces stay in order with a node that does not count what waits", async () => {
    const wallet = await richWallet();
    await system.request("evm_setAutomine", false);
    const { provider } = system.chain;
    const count = provider.getTransactionCount.bind(provider);
    provider.getTransactionCount = (address) => count(address, "latest");
    try {
      const sender = await TransactionSender.create(wallet);
      const transfer = { to: system.chain.accounts[2]!, data: "0x" };
      const all = Promise.all(Array.from({ length: 3 }, () => sender.send(transfer)));
      await waiting(3);
      await system.request("evm_mine");
      expect(new Set((await all).map((r) => r.hash)).size).to.equal(3);
    } finally {
      provider.getTransactionCount = count;
    }
  });

  it("raises the fees of a transaction that is not mined, under the same nonce", async () => {
    for (const signer of [await system.signer(0), await richWallet()]) {
      await system.request("evm_setAutomine", false);
      const journal = memoryJournal();
      const messages: string[] = [];
      const sent = send(
        signer,
        { to: system.chain.accounts[2]!, data: "0x" },
        {
          journal,
          patience: 60,
          feeRaises: 100,
          onProgress: (m) => messages.push(m),
        },
      );
      while (messages.filter((m) => m.startsWith("sent")).length < 2) {
        await new Promise((r) => setTimeout(r, 5));
      }
      await system.request("evm_mine");
      const receipt = await sent;
      expect(messages.join("\n")).to.match(/raising the fees/);
      expect(messages[0]).to.not.contain(receipt.hash);
      expect(await journal.list()).to.deep.equal([]);
      await system.request("evm_setAutomine", true);
    }
  });

  it("gives up in the end, and the next run waits for the same transaction", async () => {
    const wallet = await richWallet();
    await system.request("evm_setAutomine", false);
    const journal = memoryJournal();
    const transfer = { to: system.chain.accounts[2]!, data: "0x" };
    const impatient = { journal, patience: 50, feeRaises: 0 };
    const error = await expectRejection(
      send(wallet, transfer, impatient),
      "chain/transaction-pending",
    );
    expect(error.exitCode).to.equal(75);
    const [left] = await journal.list();
    expect(left?.hash).to.equal(error.details.transaction);

    const next = await TransactionSender.create(wallet, impatient);
    await expectRejection(next.finishEarlier(), "chain/transaction-pending");
    await system.request("evm_mine");
    expect(await next.finishEarlier()).to.equal(1);
    expect(await journal.list()).to.deep.equal([]);
  });

  it("forgets a transaction of an earlier run that the node does not know", async () => {
    const journal = memoryJournal();
    await journal.add({ hash: `0x${"12".repeat(32)}`, from: system.chain.accounts[0]!, nonce: 9 });
    const sender = await TransactionSender.create(await system.signer(0), { journal });
    expect(await sender.finishEarlier()).to.equal(0);
    expect(await journal.list()).to.deep.equal([]);
  });

  it("notices that another program used its nonce", async () => {
    const wallet = await richWallet();
    await system.request("evm_setAutomine", false);
    const transfer = { to: system.chain.accounts[2]!, data: "0x" };
    const sent = send(wallet, transfer, { patience: 200 });
    await waiting(1);
    const nonce = await wallet.getNonce("latest");
    const fees = { maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 10n };
    await wallet.sendTransaction({ to: wallet.address, nonce, ...fees });
    await system.request("evm_mine");
    await expectRejection(sent, "chain/transaction-replaced");
  });

  it("says why a transaction reverted after all: another sender was faster", async () => {
    const call = registration();
    const first = await system.sender();
    const second = await TransactionSender.create(await richWallet());
    const { settlement } = system.deployment.contracts;
    const contract = BillSettlement__factory.connect(settlement.address, await system.signer(0));
    const role = await contract.METER_REGISTRAR_ROLE();
    await (await contract.grantRole(role, second.address)).wait();
    await system.request("evm_setAutomine", false);
    const both = Promise.allSettled([first.send(call), second.send(call)]);
    await waiting(2);
    await system.request("evm_mine");
    const outcomes = await both;
    const [refused] = outcomes.filter((o) => o.status === "rejected");
    expect(outcomes.filter((o) => o.status === "fulfilled")).to.have.length(1);
    await expectRejection(
      Promise.reject(refused!.reason as Error),
      "contract/SettlementMeterAlreadyRegistered",
    );
  });
});
