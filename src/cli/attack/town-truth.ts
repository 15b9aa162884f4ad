/** What the homes of a town know of themselves: the truth that an attack on its folder is scored by. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TownHomeTruth } from "../../attack/index.js";
import { Books } from "../../resident/books.js";
import { addressOf } from "../../sipster/index.js";
import { WalletFolder } from "../wallet/folder.js";

/** Reads copies of the wallets' folders: opening a wallet's books would change them. */
export async function townTruth(folder: string): Promise<TownHomeTruth[]> {
  const homes = join(folder, "homes");
  if (!existsSync(homes)) return [];
  const passphrase = readFileSync(join(folder, "passphrase"), "utf8").trim();
  const copy = mkdtempSync(join(tmpdir(), "sipster-attack-"));
  try {
    const truth: TownHomeTruth[] = [];
    for (const number of readdirSync(homes)) {
      cpSync(join(homes, number, "wallet"), join(copy, number), { recursive: true });
      truth.push(await homeTruth(join(copy, number), passphrase));
    }
    return truth;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function homeTruth(path: string, passphrase: string): Promise<TownHomeTruth> {
  const wallet = await WalletFolder.open(path, passphrase);
  const store = await wallet.books();
  const tokens = await store.transaction((tx) => new Books(tx).tokens());
  await store.close();
  return {
    account: addressOf(wallet.derived("account")).slice(2).toLowerCase(),
    tokens: new Map(tokens.map(({ hash, record }) => [hash, record.denomination])),
  };
}
