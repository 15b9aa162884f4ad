/** The same deployment, settlements and audit on three Ethereum clients by different authors. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { HDNodeWallet, Mnemonic } from "ethers";
import { connectRpc, parseDeployment } from "../../src/chain/index.js";
import { addressOf, writeBillFile } from "../../src/sipster/index.js";
import { NOTICE_KEY, TestSystem } from "../chain/fixture.js";
import { describeWithAnvil, startAnvil } from "../support/anvil-node.js";
import { describeWithEthereumjs, startEthereumjs } from "../support/ethereumjs-node.js";
import { startHardhatNode, type HardhatNode } from "../support/hardhat-node.js";
import { sipster } from "../support/recorded-io.js";
import type { AuditDocument, SettleDocument } from "./chain-commands.js";

/** The phrase of every development chain: its keys are public. */
const PHRASE = "test test test test test test test test test test test junk";
const key = (account: number) =>
  HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(PHRASE), `m/44'/60'/0'/0/${account}`);

/** Bills that are settled one by one, and those of the batch. */
const SINGLE = 2;
const BATCH = 4;

describe("sipster on another client", function () {
  this.timeout(120_000);
  let gasOnHardhat: number[];

  /** Deploys, settles, audits and settles again; returns the gas of each settlement. */
  async function play(node: HardhatNode): Promise<number[]> {
    const directory = mkdtempSync(join(tmpdir(), "sipster-client-"));
    const file = (as: string, text: string): string => {
      writeFileSync(join(directory, as), text, { mode: 0o600 });
      return join(directory, as);
    };
    const there = ["--rpc", node.url, "--deployments", join(directory, "deployments")];
    const pays = ["--key-file", file("payer.key", key(0).privateKey)];
    const notices = ["--notice-signer", addressOf(NOTICE_KEY), "--lead", "0"];
    const deployed = await sipster("deploy", ...there, ...pays, ...notices, "--json");
    expect(deployed.code, deployed.err).to.equal(0);
    const record = readFileSync(join(directory, "deployments", "31337.json"), "utf8");
    const provider = await connectRpc(node.url);
    try {
      const system = await TestSystem.on(
        { chainId: 31337, provider, accounts: [key(0).address], close: async () => undefined },
        "other clients",
        {
          meters: SINGLE + BATCH + 1,
          deployment: parseDeployment(record),
          wallets: [key(0).connect(provider)],
        },
      );
      const bills = system.bills(SINGLE + BATCH);
      const files = bills.map((bill, i) => file(`${i}.json`, writeBillFile(system.curve, bill)));
      const settle = async (...args: string[]): Promise<SettleDocument> => {
        const { code, err, json } = await sipster("settle", ...args, ...there, ...pays, "--json");
        expect(code, err).to.equal(0);
        return json as SettleDocument;
      };
      const gas = ({ bills }: SettleDocument) => bills.map(({ gasUsed }) => Number(gasUsed));
      const single = await settle(...files.slice(0, SINGLE));
      const batch = await settle(...files.slice(SINGLE), "--batch");
      const again = await settle(...files);
      expect(again.totals).to.include({ settled: 0, alreadySettled: SINGLE + BATCH });
      const wrong = file(
        "wrong.json",
        writeBillFile(system.curve, system.unpaid(system.bill(system.meters.at(-1)!))),
      );
      const refused = await sipster("settle", wrong, ...there, ...pays, "--json");
      expect(refused.code).to.equal(1);
      const [bill] = (refused.json as SettleDocument).bills;
      expect(bill!.error!.code).to.equal("contract/SettlementReceiptMismatch");
      const audited = await sipster("audit", ...there, "--json");
      expect(audited.code, audited.err).to.equal(0);
      const { ok, totals } = audited.json as AuditDocument;
      expect(ok).to.equal(true);
      expect(totals).to.include({ verified: SINGLE + BATCH, unsettled: 1 });
      return [...gas(single), ...gas(batch)];
    } finally {
      provider.destroy();
      await node.stop();
      rmSync(directory, { recursive: true });
    }
  }

  before(async () => {
    gasOnHardhat = await play(await startHardhatNode());
    expect(gasOnHardhat).to.have.length(SINGLE + BATCH);
  });

  describeWithAnvil("anvil", () => {
    it("deploys, settles, refuses and audits as on Hardhat's node, for the same gas", async () => {
      expect(await play(await startAnvil())).to.deep.equal(gasOnHardhat);
    });
  });

  describeWithEthereumjs("@ethereumjs/client", () => {
    it("deploys, settles, refuses and audits as on Hardhat's node, for the same gas", async () => {
      const node = await startEthereumjs([key(0).address]);
      expect(await play(node)).to.deep.equal(gasOnHardhat);
    });
  });
});
