/** The attack on a town's folder: stores that the real roles write, and homes that are open to the scorer alone. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { hexToBytes } from "@noble/hashes/utils.js";
import { createMclBn254, toAddress } from "../../src/algebra/index.js";
import { readTown, scoreTown } from "../../src/attack/index.js";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { townTruth } from "../../src/cli/attack/town-truth.js";
import { WalletFolder } from "../../src/cli/wallet/folder.js";
import { signAccountOrder } from "../../src/ecash/index.js";
import { AccountMint } from "../../src/mint/index.js";
import { startOfDay, type ResidentSettings } from "../../src/resident/index.js";
import { addPeriods, addressOf, encodeTerms, parseDenominations } from "../../src/sipster/index.js";
import { SqliteStore } from "../../src/store/index.js";
import { TownFolder } from "../../src/town/folder.js";
import { expectRejection } from "../support/errors.js";
import { exchange } from "../support/exchange.js";
import { someTerms } from "../support/parameters.js";
import { sipster } from "../support/recorded-io.js";
import { meterPeriod, system } from "../support/settlement.js";
import {
  after as afterPeriod,
  numbered,
  openWallet,
  PERIOD,
  setClock,
  type TestWallet,
} from "../support/wallet.js";

const curve = await createMclBn254();
/** Bills with as many tokens each, so that who paid what is all there is to find. */
const TOKENS = [100, 100, 100, 100, 10, 10, 10, 1, 1, 1];
const HOMES = 4;

/**
 * A town's folder, written by real wallets, counter and mint in this process.
 * @param changes of every wallet
 * @param isKilled the counter's database is left as it was, with its log
 */
async function town(
  path: string,
  changes: Partial<ResidentSettings> = {},
  isKilled = false,
): Promise<void> {
  const folder = new TownFolder(path);
  folder.create({});
  const passphrase = readFileSync(join(path, "passphrase"), "utf8").trim();
  const books = await SqliteStore.open(join(path, "utility/books"));
  const accounts = await SqliteStore.open(join(path, "utility/accounts"));
  const x = exchange(curve, { store: books });
  const mint = new AccountMint({ system, issuer: x.ecash, store: accounts });
  const wallets: TestWallet[] = [];
  for (let number = 1; number <= HOMES; number++) {
    const home = folder.home(number, "wallet");
    await folder.keyring(home);
    const wallet = await WalletFolder.open(home, passphrase);
    const key = wallet.derived("account");
    const opened = openWallet(x, {
      secret: wallet.secret(),
      store: await wallet.books(),
      ...changes,
    });
    await mint.credit(toAddress(hexToBytes(addressOf(key).slice(2))), 2_000n, `home ${number}`);
    setClock(x, startOfDay(addPeriods(PERIOD, -1), 15));
    await opened.purse.withdraw(TOKENS, (request) =>
      mint.withdraw(signAccountOrder(system, request, key)),
    );
    wallets.push(opened);
  }
  setClock(x, afterPeriod(PERIOD));
  for (const [i, { resident }] of wallets.entries()) {
    const { generated } = meterPeriod(x.world, TOKENS, { period: PERIOD, seed: `home ${i}` });
    await resident.accept(PERIOD, numbered(generated.map(({ token }) => token)));
  }
  for (;;) {
    const due = await Promise.all(wallets.map(({ resident }) => resident.nextDue()));
    const next = Math.min(...due.map((time) => time ?? Infinity));
    if (next > startOfDay(addPeriods(PERIOD, 1), 12)) break;
    setClock(x, next);
    for (const { resident } of wallets) await resident.step(x.carrier);
  }
  if (isKilled) cpSync(join(path, "utility"), join(path, "killed"), { recursive: true });
  for (const store of [books, accounts, ...wallets.map((w) => w.store)]) await store.close();
  if (isKilled) cpSync(join(path, "killed"), join(path, "utility"), { recursive: true });
  mkdirSync(join(path, "utility/terms"));
  writeFileSync(
    join(path, "utility/terms/0.json"),
    encodeTerms({ ...someTerms, denominations: parseDenominations([1, 10, 100]) }),
  );
  writeFileSync(join(path, "chain/blocks.jsonl"), settledBlock());
}

