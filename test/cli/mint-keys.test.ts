/** The terms and the mint's next keys as the utility's commands put them on the chain, and as they are used. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import {
  TransactionSender,
  VaultCalls,
  VaultReader,
  writeDeployment,
} from "../../src/chain/index.js";
import { deploySipster, serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { DEFAULT_CLASSES, defaultBasket } from "../../src/ecash/index.js";
import { parseTerms } from "../../src/sipster/index.js";
import { withPassphrase } from "../support/passphrase.js";
import { sipster, type CliRun } from "../support/recorded-io.js";
import { killCommands, startCommand } from "../support/serving-command.js";

const DENOMINATIONS = [1, 10, 100, 1000];
const TARIFF = {
  format: "sipster/tariff@1",
  name: "flat",
  currency: "EUR",
  components: [{ kind: "flat", name: "energy", price: "0.30" }],
};

interface Registered {
  readonly mintKeyId: number;
  readonly firstPeriod: number;
  readonly denominations: readonly number[];
  readonly transaction: string;
  readonly gas: string;
  readonly fee: string;
}

describe("sipster utility tariff and register-mint-keys", function () {
  this.timeout(180_000);
  withPassphrase();
  let folder: string;
  let chain: ServedChain;
  let reader: VaultReader;

  const accounts = (index: number): string[] => ["--account", chain.accounts[index]!];
  const node = (): string[] => [
    ...["--rpc", chain.url, "--deployments", join(folder, "deployments")],
  ];
  const utility = (...args: string[]): string[] => [
    ...["utility", ...args, "--folder", join(folder, "utility"), ...node(), ...accounts(0)],
  ];
  const walletFolder = (): string[] => ["--folder", join(folder, "wallet")];
  const mintKeys = async () => reader.mintKeys(await chain.provider.getBlockNumber());

  async function right(...args: string[]): Promise<CliRun> {
    const run = await sipster(...args, "--json");
    expect(run.code, `${args.join(" ")}: ${run.out}${run.err}`).to.equal(0);
    return run;
  }

  before(async () => {
    chain = await serveLocalChain();
    folder = mkdtempSync(join(tmpdir(), "sipster-mint-keys-"));
    mkdirSync(join(folder, "deployments"));
    const made = await right("utility", "init", "--folder", join(folder, "utility"));
    const { noticeSigner } = made.json as { noticeSigner: string };
    const signer = await chain.provider.getSigner(0);
    const deployment = await deploySipster(signer, { noticeSigner, lead: 0 });
    writeFileSync(join(folder, "deployments", "31337.json"), writeDeployment(deployment));
    reader = new VaultReader(chain.provider, deployment);
    const resident = await TransactionSender.create(await chain.provider.getSigner(1));
    await new VaultCalls(resident, deployment).mintTestCredit(1_000_000n);
  });
  afterEach(() => {
    killCommands();
  });
  after(async () => {
    await chain.close();
    rmSync(folder, { recursive: true });
  });

  it("given a vault without a mint key, when the next ones are to be registered, then it says to register the first", async () => {
    const run = await sipster(...utility("register-mint-keys"), "--json");
    expect(run.code).to.not.equal(0);
    expect(run.out).to.include("cli/no-utility");
    expect(await mintKeys()).to.deep.equal([]);
    const registered = (await right(...utility("register-key"))).json as {
      mintKeys: { gas: string; fee: string };
    };
    expect(Number(registered.mintKeys.gas)).to.be.greaterThan(250_000 * DENOMINATIONS.length);
    expect(BigInt(registered.mintKeys.fee) > 0n).to.equal(true);
    const again = await sipster(...utility("register-key"));
    expect(again.out).to.not.include("gas");
  });

  it("given no basket, when terms are announced, then they have the size classes of the table of baskets", async () => {
    const tariff = join(folder, "tariff.json");
    writeFileSync(tariff, JSON.stringify(TARIFF));
    await right(
      ...utility("tariff", tariff, "--time-zone", "Europe/Berlin", "--lead", "0"),
      ...["--payee", chain.accounts[0]!],
    );
    const { sizeClasses } = parseTerms(readFileSync(join(folder, "utility", "terms", "0.json")));
    const basketTerms = {
      emission: "as-it-accrues",
      denominations: DENOMINATIONS,
      minorUnits: 1,
    } as const;
    const found = sizeClasses.map(({ name, basket }) => [
      name,
      new Map(basket.map(({ denomination, count }) => [denomination, count])),
    ]);
    expect(found).to.deep.equal(
      DEFAULT_CLASSES.map((of) => [of.name, defaultBasket(of, basketTerms)]),
    );
  });

  it("given a first month that is over, when the next keys are registered, then nothing is; without it, all of them are in one transaction, with its cost", async () => {
    const early = await sipster(...utility("register-mint-keys", "--from", "2020-01"), "--json");
    expect(early.code).to.not.equal(0);
    expect(await mintKeys()).to.have.lengthOf(1);
    const { json } = await right(...utility("register-mint-keys"));
    const done = json as Registered;
    expect([done.mintKeyId, done.denominations]).to.deep.equal([2, DENOMINATIONS]);
    const receipt = await chain.provider.getTransactionReceipt(done.transaction);
    expect(receipt!.gasUsed).to.equal(BigInt(done.gas));
    expect(receipt!.fee).to.equal(BigInt(done.fee));
    const [, next] = await mintKeys();
    expect(next!.firstPeriod).to.equal(done.firstPeriod);
    expect(next!.keys.map(({ denomination }) => denomination)).to.deep.equal(DENOMINATIONS);
    const started = await sipster(...utility("register-mint-keys"));
    expect(started.out).to.match(/mint key 3 begins in [0-9]{6}\n.*[0-9,]+ gas, /);
  });

  it("given keys of a second id that have begun, when a wallet withdraws, then the service signs under that id", async () => {
    const server = await startCommand<{ url: string }>(
      ...utility("serve", "--port", "0", "--margin", "600", "--every", "1"),
    );
    const { url } = server.json;
    await right("wallet", "init", ...walletFolder(), ...node(), "--utility", url);
    await right(
      ...["wallet", "fund", ...walletFolder(), "--vault", ...accounts(1)],
      ...["--deployments", join(folder, "deployments")],
    );
    const { mintKeyId, status } = await reader.deposit(1n);
    expect([mintKeyId, status]).to.deep.equal([2, "acknowledged"]);
  });

  it("given a folder that lacks keys that the vault has, when it is used, then it is refused", async () => {
    rmSync(join(folder, "utility", "keys", "mint-2.json"));
    const run = await sipster(...utility("serve", "--port", "0"), "--json");
    expect(run.code).to.not.equal(0);
    expect(run.out).to.include("cli/other-key");
  });
});
