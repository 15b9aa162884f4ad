import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";
import { encryptKeystoreJson, HDNodeWallet, Mnemonic, parseEther, Wallet } from "ethers";
import { serveLocalChain } from "../../src/chain/node/index.js";
import { type SettleableBill } from "../../src/sipster/index.js";
import { killWhen, startScript } from "../support/child.js";
import { sipster } from "../support/recorded-io.js";

import { ChainCommands, type SettleDocument } from "./chain-commands.js";

/** The phrase of every development chain: its keys are public. */
const PHRASE = "test test test test test test test test test test test junk";
const developmentKey = (account: number) =>
  HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(PHRASE), `m/44'/60'/0'/0/${account}`).privateKey;

describe("sipster settle", () => {
  const w = new ChainCommands("sipster settle");

  describe("settle", () => {
    beforeEach(w.saveRecord);

    it("settles, and settles nothing twice: the second run names the transaction", async () => {
      const files = w.billFiles(w.system.bills(3, w.period));
      const first = await sipster("settle", ...files, ...w.deployments(), ...w.node(), "--json");
      expect(first.code, first.err).to.equal(0);
      const document = first.json as SettleDocument;
      expect(document).to.include({ format: "sipster/settle@1", chainId: "31337" });
      expect(document.bills.map((b) => b.file)).to.deep.equal(files);
      expect(document.bills.map((b) => b.status)).to.deep.equal(Array(3).fill("settled"));
      expect(document.totals).to.include({ settled: 3, refused: 0, transactions: 3 });
      const before = await w.system.sent();
      const again = await sipster("settle", ...files, ...w.deployments(), ...w.node());
      expect(again.code).to.equal(0);
      expect(await w.system.sent()).to.equal(before);
      for (const { tx } of document.bills) expect(again.out).to.contain(tx);
      expect(again.out).to.contain("already-settled");
      expect(readdirSync(w.path("deployments", "pending"))[0]).to.match(/^31337-/);
      expect(readdirSync(w.path("deployments", "pending"), { recursive: true })).to.have.length(1);
    });

    it("in a batch; a bill that is refused is named with cause and cure, and the others settle", async () => {
      const bills = w.system.bills(4, w.period);
      const files = w.billFiles([...bills.slice(0, 3), w.system.unpaid(bills[3]!)]);
      const { code, json, err } = await sipster(
        "settle",
        ...files,
        ...w.deployments(),
        ...w.node(),
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
      const [good, bad] = w.system.bills(2, w.period) as [SettleableBill, SettleableBill];
      const files = w.billFiles([good, w.system.unpaid(bad)]);
      const before = await w.system.chain.provider.getBlockNumber();
      const { code, out, err } = await sipster("settle", ...files, ...w.deployments(), "--dry-run");
      expect(code).to.equal(1);
      expect(out).to.match(/settled\n.*refused/);
      expect(err).to.contain("does not pay the bill");
      expect(await w.system.chain.provider.getBlockNumber()).to.equal(before);
      const fine = await sipster("settle", files[0]!, ...w.deployments(), "--dry-run", "--json");
      expect(fine.code).to.equal(0);
      expect((fine.json as SettleDocument).bills[0]?.status).to.equal("settles");
    });

    it("from a key file, a keystore and the environment", async () => {
      const [a, b, c] = w.billFiles(w.system.bills(3, w.period)) as [string, string, string];
      const key = w.writeFile("payer.key", `${developmentKey(3)}\n`);
      const byKey = await sipster("settle", a, ...w.deployments(), "--key-file", key);
      expect(byKey.code, byKey.err).to.equal(0);
      expect(byKey.err).to.not.contain("other users");
      expect(await w.system.sent(3)).to.equal(1);

      const wallet = new Wallet(developmentKey(4));
      const cheap = { scrypt: { N: 1024, r: 8, p: 1 } };
      const json = await encryptKeystoreJson(wallet, "open sesame", cheap);
      const keystore = ["--keystore", w.writeFile("payer.json", json)];
      const password = ["--password-file", w.writeFile("password", "open sesame\n")];
      const wrong = ["--password-file", w.writeFile("wrong", "open barley\n")];
      const opened = await sipster("settle", b, ...w.deployments(), ...keystore, ...password);
      expect(opened.code, opened.err).to.equal(0);
      expect(await w.system.sent(4)).to.equal(1);
      const refused = await sipster("settle", c, ...w.deployments(), ...keystore, ...wrong);
      expect([refused.code, refused.err]).to.satisfy(
        ([code, err]: [number, string]) => code === 65 && err.includes("chain/wrong-password"),
      );
      const none = await sipster("settle", c, ...w.deployments(), ...keystore);
      expect(none.err).to.contain("chain/no-password");

      process.env.SIPSTER_PRIVATE_KEY = developmentKey(5).slice(2);
      try {
        const byEnvironment = await sipster("settle", c, ...w.deployments());
        expect(byEnvironment.code, byEnvironment.err).to.equal(0);
        expect(await w.system.sent(5)).to.equal(1);
      } finally {
        delete process.env.SIPSTER_PRIVATE_KEY;
      }
    });

    it("warns of a key that others can read, and never prints one", async () => {
      const key = developmentKey(3);
      const open = w.writeFile("open.key", key, 0o644);
      const [file] = w.billFiles(w.system.bills(1, w.period)) as [string];
      const warned = await sipster("settle", file, ...w.deployments(), "--key-file", open);
      expect(warned.code, warned.err).to.equal(0);
      expect(warned.err).to.contain("chmod 600");
      for (const text of [key.slice(0, -1), `${key} ${key}`, `0x${"00".repeat(32)}`, ""]) {
        const bad = w.writeFile("bad.key", text);
        const { code, err } = await sipster("settle", file, ...w.deployments(), "--key-file", bad);
        expect(code).to.equal(65);
        expect(err).to.contain("chain/bad-key").and.to.not.contain(key.slice(4, 20));
      }
      const missing = await sipster(
        "settle",
        file,
        ...w.deployments(),
        "--key-file",
        w.path("none"),
      );
      expect(missing.err).to.contain("cannot be read");
    });

    it("an account without money is told so", async () => {
      const [file] = w.billFiles(w.system.bills(1, w.period)) as [string];
      const poor = w.writeFile("poor.key", Wallet.createRandom().privateKey);
      const { code, err } = await sipster("settle", file, ...w.deployments(), "--key-file", poor);
      expect(code).to.equal(75);
      expect(err).to.contain("chain/insufficient-funds");
    });

    it("a file that is not a bill, altered, missing, or for another contract stops all, and is named", async () => {
      const [good, other] = w.system.bills(2, w.period) as [SettleableBill, SettleableBill];
      const fine = w.billFile(good, "fine.json");
      const text = readFileSync(w.billFile(other, "other.json"), "utf8");
      const elsewhere = {
        ...w.system.deployment,
        contracts: {
          ...w.system.deployment.contracts,
          settlement: w.system.deployment.contracts.vault,
        },
      };
      const foreign = w.system.bill(w.system.meters[2]!, {
        period: w.period,
        deployment: elsewhere,
      });
      const onOther = { ...w.system.deployment, chainId: 1n };
      const cases: [string, string][] = [
        [
          w.writeFile("altered.json", text.replace(`${w.period}`, `${w.period + 1}`)),
          "sipster/bad-bill-file",
        ],
        [w.writeFile("broken.json", text.slice(0, 99)), "sipster/bad-bill-file"],
        [w.path("missing.json"), "cli/unreadable-file"],
        [w.billFile(foreign, "foreign.json"), "chain/bill-of-another-system"],
        [
          w.billFile(
            w.system.bill(w.system.meters[2]!, { period: w.period, deployment: onOther }),
            "w.chain.json",
          ),
          "chain/bill-of-another-system",
        ],
      ];
      const before = await w.system.sent();
      for (const [file, error] of cases) {
        const { code, err } = await sipster("settle", fine, file, ...w.deployments(), ...w.node());
        expect(code, file).to.equal(65);
        expect(err).to.contain(error).and.to.contain(file);
      }
      expect(await w.system.sent()).to.equal(before);
    });

    it("no record, no node, another chain", async () => {
      const [file] = w.billFiles(w.system.bills(1, w.period)) as [string];
      const elsewhere = ["--rpc", w.chain.url, "--deployments", w.path("empty")];
      const none = await sipster("settle", file, ...elsewhere, ...w.node());
      expect([none.code, none.err.includes("chain/no-deployment")]).to.deep.equal([65, true]);
      const named = ["--deployment", w.path("deployments", "31337.json")];
      const given = await sipster("settle", file, ...elsewhere, ...named, ...w.node());
      expect(given.code, given.err).to.equal(0);

      const gone = await serveLocalChain({ chainId: 4711 });
      const there = ["--rpc", gone.url, ...named];
      const wrong = await sipster("settle", file, ...there, ...w.node());
      expect([wrong.code, wrong.err.includes("chain/wrong-chain")]).to.deep.equal([65, true]);
      await gone.close();
      const away = await sipster("settle", file, ...there, ...w.node(), "--json");
      expect(away.code).to.equal(69);
      expect(away.json).to.include({ format: "sipster/error@1", code: "chain/unreachable" });
    });
  });

  it("settle, killed while its transactions wait, goes on with them and sends no other", async () => {
    w.saveRecord();
    const bills = w.system.bills(3, w.period);
    const payer = Wallet.createRandom();
    const bank = await w.chain.provider.getSigner(1);
    await (await bank.sendTransaction({ to: payer.address, value: parseEther("1") })).wait();
    const args = ["settle", ...w.billFiles(bills), ...w.deployments()];
    args.push("--key-file", w.writeFile("payer.key", payer.privateKey));
    await w.system.request("evm_setAutomine", false);
    const child = startScript(resolve(import.meta.dirname, "command-child.ts"), args);
    const sent = (lines: readonly string[]) => lines.filter((l) => l.startsWith("sent"));
    const lines = await killWhen(child, (said) => sent(said).length === 3);
    const second = sipster(...args, "--json");
    await new Promise((wait) => setTimeout(wait, 500));
    await w.system.request("evm_mine");
    await w.system.request("evm_setAutomine", true);
    const { code, json, err } = await second;
    expect(code, err).to.equal(0);
    expect(err).to.contain("of an earlier run").and.to.not.contain("sent transaction");
    const document = json as SettleDocument;
    expect(document.totals).to.include({ settled: 0, alreadySettled: 3 });
    expect(document.bills.map((b) => `sent transaction ${b.tx}`)).to.have.members(sent(lines));
    expect(await w.chain.provider.getTransactionCount(payer.address)).to.equal(3);
  });
});
