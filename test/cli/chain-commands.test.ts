import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { encryptKeystoreJson, HDNodeWallet, Mnemonic, parseEther, Wallet } from "ethers";
import {
  connectRpc,
  parseDeployment,
  writeDeployment,
  type RpcProvider,
} from "../../src/chain/index.js";
import { serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { writeBillFile, type SettleableBill } from "../../src/sipster/index.js";
import { PERIOD, TestSystem } from "../chain/fixture.js";
import { eventOf, plantEvent, settleData } from "../chain/tamper.js";
import { killWhen, startScript } from "../support/child.js";
import { startHardhatNode, type HardhatNode } from "../support/hardhat-node.js";
import { runCommand } from "../support/recording-io.js";
import { temporaryDirectory } from "../support/temporary.js";

/** The phrase of every development chain: its keys are public. */
const PHRASE = "test test test test test test test test test test test junk";
const developmentKey = (account: number) =>
  HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(PHRASE), `m/44'/60'/0'/0/${account}`).privateKey;

interface SettleDocument {
  readonly format: string;
  readonly chainId: string;
  readonly bills: {
    file: string;
    meter: string;
    period: number;
    status: string;
    tx?: string;
    gasUsed?: string | null;
    error?: { code: string; cause: string; consequence: string; cure: string };
  }[];
  readonly totals: Record<string, number | string>;
}

interface AuditDocument {
  readonly format: string;
  readonly ok: boolean;
  readonly settlements: { verdict: string }[];
  readonly periods: { period: number; settled: number; unsettled: string[] }[];
  readonly totals: Record<string, number>;
}

