/** Towns' folders for tests of the attack, with homes that owe equally much. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hexToBytes } from "@noble/hashes/utils.js";
import { createMclBn254, toAddress } from "../../src/algebra/index.js";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { WalletFolder } from "../../src/cli/wallet/folder.js";
import { signAccountOrder, type ECash } from "../../src/ecash/index.js";
import { AccountMint } from "../../src/mint/index.js";
import { startOfDay, type ResidentSettings } from "../../src/resident/index.js";
import { addPeriods, addressOf, encodeTerms, parseDenominations } from "../../src/sipster/index.js";
import { openStore, PostgresPool, SqliteStore } from "../../src/store/index.js";
import { TownFolder } from "../../src/town/folder.js";
import { PostgresCounterBook } from "../../src/utility/index.js";
import { exchange } from "../support/exchange.js";
import { someTerms } from "../support/parameters.js";
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
export const TOKENS = [100, 100, 100, 100, 10, 10, 10, 1, 1, 1];
export const HOMES = 4;

interface TownOptions {
  /** Of every wallet. */
  readonly changes?: Partial<ResidentSettings>;
  /** The counter's database is left as it was, with its log. */
  readonly isKilled?: boolean;
  /** Where utility and mint keep their books; in files of the folder without. */
  readonly database?: string;
}

/** Writes a town's folder by real wallets, counter and mint in this process. */
export async function makeTown(
  path: string,
  { changes = {}, isKilled = false, database }: TownOptions = {},
): Promise<void> {
  const folder = new TownFolder(path);
  folder.create({});
  const passphrase = readFileSync(join(path, "passphrase"), "utf8").trim();
  const books = await openBooks(path, database);
  const accounts = await openStore(database ?? join(path, "utility/accounts"), "accounts");
  const x = exchange(curve, books.options);
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
  for (const store of [books.opened, accounts, ...wallets.map((w) => w.store)]) await store.close();
  if (isKilled) cpSync(join(path, "killed"), join(path, "utility"), { recursive: true });
  mkdirSync(join(path, "utility/terms"));
  writeFileSync(
    join(path, "utility/terms/0.json"),
    encodeTerms({ ...someTerms, denominations: parseDenominations([1, 10, 100]) }),
  );
  writeFileSync(join(path, "chain/blocks.jsonl"), settledBlock());
}

async function openBooks(path: string, database: string | undefined) {
  if (database === undefined) {
    const opened = await SqliteStore.open(join(path, "utility/books"));
    return { opened, options: { store: opened } };
  }
  const opened = await PostgresPool.open(database);
  return { opened, options: { book: (ecash: ECash) => new PostgresCounterBook(opened, ecash) } };
}

export const METER = `0x${"5e".repeat(20)}`;
export const SETTLED_AT = 1_802_563_200;

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
