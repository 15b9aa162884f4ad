/**
 * Deposit, acknowledgement and claim between processes: a chain, the utility's service with the mint,
 * and a wallet, each by its own command.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import {
  TransactionSender,
  VaultCalls,
  VaultReader,
  writeDeployment,
  type Deployment,
} from "../../src/chain/index.js";
import { deploySipster, serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { withPassphrase } from "../support/passphrase.js";
import { sipster, type CliRun } from "../support/recorded-io.js";
import { killCommands, startCommand, type ServingCommand } from "../support/serving-command.js";
import { temporaryDirectory } from "../support/temporary.js";

const CREDIT = 100_000n;
const ACKNOWLEDGE_PERIOD = 7200;
const BASKET_UNITS = 3n * 111n;

const TARIFF = {
  format: "sipster/tariff@1",
  name: "flat",
  currency: "EUR",
  components: [{ kind: "flat", name: "energy", price: "0.30" }],
};

interface Made {
  readonly account: string;
  readonly secret?: string;
}

interface Funded {
  readonly coins: number;
  readonly units: number;
  readonly transactions: readonly { what: string; gas: string; fee: string }[];
}

describe("sipster wallet fund --vault, with sipster utility serve", function () {
  this.timeout(600_000);
  withPassphrase();
  const directory = temporaryDirectory();
  let chain: ServedChain;
  let deployment: Deployment;
  let reader: VaultReader;
  let folder: string;
  let server: ServingCommand<{ url: string }> | null = null;

  const accounts = (index: number): string[] => ["--account", chain.accounts[index]!];
  const node = (): string[] => [
    ...["--rpc", chain.url, "--deployments", join(folder, "deployments")],
  ];
  const utilityFolder = (): string[] => ["--folder", join(folder, "utility")];
  const walletFolder = (): string[] => ["--folder", join(folder, "wallet")];

  async function right(...args: string[]): Promise<CliRun> {
    const run = await sipster(...args, "--json");
    expect(run.code, `${args.join(" ")}: ${run.out}${run.err}`).to.equal(0);
    return run;
  }

  async function serve(): Promise<string> {
    server = await startCommand<{ url: string }>(
      ...["utility", "serve", ...utilityFolder(), ...node(), ...accounts(0)],
      ...["--port", "0", "--margin", "600", "--every", "1"],
    );
    return server.json.url;
  }

  const calls = async (account: number): Promise<VaultCalls> =>
    new VaultCalls(
      await TransactionSender.create(await chain.provider.getSigner(account)),
      deployment,
    );

  const fund = (...args: string[]): Promise<CliRun> =>
    sipster(
      ...["wallet", "fund", ...walletFolder(), "--vault", ...accounts(1), "--json"],
      ...["--deployments", join(folder, "deployments"), ...args],
    );

  const takeBack = (name: "refund" | "dispute"): Promise<CliRun> =>
    right(
      ...["wallet", name, ...walletFolder(), ...accounts(1)],
      ...["--deployments", join(folder, "deployments")],
    );

  const coins = async (): Promise<unknown> => {
    const { json } = await right("wallet", "status", ...walletFolder());
    return (json as { coins: unknown }).coins;
  };

  before(async () => {
    chain = await serveLocalChain();
  });
  beforeEach(async () => {
    folder = directory();
    mkdirSync(join(folder, "deployments"));
    const made = await right("utility", "init", ...utilityFolder(), "--denominations", "1,10,100");
    const { noticeSigner } = made.json as { noticeSigner: string };
    deployment = await deploySipster(await chain.provider.getSigner(0), {
      noticeSigner,
      lead: 0,
      acknowledgePeriod: ACKNOWLEDGE_PERIOD,
    });
    writeFileSync(join(folder, "deployments", "31337.json"), writeDeployment(deployment));
    reader = new VaultReader(chain.provider, deployment);
    await right("utility", "register-key", ...utilityFolder(), ...node(), ...accounts(0));
    const tariff = join(folder, "tariff.json");
    writeFileSync(tariff, JSON.stringify(TARIFF));
    await right(
      ...["utility", "tariff", tariff, ...utilityFolder(), ...node(), ...accounts(0)],
      ...["--time-zone", "Europe/Berlin", "--payee", chain.accounts[0]!],
      ...["--basket", "3", "--lead", "0"],
    );
    await (await calls(1)).mintTestCredit(CREDIT);
    const url = await serve();
    await right("wallet", "init", ...walletFolder(), ...node(), "--utility", url);
  });
  afterEach(() => {
    killCommands();
    server = null;
  });
  after(() => chain.close());

  it("deposits two baskets, gets the coins from the vault, says what each step cost, and nothing twice", async () => {
    const run = await fund();
    expect(run.code, run.err).to.equal(0);
    const { coins: count, units, transactions } = run.json as Funded;
    expect([count, units]).to.deep.equal([18, 2 * Number(BASKET_UNITS)]);
    expect(transactions.map(({ what }) => what)).to.deep.equal(["approve", "deposit"]);
    for (const { gas, fee } of transactions) {
      expect(Number(gas)).to.be.greaterThan(21_000);
      expect(BigInt(fee) > 0n).to.equal(true);
    }
    expect(await coins()).to.deep.equal([
      [1, 6],
      [10, 6],
      [100, 6],
    ]);
    expect(await reader.balanceOf(chain.accounts[1]!)).to.equal(CREDIT - 2n * BASKET_UNITS);
    const again = await fund();
    expect((again.json as Funded).coins).to.equal(0);
    expect(await server!.stop("SIGTERM")).to.equal(0);
  });

  it("given a folder for files: another account deposits, hands in and claims, and the wallet makes the coins", async () => {
    const files = join(folder, "files");
    const byFiles = (): Promise<CliRun> =>
      sipster("wallet", "fund", ...walletFolder(), "--files", files, "--json");
    const vault = (...args: string[]): Promise<CliRun> =>
      right("vault", ...args, ...node(), ...accounts(1));
    const waits = await byFiles();
    expect(waits.code).to.equal(75);
    expect(waits.out + waits.err).to.include("funding/no-answer");
    const [name] = readdirSync(files);
    const request = join(files, name!);
    const { json } = await vault("deposit", request);
    const { id } = json as { id: string };
    await vault("submit", request, id, "--utility", server!.json.url);
    for (let i = 0; (await reader.deposit(BigInt(id))).status === "open"; i++) {
      expect(i, "looks at the deposit").to.be.lessThan(600);
      await sleep(100);
    }
    const answer = join(files, name!.replace("withdrawal", "answer"));
    await vault("claim", request, id, "--out", answer);
    const run = await byFiles();
    expect(run.code, run.err).to.equal(0);
    expect(await coins()).to.deep.equal([
      [1, 6],
      [10, 6],
      [100, 6],
    ]);
  });

  it("given a service that ends before it answers, when it runs again: the same deposit is answered", async () => {
    await server!.stop("SIGTERM");
    const early = await fund("--once");
    expect(early.code).to.equal(75);
    expect(early.out + early.err).to.include("cli/not-funded");
    expect((await reader.deposit(1n)).status).to.equal("open");
    // The service comes back on another port.
    const url = await serve();
    await right("wallet", "init", ...walletFolder(), ...node(), "--utility", url);
    const run = await fund();
    expect(run.code, run.err).to.equal(0);
    expect((run.json as Funded).transactions).to.deep.equal([]);
    expect((await reader.deposit(1n)).status).to.equal("acknowledged");
    expect(await reader.balanceOf(chain.accounts[1]!)).to.equal(CREDIT - 2n * BASKET_UNITS);
  });

  it("given a mint that is silent until its time is over: refunds, and withdraws the money", async () => {
    await server!.stop("SIGTERM");
    expect((await fund("--once")).code).to.equal(75);
    await chain.provider.send("evm_increaseTime", [ACKNOWLEDGE_PERIOD + 1]);
    await chain.provider.send("hardhat_mine", ["0x1"]);
    const url = await serve();
    await right("wallet", "init", ...walletFolder(), ...node(), "--utility", url);
    const run = await fund();
    expect(run.code).to.equal(75);
    expect(run.out + run.err).to.include("funding/expired");
    expect(run.err)
      .to.match(/refund: [0-9,]+ gas/)
      .and.to.match(/withdraw: [0-9,]+ gas/);
    expect(await reader.balanceOf(chain.accounts[1]!)).to.equal(CREDIT);
    // The coins' numbers go into the next withdrawal, which the mint answers.
    const next = await fund();
    expect(next.code, next.err).to.equal(0);
    expect((next.json as Funded).coins).to.equal(18);
  });

  it("given a holder of the mint's role that publishes a wrong signature: disputes it, and has the money back", async () => {
    await server!.stop("SIGTERM");
    expect((await fund("--once")).code).to.equal(75);
    const { depositHash } = await reader.deposit(1n);
    const junk = concatBytes(...Array.from({ length: 18 }, () => new Uint8Array(64).fill(9)));
    await (await calls(0)).acknowledge(1n, depositHash, junk);
    const run = await fund();
    expect(run.code).to.equal(1);
    expect(run.out + run.err).to.include("funding/disputed");
    expect(run.err).to.match(/dispute: [0-9,]+ gas/);
    expect(await reader.balanceOf(chain.accounts[1]!)).to.equal(CREDIT);
  });

  it("given a deposit under way and a utility that is gone, when the wallet asks for a refund, then it waits for the mint's time, gets the money back once, and deposits nothing", async () => {
    await server!.stop("SIGTERM");
    expect((await fund("--once")).code).to.equal(75);
    const early = await takeBack("refund");
    expect(early.json).to.deep.include({ deposits: [{ end: "waits", coins: 18 }] });
    expect((early.json as Funded).transactions).to.deep.equal([]);
    await chain.provider.send("evm_increaseTime", [ACKNOWLEDGE_PERIOD + 1]);
    await chain.provider.send("hardhat_mine", ["0x1"]);
    const { json } = await takeBack("refund");
    expect(json).to.deep.include({ deposits: [{ end: "refunded", coins: 18 }] });
    const sent = (json as Funded).transactions.map(({ what }) => what);
    expect(sent).to.deep.equal(["refund", "withdraw"]);
    expect(await reader.balanceOf(chain.accounts[1]!)).to.equal(CREDIT);
    expect((await takeBack("refund")).json).to.deep.include({ deposits: [] });
    const { number } = (await chain.provider.getBlock("latest"))!;
    expect(await reader.depositIds(number)).to.have.length(1);
  });

  it("given a wrong signature of the mint, when the wallet disputes, then the money is back once; given right ones, then it has the coins", async () => {
    await server!.stop("SIGTERM");
    expect((await fund("--once")).code).to.equal(75);
    const { depositHash } = await reader.deposit(1n);
    const junk = concatBytes(...Array.from({ length: 18 }, () => new Uint8Array(64).fill(9)));
    await (await calls(0)).acknowledge(1n, depositHash, junk);
    const { json } = await takeBack("dispute");
    expect(json).to.deep.include({ deposits: [{ end: "disputed", coins: 18 }] });
    const sent = (json as Funded).transactions.map(({ what }) => what);
    expect(sent).to.deep.equal(["dispute", "withdraw"]);
    expect(await reader.balanceOf(chain.accounts[1]!)).to.equal(CREDIT);
    // The next deposit is answered by the mint itself, and nothing of it can be disputed.
    expect((await fund("--once")).code).to.equal(75);
    const url = await serve();
    await right("wallet", "init", ...walletFolder(), ...node(), "--utility", url);
    for (;;) {
      const { deposits } = (await takeBack("dispute")).json as { deposits: { end: string }[] };
      if (deposits[0]!.end === "waits") continue;
      expect(deposits).to.deep.equal([{ end: "answered", coins: 18 }]);
      break;
    }
    expect(await reader.balanceOf(chain.accounts[1]!)).to.equal(CREDIT - 2n * BASKET_UNITS);
  });

  /** A wallet in a folder of its own; with a secret, that of an earlier one. */
  async function walletIn(name: string, secret?: string): Promise<{ own: string[]; made: Made }> {
    const own = ["--folder", join(folder, name)];
    const again: string[] = [];
    if (secret !== undefined) {
      const file = join(folder, `${name}.secret`);
      writeFileSync(file, `${secret}\n`);
      again.push("--secret-file", file);
    }
    const made = await right(
      "wallet",
      "init",
      ...own,
      ...node(),
      "--utility",
      server!.json.url,
      ...again,
    );
    return { own, made: made.json as Made };
  }

  const coinsIn = async (own: string[]): Promise<unknown> =>
    ((await right("wallet", "status", ...own)).json as { coins: unknown }).coins;

  it("given nothing but the secret, when a wallet is restored from the vault, then it has the same coins; with another secret it has none", async () => {
    const first = await walletIn("first");
    const pays = [...accounts(1), "--deployments", join(folder, "deployments")];
    await right("wallet", "fund", ...first.own, "--vault", ...pays);
    const before = await coinsIn(first.own);
    const again = await walletIn("again", first.made.secret);
    expect(again.made).to.deep.include({ account: first.made.account });
    expect(again.made.secret).to.equal(undefined);
    const depositor = ["--depositor", chain.accounts[1]!];
    const restored = await right("wallet", "restore", ...again.own, ...depositor);
    expect(restored.json).to.deep.include({ withdrawals: 1, coins: 18 });
    expect(await coinsIn(again.own)).to.deep.equal(before);
    const twice = await sipster("wallet", "restore", ...again.own, ...depositor, "--json");
    expect(twice.json).to.deep.include({ code: "resident/not-empty" });
    const stranger = await walletIn("stranger");
    const run = await sipster("wallet", "restore", ...stranger.own, ...depositor, "--json");
    expect(run.json).to.deep.include({ code: "resident/foreign-withdrawal" });
    expect(await coinsIn(stranger.own)).to.deep.equal([]);
  });

  it("given nothing but the secret, when a wallet with an account is restored and funds again, then it has the same coins, and is charged once", async () => {
    const first = await walletIn("first");
    const units = String(2n * BASKET_UNITS);
    const credit = [...utilityFolder(), ...node(), "--reference", "transfer 1"];
    await right("utility", "credit", first.made.account, units, ...credit);
    await right("wallet", "fund", ...first.own);
    const before = await coinsIn(first.own);
    const again = await walletIn("again", first.made.secret);
    const restored = await right("wallet", "restore", ...again.own);
    expect(restored.json).to.deep.include({ withdrawals: 0, coins: 0 });
    // The account has nothing left: a second charge would be refused.
    await right("wallet", "fund", ...again.own);
    expect(await coinsIn(again.own)).to.deep.equal(before);
  });

  it("refuses a margin that leaves no time to answer", async () => {
    const run = await sipster(
      ...["utility", "serve", ...utilityFolder(), ...node(), ...accounts(0)],
      ...["--margin", `${ACKNOWLEDGE_PERIOD}`, "--json"],
    );
    expect(run.code).to.equal(2);
    expect(run.out).to.include("cli/bad-option");
  });
});