describe("sipster deploy, settle, audit", () => {
  const directory = temporaryDirectory();
  let chain: ServedChain;
  let system: TestSystem;
  let period = PERIOD;

  before(async () => {
    chain = await serveLocalChain();
    system = await TestSystem.on(chain, "commands", { meters: 5 });
  });
  after(() => chain.close());
  // A month of its own for each test.
  beforeEach(() => {
    period += period % 100 === 12 ? 89 : 1;
  });

  const path = (...names: string[]) => join(directory(), ...names);
  const deployments = () => ["--rpc", chain.url, "--deployments", path("deployments")];
  const node = () => ["--account", chain.accounts[0]!];

  function writeFile(name: string, text: string, mode = 0o600): string {
    writeFileSync(path(name), text, { mode });
    return path(name);
  }

  function saveRecord(): void {
    mkdirSync(path("deployments"));
    writeFile("deployments/31337.json", writeDeployment(system.deployment));
  }

  function billFile(bill: SettleableBill, name = `${bill.meter}-${bill.bill.period}.json`): string {
    return writeFile(name, writeBillFile(system.curve, bill));
  }

  const billFiles = (bills: readonly SettleableBill[]) =>
    bills.map((b, i) => billFile(b, `${i}.json`));

  describe("deploy", () => {
    it("writes the record, and does nothing the second time", async () => {
      const first = await runCommand("deploy", ...deployments(), ...node(), "--json");
      expect(first.code, first.err).to.equal(0);
      const document = first.json as { format: string; status: string; file: string };
      expect(document).to.include({ format: "sipster/deploy@1", status: "deployed" });
      const record = readFileSync(path("deployments", "31337.json"), "utf8");
      expect(document.file).to.equal(path("deployments", "31337.json"));
      const { settlement } = parseDeployment(record).contracts;
      const before = await system.sent();
      const second = await runCommand("deploy", ...deployments(), ...node());
      expect(second.code, second.err).to.equal(0);
      expect(second.out).to.contain("Already deployed").and.to.contain(settlement.address);
      expect(await system.sent()).to.equal(before);
      expect(readFileSync(path("deployments", "31337.json"), "utf8")).to.equal(record);
    });

    it("gives roles, periods and token as told, and refuses others the second time", async () => {
      const [, , admin, mint] = chain.accounts as [string, string, string, string];
      const told = [
        "--role",
        `admin=${admin}`,
        "--role",
        `mint=${mint}`,
        "--activation-delay",
        "60",
      ];
      const token = ["--token", system.deployment.contracts.token.address];
      const first = await runCommand("deploy", ...deployments(), ...node(), ...told, ...token);
      expect(first.code, first.err).to.equal(0);
      const record = parseDeployment(readFileSync(path("deployments", "31337.json"), "utf8"));
      expect(record.roles).to.include({ admin, mint, treasurer: chain.accounts[0] });
      expect(record.activationDelay).to.equal(60);
      expect(record.contracts.token.address).to.equal(system.deployment.contracts.token.address);
      const second = await runCommand("deploy", ...deployments(), ...node(), ...token, "--json");
      expect(second.code).to.equal(2);
      expect(second.json).to.include({ code: "chain/deployment-differs" });
    });

    it("believes a record without its journal only if the chain agrees", async () => {
      saveRecord();
      const known = await runCommand("deploy", ...deployments(), ...node());
      expect(known.code, known.err).to.equal(0);
      expect(known.out).to.contain("Already deployed");
      const file = path("deployments", "31337.json");
      const { settlement, vault } = system.deployment.contracts;
      const text = readFileSync(file, "utf8");
      writeFileSync(file, text.replace(settlement.address, vault.address));
      const other = await runCommand("deploy", ...deployments(), ...node(), "--json");
      expect(other.code).to.equal(65);
      expect(other.json).to.include({ code: "chain/other-contract" });
    });

    it("deploys anew on a chain that was started anew, and keeps the earlier record", async () => {
      saveRecord();
      const restarted = await serveLocalChain();
      const { genesisHash } = system.deployment;
      const again = ["--rpc", restarted.url, "--deployments", path("deployments")];
      const settle = await runCommand("settle", billFile(system.bills(1)[0]!), ...again, ...node());
      expect(settle.code).to.equal(65);
      expect(settle.err).to.contain("chain/chain-restarted");
      const { code, err } = await runCommand("deploy", ...again, ...node());
      expect(code, err).to.equal(0);
      expect(err).to.contain("started anew");
      expect(existsSync(path("deployments", `31337-${genesisHash.slice(2, 10)}.json`))).to.equal(
        true,
      );
      const record = parseDeployment(readFileSync(path("deployments", "31337.json"), "utf8"));
      expect(record.genesisHash).to.not.equal(genesisHash);
      await restarted.close();
    });

    it("wrong usage", async () => {
      const cases = [
        ["deploy"],
        ["deploy", ...deployments(), ...node(), "--role", "king=0x00"],
        ["deploy", ...deployments(), ...node(), "--role", "admin=nobody"],
        ["deploy", ...deployments(), ...node(), "--activation-delay", "soon"],
        ["deploy", ...deployments()],
        ["deploy", ...deployments(), "--account", "me"],
        ["deploy", ...deployments(), "--account", `0x${"77".repeat(20)}`],
        ["deploy", ...deployments(), ...node(), "--key-file", "key"],
        ["deploy", "--rpc", "localhost", ...node()],
      ];
      for (const args of cases) {
        const { code, out } = await runCommand(...args);
        expect(code, args.join(" ")).to.equal(2);
        expect(out).to.equal("");
      }
    });
  });

  describe("settle", () => {
    beforeEach(saveRecord);

    it("settles, and settles nothing twice: the second run names the transaction", async () => {
      const files = billFiles(system.bills(3, period));
      const first = await runCommand("settle", ...files, ...deployments(), ...node(), "--json");
      expect(first.code, first.err).to.equal(0);
      const document = first.json as SettleDocument;
      expect(document).to.include({ format: "sipster/settle@1", chainId: "31337" });
      expect(document.bills.map((b) => b.file)).to.deep.equal(files);
      expect(document.bills.map((b) => b.status)).to.deep.equal(Array(3).fill("settled"));
      expect(document.totals).to.include({ settled: 3, refused: 0, transactions: 3 });
      const before = await system.sent();
      const again = await runCommand("settle", ...files, ...deployments(), ...node());
      expect(again.code).to.equal(0);
      expect(await system.sent()).to.equal(before);
      for (const { tx } of document.bills) expect(again.out).to.contain(tx);
      expect(again.out).to.contain("already-settled");
      expect(readdirSync(path("deployments", "pending"))[0]).to.match(/^31337-/);
      expect(readdirSync(path("deployments", "pending"), { recursive: true })).to.have.length(1);
    });

    it("in a batch; a bill that is refused is named with cause and cure, and the others settle", async () => {
      const bills = system.bills(4, period);
      const files = billFiles([...bills.slice(0, 3), system.unpaid(bills[3]!)]);
      const { code, json, err } = await runCommand(
        "settle",
        ...files,
        ...deployments(),
        ...node(),
        "--batch",
        "--json",
      );
      expect(code).to.equal(1);
      const document = json as SettleDocument;
      expect(document.bills.map((b) => b.status)).to.deep.equal([
        "settled",
        "settled",
        "settled",
        "refused",
      ]);
      expect(document.totals).to.include({ transactions: 1, settled: 3, refused: 1 });
      expect(document.bills[3]?.error?.code).to.equal("contract/SettlementReceiptMismatch");
      expect(document.bills[3]?.error?.cure).to.match(/buy the missing/);
      expect(err).to.not.contain("internal error");
    });

    it("only looks, with --dry-run: no account, no transaction", async () => {
      const [good, bad] = system.bills(2, period) as [SettleableBill, SettleableBill];
      const files = billFiles([good, system.unpaid(bad)]);
      const before = await system.chain.provider.getBlockNumber();
      const { code, out, err } = await runCommand(
        "settle",
        ...files,
        ...deployments(),
        "--dry-run",
      );
      expect(code).to.equal(1);
      expect(out).to.match(/settled\n.*refused/);
      expect(err).to.contain("does not pay the bill");
      expect(await system.chain.provider.getBlockNumber()).to.equal(before);
      const fine = await runCommand("settle", files[0]!, ...deployments(), "--dry-run", "--json");
      expect(fine.code).to.equal(0);
      expect((fine.json as SettleDocument).bills[0]?.status).to.equal("settles");
    });

    it("from a key file, a keystore and the environment", async () => {
      const [a, b, c] = billFiles(system.bills(3, period)) as [string, string, string];
      const key = writeFile("payer.key", `${developmentKey(3)}\n`);
      const byKey = await runCommand("settle", a, ...deployments(), "--key-file", key);
      expect(byKey.code, byKey.err).to.equal(0);
      expect(byKey.err).to.not.contain("other users");
      expect(await system.sent(3)).to.equal(1);

      const wallet = new Wallet(developmentKey(4));
      const cheap = { scrypt: { N: 1024, r: 8, p: 1 } };
      const json = await encryptKeystoreJson(wallet, "open sesame", cheap);
      const keystore = ["--keystore", writeFile("payer.json", json)];
      const password = ["--password-file", writeFile("password", "open sesame\n")];
      const wrong = ["--password-file", writeFile("wrong", "open barley\n")];
      const opened = await runCommand("settle", b, ...deployments(), ...keystore, ...password);
      expect(opened.code, opened.err).to.equal(0);
      expect(await system.sent(4)).to.equal(1);
      const refused = await runCommand("settle", c, ...deployments(), ...keystore, ...wrong);
      expect([refused.code, refused.err]).to.satisfy(
        ([code, err]: [number, string]) => code === 65 && err.includes("chain/wrong-password"),
      );
      const none = await runCommand("settle", c, ...deployments(), ...keystore);
      expect(none.err).to.contain("chain/no-password");

      process.env.SIPSTER_PRIVATE_KEY = developmentKey(5).slice(2);
      try {
        const byEnvironment = await runCommand("settle", c, ...deployments());
        expect(byEnvironment.code, byEnvironment.err).to.equal(0);
        expect(await system.sent(5)).to.equal(1);
      } finally {
        delete process.env.SIPSTER_PRIVATE_KEY;
      }
    });

    it("warns of a key that others can read, and never prints one", async () => {
      const key = developmentKey(3);
      const open = writeFile("open.key", key, 0o644);
      const [file] = billFiles(system.bills(1, period)) as [string];
      const warned = await runCommand("settle", file, ...deployments(), "--key-file", open);
      expect(warned.code, warned.err).to.equal(0);
      expect(warned.err).to.contain("chmod 600");
      for (const text of [key.slice(0, -1), `${key} ${key}`, `0x${"00".repeat(32)}`, ""]) {
        const bad = writeFile("bad.key", text);
        const { code, err } = await runCommand("settle", file, ...deployments(), "--key-file", bad);
        expect(code).to.equal(65);
        expect(err).to.contain("chain/bad-key").and.to.not.contain(key.slice(4, 20));
      }
      const missing = await runCommand(
        "settle",
        file,
        ...deployments(),
        "--key-file",
        path("none"),
      );
      expect(missing.err).to.contain("cannot be read");
    });

    it("an account without money is told so", async () => {
      const [file] = billFiles(system.bills(1, period)) as [string];
      const poor = writeFile("poor.key", Wallet.createRandom().privateKey);
      const { code, err } = await runCommand("settle", file, ...deployments(), "--key-file", poor);
      expect(code).to.equal(75);
      expect(err).to.contain("chain/insufficient-funds");
    });

    it("a file that is no bill, altered, missing, or for another contract stops all, and is named", async () => {
      const [good, other] = system.bills(2, period) as [SettleableBill, SettleableBill];
      const fine = billFile(good, "fine.json");
      const text = readFileSync(billFile(other, "other.json"), "utf8");
      const elsewhere = {
        ...system.deployment,
        contracts: {
          ...system.deployment.contracts,
          settlement: system.deployment.contracts.vault,
        },
      };
      const foreign = system.bill(system.meters[2]!, { period, deployment: elsewhere });
      const onOther = { ...system.deployment, chainId: 1n };
      const cases: [string, string][] = [
        [
          writeFile("altered.json", text.replace(`${period}`, `${period + 1}`)),
          "sipster/bad-bill-file",
        ],
        [writeFile("broken.json", text.slice(0, 99)), "sipster/bad-bill-file"],
        [path("missing.json"), "cli/unreadable-file"],
        [billFile(foreign, "foreign.json"), "chain/bill-of-another-system"],
        [
          billFile(system.bill(system.meters[2]!, { period, deployment: onOther }), "chain.json"),
          "chain/bill-of-another-system",
        ],
      ];
      const before = await system.sent();
      for (const [file, error] of cases) {
        const { code, err } = await runCommand("settle", fine, file, ...deployments(), ...node());
        expect(code, file).to.equal(65);
        expect(err).to.contain(error).and.to.contain(file);
      }
      expect(await system.sent()).to.equal(before);
    });

    it("no record, no node, another chain", async () => {
      const [file] = billFiles(system.bills(1, period)) as [string];
      const elsewhere = ["--rpc", chain.url, "--deployments", path("empty")];
      const none = await runCommand("settle", file, ...elsewhere, ...node());
      expect([none.code, none.err.includes("chain/no-deployment")]).to.deep.equal([65, true]);
      const named = ["--deployment", path("deployments", "31337.json")];
      const given = await runCommand("settle", file, ...elsewhere, ...named, ...node());
      expect(given.code, given.err).to.equal(0);

      const gone = await serveLocalChain({ chainId: 4711 });
      const there = ["--rpc", gone.url, ...named];
      const wrong = await runCommand("settle", file, ...there, ...node());
      expect([wrong.code, wrong.err.includes("chain/wrong-chain")]).to.deep.equal([65, true]);
      await gone.close();
      const away = await runCommand("settle", file, ...there, ...node(), "--json");
      expect(away.code).to.equal(69);
      expect(away.json).to.include({ format: "sipster/error@1", code: "chain/unreachable" });
    });
  });

  it("settle, killed while its transactions wait, goes on with them and sends no other", async () => {
    saveRecord();
    const bills = system.bills(3, period);
    const payer = Wallet.createRandom();
    const bank = await chain.provider.getSigner(1);
    await (await bank.sendTransaction({ to: payer.address, value: parseEther("1") })).wait();
    const args = ["settle", ...billFiles(bills), ...deployments()];
    args.push("--key-file", writeFile("payer.key", payer.privateKey));
    await system.request("evm_setAutomine", false);
    const child = startScript(resolve(import.meta.dirname, "command-child.ts"), args);
    const sent = (lines: readonly string[]) => lines.filter((l) => l.startsWith("sent"));
    const lines = await killWhen(child, (said) => sent(said).length === 3);
    const second = runCommand(...args, "--json");
    await new Promise((wait) => setTimeout(wait, 500));
    await system.request("evm_mine");
    await system.request("evm_setAutomine", true);
    const { code, json, err } = await second;
    expect(code, err).to.equal(0);
    expect(err).to.contain("of an earlier run").and.to.not.contain("sent transaction");
    const document = json as SettleDocument;
    expect(document.totals).to.include({ settled: 0, alreadySettled: 3 });
    expect(document.bills.map((b) => `sent transaction ${b.tx}`)).to.have.members(sent(lines));
    expect(await chain.provider.getTransactionCount(payer.address)).to.equal(3);
  });

  describe("audit", () => {
    beforeEach(saveRecord);

    it("clean: who settled, who has not, exit code 0", async () => {
      const files = billFiles(system.bills(3, period));
      await runCommand("settle", ...files, ...deployments(), ...node(), "--batch");
      const month = `${period}`.replace(/(....)(..)/, "$1-$2");
      const { code, json } = await runCommand(
        "audit",
        ...deployments(),
        "--period",
        month,
        "--json",
      );
      expect(code).to.equal(0);
      const document = json as AuditDocument;
      expect(document).to.include({ format: "sipster/audit@1", ok: true });
      expect(document.totals).to.include({ settled: 3, verified: 3, unsettled: 2, meters: 5 });
      expect(document.periods).to.deep.equal([
        { period, settled: 3, unsettled: system.meters.slice(3).map((m) => m.address) },
      ]);
      const text = await runCommand("audit", ...deployments(), "--period", month);
      expect(text.out).to.contain(`Clean: 3 settlements, each verified.`);
      for (const { address } of system.meters.slice(3)) expect(text.out).to.contain(address);
    });

    it("not clean: exit code 1, and what is wrong", async () => {
      const snapshot = await system.request("evm_snapshot");
      const bill = system.unpaid(system.bill(system.meters[0]!, { period }));
      await plantEvent(system, eventOf(bill), settleData(system, bill));
      const { code, json } = await runCommand("audit", ...deployments(), "--json");
      expect(code).to.equal(1);
      expect((json as AuditDocument).ok).to.equal(false);
      expect((json as AuditDocument).totals).to.include({ failed: 1 });
      const text = await runCommand("audit", ...deployments());
      expect(text.code).to.equal(1);
      expect(text.out).to.contain("NOT CLEAN").and.to.contain("does not pay the bill");
      expect(text.out).to.contain(bill.meter);
      await system.request("evm_revert", snapshot);
    });

    it("wrong usage, no record, no node", async () => {
      const usage = await runCommand("audit", ...deployments(), "--period", "2013-13");
      expect(usage.code).to.equal(2);
      const none = ["--deployments", path("empty")];
      expect((await runCommand("audit", "--rpc", chain.url, ...none)).code).to.equal(65);
      expect((await runCommand("audit", "--rpc", "http://127.0.0.1:1", ...none)).code).to.equal(69);
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
      const there = ["--rpc", hardhat.url, "--deployments", path("deployments")];
      const key = ["--key-file", writeFile("deployer.key", developmentKey(0))];
      const deployed = await runCommand("deploy", ...there, ...key, "--json");
      expect(deployed.code, deployed.err).to.equal(0);
      const record = readFileSync(path("deployments", "31337.json"), "utf8");
      const accounts = (await provider.listAccounts()).map((signer) => signer.address);
      const remote = await TestSystem.on(
        { chainId: 31337, provider, accounts, close: async () => undefined },
        "remote",
        { meters: 6, deployment: parseDeployment(record) },
      );
      const bills = remote.bills(5).map((bill, i) => billFile(bill, `${i}.json`));
      const payer = Wallet.createRandom();
      const bank = await provider.getSigner(1);
      await (await bank.sendTransaction({ to: payer.address, value: parseEther("1") })).wait();
      const pays = ["--key-file", writeFile("payer.key", payer.privateKey)];
      const one = await runCommand("settle", bills[0]!, ...there, ...pays);
      expect(one.code, one.err).to.equal(0);
      const batch = await runCommand("settle", ...bills, ...there, ...pays, "--batch", "--json");
      expect(batch.code, batch.err).to.equal(0);
      expect((batch.json as SettleDocument).totals).to.include({ settled: 4, alreadySettled: 1 });
      const audited = await runCommand("audit", ...there, "--json");
      expect(audited.code, audited.err).to.equal(0);
      expect((audited.json as AuditDocument).totals).to.include({ verified: 5, unsettled: 1 });

      await hardhat.stop();
      const gone = await runCommand("audit", ...there);
      expect(gone.code).to.equal(69);
      expect(gone.err).to.contain("chain/unreachable");
    });
  });
});
