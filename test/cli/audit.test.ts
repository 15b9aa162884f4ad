import { readFileSync } from "node:fs";
import { expect } from "chai";
import { HDNodeWallet, Mnemonic, parseEther, Wallet } from "ethers";
import { grantRole } from "../../src/chain/governance/roles.js";
import { connectRpc, parseDeployment, type RpcProvider } from "../../src/chain/index.js";
import { addressOf } from "../../src/sipster/index.js";
import { NOTICE_KEY, TestSystem } from "../chain/fixture.js";
import { eventOf, plantEvent, settleData } from "../chain/tamper.js";
import { startHardhatNode, type HardhatNode } from "../support/hardhat-node.js";
import { sipster, sipsterOn } from "../support/recorded-io.js";

import { ChainCommands, type AuditDocument, type SettleDocument } from "./chain-commands.js";

/** Holds no role at first. */
const STRANGER = "0x00000000000000000000000000000000DeaDBeef";

/** The phrase of every development chain: its keys are public. */
const PHRASE = "test test test test test test test test test test test junk";
const developmentKey = (account: number) =>
  HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(PHRASE), `m/44'/60'/0'/0/${account}`).privateKey;

describe("sipster audit", () => {
  const w = new ChainCommands("sipster audit");

  describe("audit", () => {
    beforeEach(w.saveRecord);

    it("clean: who settled, who has not, exit code 0", async () => {
      const files = w.billFiles(w.system.bills(3, w.period));
      await sipster("settle", ...files, ...w.deployments(), ...w.node(), "--batch");
      const month = `${w.period}`.replace(/(....)(..)/, "$1-$2");
      const { code, json } = await sipster(
        "audit",
        ...w.deployments(),
        "--period",
        month,
        "--json",
      );
      expect(code).to.equal(0);
      const document = json as AuditDocument;
      expect(document).to.include({ format: "sipster/audit@1", ok: true });
      expect(document.totals).to.include({ settled: 3, verified: 3, unsettled: 2, meters: 5 });
      expect(document.periods).to.deep.equal([
        { period: w.period, settled: 3, unsettled: w.system.meters.slice(3).map((m) => m.address) },
      ]);
      const text = await sipster("audit", ...w.deployments(), "--period", month);
      expect(text.out).to.contain(`Clean: 3 settlements, each verified.`);
      for (const { address } of w.system.meters.slice(3)) expect(text.out).to.contain(address);
    });

    it("not clean: exit code 1, and what is wrong", async () => {
      const snapshot = await w.system.request("evm_snapshot");
      const bill = w.system.unpaid(w.system.bill(w.system.meters[0]!, { period: w.period }));
      await plantEvent({
        system: w.system,
        event: eventOf(bill),
        data: settleData(w.system, bill),
      });
      const { code, json } = await sipster("audit", ...w.deployments(), "--json");
      expect(code).to.equal(1);
      expect((json as AuditDocument).ok).to.equal(false);
      expect((json as AuditDocument).totals).to.include({ failed: 1 });
      const text = await sipster("audit", ...w.deployments());
      expect(text.code).to.equal(1);
      expect(text.out).to.contain("NOT CLEAN").and.to.contain("does not pay the bill");
      expect(text.out).to.contain(bill.meter);
      await w.system.request("evm_revert", snapshot);
    });

    it("given a stranger who became registrar, on a terminal of 80 columns, names it first, with date and transaction, and exits with 1", async () => {
      const snapshot = await w.system.request("evm_snapshot");
      const sender = await w.system.sender();
      const change = { role: "meterRegistrar", holder: STRANGER } as const;
      const { transactions } = await grantRole(sender, w.system.deployment, change);
      const receipt = await w.chain.provider.getTransactionReceipt(transactions[0]!);
      const { timestamp } = (await w.chain.provider.getBlock(receipt!.blockNumber))!;
      const { code, out } = await sipsterOn(80, "audit", ...w.deployments());
      expect(code).to.equal(1);
      const lines = out.split("\n");
      for (const line of lines) expect(line.length, line).to.be.at.most(80);
      const alarm = lines.findIndex((line) => line.startsWith("ALARM"));
      expect(alarm, out).to.be.within(0, 3);
      const told = lines
        .slice(alarm, alarm + 5)
        .join(" ")
        .replaceAll(/\s+/g, " ");
      expect(told).to.contain(`${STRANGER} may register and retire meters`);
      const date = new Date(timestamp * 1000).toISOString().slice(0, 16).replace("T", " ");
      expect(told).to.contain(`since ${date} UTC ${transactions[0]}`);
      expect(lines.at(-1)).to.match(/^NOT CLEAN: .*1 alarms? about who governs/);
      await w.system.request("evm_revert", snapshot);
    });

    it("wrong usage, no record, no node", async () => {
      const usage = await sipster("audit", ...w.deployments(), "--period", "2013-13");
      expect(usage.code).to.equal(2);
      const none = ["--deployments", w.path("empty")];
      expect((await sipster("audit", "--rpc", w.chain.url, ...none)).code).to.equal(65);
      expect((await sipster("audit", "--rpc", "http://127.0.0.1:1", ...none)).code).to.equal(69);
    });
  });

  describe("against a node in a process of its own", () => {
    let hardhat: HardhatNode;
    let provider: RpcProvider;
    before(async () => {
      hardhat = await startHardhatNode();
      provider = await connectRpc(hardhat.url);
    });
    after(async () => {
      provider.destroy();
      await hardhat.stop();
    });

    it("deploys from a key, settles in a batch and one by one, audits clean; then the node is gone", async () => {
      const there = ["--rpc", hardhat.url, "--deployments", w.path("deployments")];
      const key = ["--key-file", w.writeFile("deployer.key", developmentKey(0))];
      const notices = ["--notice-signer", addressOf(NOTICE_KEY), "--lead", "0"];
      const deployed = await sipster("deploy", ...there, ...key, ...notices, "--json");
      expect(deployed.code, deployed.err).to.equal(0);
      const record = readFileSync(w.path("deployments", "31337.json"), "utf8");
      const accounts = (await provider.listAccounts()).map((signer) => signer.address);
      const remote = await TestSystem.on(
        { chainId: 31337, provider, accounts, close: async () => undefined },
        "remote",
        { meters: 6, deployment: parseDeployment(record) },
      );
      const bills = remote.bills(5).map((bill, i) => w.billFile(bill, `${i}.json`));
      const payer = Wallet.createRandom();
      const bank = await provider.getSigner(1);
      await (await bank.sendTransaction({ to: payer.address, value: parseEther("1") })).wait();
      const pays = ["--key-file", w.writeFile("payer.key", payer.privateKey)];
      const one = await sipster("settle", bills[0]!, ...there, ...pays);
      expect(one.code, one.err).to.equal(0);
      const batch = await sipster("settle", ...bills, ...there, ...pays, "--batch", "--json");
      expect(batch.code, batch.err).to.equal(0);
      expect((batch.json as SettleDocument).totals).to.include({ settled: 4, alreadySettled: 1 });
      const audited = await sipster("audit", ...there, "--json");
      expect(audited.code, audited.err).to.equal(0);
      expect((audited.json as AuditDocument).totals).to.include({ verified: 5, unsettled: 1 });

      await hardhat.stop();
      const gone = await sipster("audit", ...there);
      expect(gone.code).to.equal(69);
      expect(gone.err).to.contain("chain/unreachable");
    });
  });
});