const METER = `0x${"5e".repeat(20)}`;
const SETTLED_AT = 1_802_563_200;

/** A block with one settlement, as ethers encodes its event. */
function settledBlock(): string {
  const { data, topics } = BillSettlement__factory.createInterface().encodeEventLog("BillSettled", [
    METER,
    PERIOD,
    1,
  ]);
  const timestamp = `0x${SETTLED_AT.toString(16)}`;
  return `${JSON.stringify({ timestamp, logs: [{ data, topics }] })}\n`;
}

describe("the attack on a town's folder", function () {
  this.timeout(300_000);
  const directory = mkdtempSync(join(tmpdir(), "sipster-attack-"));
  const careful = join(directory, "careful");
  const burst = join(directory, "burst");

  before(async () => {
    await town(careful);
    await town(burst, { policy: { kind: "at-once" } }, true);
  });

  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it("given careful wallets, then their payments are in the books without time or order, and no attack links them", async () => {
    const view = await readTown(careful);
    expect(view.orders).to.have.length(HOMES * TOKENS.length);
    expect(view.orders.every(({ frame }) => frame === null)).to.equal(true);
    expect(view.settlements).to.deep.equal([{ meter: METER, period: PERIOD, at: SETTLED_AT }]);
    expect(view.accounts.map(({ charged }) => charged)).to.deep.equal(Array(HOMES).fill(433));
    const { attacks, hasOrder } = scoreTown(view, await townTruth(careful));
    expect(hasOrder).to.equal(false);
    expect(attacks.combined!.linkage!.value).to.be.within(-0.3, 0.3);
    expect(attacks.combined!.linkage!.interval[0]).to.be.below(0.1);
    // Equal bills and equal baskets: a guess is right, whatever the withdrawals say.
    expect(attacks.totals!.billError!.value).to.equal(0);
  });

  it("given wallets that pay in one burst and a counter that was killed, then the log of its database links nearly all", async () => {
    const { attacks, hasOrder } = scoreTown(await readTown(burst), await townTruth(burst));
    expect(hasOrder).to.equal(true);
    expect(attacks.written!.linkage!.value).to.be.above(0.8);
    expect(attacks.combined!.linkage!.value).to.be.above(0.8);
  });

  it("given a folder whose homes are gone, then the attacker sees the same, and nothing is scored", async () => {
    const bare = join(directory, "bare");
    cpSync(careful, bare, { recursive: true });
    for (const name of ["homes", "passphrase", "town.json"])
      rmSync(join(bare, name), { recursive: true });
    expect(await readTown(bare)).to.deep.equal(await readTown(careful));
    expect((await sipster("attack", "--from", bare, "--json")).json).to.include({
      code: "attack/other-town",
    });
  });

  it("given the homes of another town, or a folder that holds none, then it is refused", async () => {
    const other = join(directory, "other");
    cpSync(careful, other, { recursive: true });
    rmSync(join(other, "homes"), { recursive: true });
    cpSync(join(burst, "homes"), join(other, "homes"), { recursive: true });
    cpSync(join(burst, "passphrase"), join(other, "passphrase"));
    const run = await sipster("attack", "--from", other, "--json");
    expect(run.json).to.include({ code: "attack/other-town" });
    await expectRejection(readTown(join(directory, "nowhere")), "attack/not-a-town");
  });

  it("given a town's folder, when it is attacked, then no file in it changes, and the table names each attack", async () => {
    const read = (name: string): string => readFileSync(join(careful, name)).toString("hex");
    const files = ["utility/books", "utility/accounts", "homes/1/wallet/books"];
    const before = files.map(read);
    const { out, code } = await sipster("attack", "--from", careful);
    expect(code).to.equal(0);
    for (const name of ["totals", "fields", "withdrawals", "combined"])
      expect(out).to.contain(name);
    expect(files.map(read)).to.deep.equal(before);
  });
});
