/**
 * A home and its utility as the programs that an operator starts: a chain, `utility serve` in a process of its own,
 * a meter on the home network whose clock and registers the test has, and a wallet's folder. All commands are the
 * programs'; the chain's clock is moved by the test.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { connectRpc, type RpcProvider } from "../../src/chain/index.js";
import { serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { WalletFolder } from "../../src/cli/wallet/folder.js";
import { openWallet, type OpenWallet } from "../../src/cli/wallet/open-wallet.js";
import { WalletRounds, type Round } from "../../src/cli/wallet/rounds.js";
import { startOfDay } from "../../src/resident/index.js";
import { addPeriods, parseTerms, periodOfTime } from "../../src/sipster/index.js";
import { readFileSync } from "node:fs";
import { centPerKwh } from "./meter.js";
import { TestGateway } from "./meter-gateway.js";
import { sipster, type CliRun } from "./recorded-io.js";
import { killCommands, startCommand, type ServingCommand } from "./serving-command.js";
import { canonicalTariff, type Tariff } from "../../src/tariff/index.js";

/** Of each denomination in the basket. */
const COINS = 20;

export class OperatedHome {
  readonly directory = mkdtempSync(join(tmpdir(), "sipster-operated-"));
  /** The first whole month. */
  readonly first: number;
  readonly #passphrase: string;
  /** What {@link announce} names. */
  tariff: Tariff = centPerKwh;
  meter!: TestGateway;
  utility!: ServingCommand<{ url: string }>;

  private constructor(
    readonly chain: ServedChain,
    readonly provider: RpcProvider,
    of: { readonly now: number; readonly passphrase: string },
  ) {
    this.first = addPeriods(periodOfTime(of.now), 1);
    this.#passphrase = of.passphrase;
  }

  /** @param passphrase as it is in the environment */
  static async start(passphrase: string): Promise<OperatedHome> {
    const chain = await serveLocalChain();
    const provider = await connectRpc(chain.url);
    const { timestamp } = (await provider.getBlock("latest"))!;
    const home = new OperatedHome(chain, provider, { now: timestamp, passphrase });
    const made = await home.run("utility", "init", ...home.folder(), "--denominations", "1,10,100");
    const { noticeSigner } = made as { noticeSigner: string };
    await home.run("deploy", ...home.paid(), "--notice-signer", noticeSigner, "--lead", "0");
    await home.run("utility", "register-key", ...home.folder(), ...home.paid());
    await home.announce(home.account(0));
    home.utility = await startCommand(
      ...["utility", "serve", ...home.folder(), ...home.onChain(), "--port", "0"],
    );
    const init = ["--utility", home.utility.json.url];
    const { account } = (await home.run(
      "wallet",
      "init",
      ...home.wallet(),
      ...home.onChain(),
      ...init,
    )) as { account: string };
    const credit = [account, "100000", "--reference", "transfer 1"];
    await home.run("utility", "credit", ...credit, ...home.folder(), ...home.onChain());
    const parameters = readFileSync(home.path("utility", "terms", "0.json"));
    home.meter = await TestGateway.start(parseTerms(parameters), 1000 * (await home.now()));
    await home.pair();
    await home.run("wallet", "fund", ...home.wallet());
    return home;
  }

  path = (...names: string[]): string => join(this.directory, ...names);
  onChain = (): string[] => ["--rpc", this.chain.url, "--deployments", this.path("deployments")];
  account = (index: number): string => this.chain.accounts[index]!.toLowerCase();
  paid = (): string[] => [...this.onChain(), "--account", this.account(0)];
  folder = (): string[] => ["--folder", this.path("utility")];
  wallet = (): string[] => ["--folder", this.path("wallet")];

  /** Announces terms with this payee, from a month on. */
  async announce(payee: string, ...more: string[]): Promise<void> {
    writeFileSync(this.path("tariff.json"), canonicalTariff(this.tariff));
    await this.run(
      ...["utility", "tariff", this.path("tariff.json"), ...this.folder(), ...this.paid()],
      ...["--time-zone", centPerKwh.timeZone ?? "UTC", "--payee", payee, "--lead", "0"],
      ...["--basket", String(COINS), ...more],
    );
  }

  /** A command that must succeed; its JSON. */
  async run(...args: string[]): Promise<unknown> {
    const { code, err, out, json } = await this.tried(...args);
    expect(code, `${args.slice(0, 2).join(" ")}: ${out}${err}`).to.equal(0);
    return json;
  }

  tried(...args: string[]): Promise<CliRun> {
    return sipster(...args, "--json");
  }

  pair(): Promise<unknown> {
    const { host, port } = this.meter.address;
    const code = this.meter.server.newCode();
    return this.run("wallet", "pair", code, ...this.wallet(), "--meter", `${host}:${port}`);
  }

  async now(): Promise<number> {
    return (await this.provider.getBlock("latest"))!.timestamp;
  }

  /** The chain's clock, and so everybody's, goes to an instant in Unix seconds; never back. */
  async goTo(time: number): Promise<void> {
    if (time > (await this.now())) {
      await this.provider.send("evm_setNextBlockTimestamp", [time]);
      await this.provider.send("evm_mine", []);
    }
    this.meter.goTo(1000 * Math.max(time, await this.now()));
  }

  /** Energy in a month, measured on its 15th day; then it is the first of the next. */
  async use(month: number, wattHours: number): Promise<void> {
    await this.goTo(startOfDay(month, 15));
    this.meter.source.use(wattHours);
    await this.goTo(startOfDay(addPeriods(month, 1), 1));
  }

  /** Works with the wallet's open books. */
  async withWallet<T>(work: (wallet: OpenWallet) => Promise<T>): Promise<T> {
    const folder = await WalletFolder.open(this.path("wallet"), this.#passphrase);
    const wallet = await openWallet(folder, this.provider);
    try {
      return await work(wallet);
    } finally {
      await wallet.store.close();
    }
  }

  /** Runs the wallet, as its program does, and the clock with it, until a time. @returns the last round */
  roundsUntil(time: number): Promise<Round> {
    return this.withWallet(async (wallet) => {
      const board = { post: async () => undefined, posts: async () => [] };
      const rounds = new WalletRounds(wallet, this.provider, {
        board,
        posts: false,
        settler: null,
      });
      try {
        for (;;) {
          const round = await rounds.round();
          if (round.now >= time) return round;
          const { next } = round;
          await this.goTo(Math.min(time, next === null ? time : Math.max(next, round.now + 60)));
        }
      } finally {
        rounds.close();
      }
    });
  }

  async stop(): Promise<void> {
    killCommands();
    await this.meter.close();
    this.provider.destroy();
    await this.chain.close();
    rmSync(this.directory, { recursive: true });
  }
}
