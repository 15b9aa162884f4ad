/** `sipster wallet backup` and `restore`: the books as a file, and coins from the secret alone. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { finalBlock, VaultReader, type RpcProvider } from "../../chain/index.js";
import { basketOf } from "../../ecash/index.js";
import { pastWithdrawals } from "../../funding/index.js";
import { importBooks } from "../../resident/index.js";
import { parseAddress } from "../../sipster/index.js";
import { replaceFile } from "../../store/index.js";
import type { Io } from "../io.js";
import { backupOf } from "./backup.js";
import { instant } from "./instant.js";
import type { OpenWallet } from "./open-wallet.js";
import { show, withWallet, type Options } from "./session.js";
import { noteBackup } from "./status.js";

interface RestoreOptions extends Options {
  readonly depositor?: string;
}

export function backupCommands(own: (name: string, says: string) => Command, io: Io): void {
  own("backup", "Write an encrypted copy of the books, always of one size.")
    .argument("<file>")
    .action((file: string, o: Options) =>
      withWallet(o, async (w) => {
        replaceFile(file, await backupOf(w));
        await noteBackup(w);
        io.err(`${file}: keep it away from the utility.`);
        if (o.json === true) show(io, "backup", { file });
      }),
    );
  own("restore", "Write the books of an empty wallet that was made with the same secret.")
    .argument("[file]", "a copy of the books; without it, coins are made again from the secret")
    .option("--depositor <address>", "without a file: the account that deposited in the vault")
    .action((file: string | undefined, o: RestoreOptions) =>
      withWallet(o, (w, p) =>
        file === undefined
          ? fromSecret({ wallet: w, provider: p, options: o, io })
          : fromFile({ wallet: w, file, options: o, io }),
      ),
    );
}

/** @throws resident/bad-backup, not-empty */
async function fromFile({
  wallet: { store, folder, pinned },
  file,
  options: { json },
  io,
}: {
  readonly wallet: OpenWallet;
  readonly file: string;
  readonly options: Options;
  readonly io: Io;
}): Promise<void> {
  const key = { systemId: pinned.system.systemId, secret: folder.secret() };
  const at = await importBooks(store, key, readFileSync(file));
  if (json === true) show(io, "restore", { at });
  else io.out(`The books are those of ${instant(at)}.`);
}

/**
 * Without a copy of the books: what the vault remembers of the depositor's withdrawals makes the same
 * coins. Withdrawals from an account with the utility are asked for again by `fund`, which charges none
 * of them a second time; tokens come again from the meter.
 * @throws funding/open-deposit, unknown-withdrawal, resident/not-empty, foreign-withdrawal
 */
async function fromSecret({
  wallet: { config, pinned, purse },
  provider,
  options: { depositor, json },
  io,
}: {
  readonly wallet: OpenWallet;
  readonly provider: RpcProvider;
  readonly options: RestoreOptions;
  readonly io: Io;
}): Promise<void> {
  const { terms, sizeClass } = pinned;
  const basket = basketOf(sizeClass.basket);
  const { number: toBlock } = await finalBlock(provider, terms.finality);
  const past =
    depositor === undefined
      ? []
      : await pastWithdrawals(new VaultReader(provider, config.deployment), {
          account: parseAddress(depositor.toLowerCase()),
          baskets: [basket],
          baseUnitsPerUnit: terms.token.baseUnitsPerUnit,
          toBlock,
        });
  await purse.restore(past);
  const coins = [...(await purse.coins()).values()].reduce((sum, count) => sum + count, 0);
  if (json === true) return void show(io, "restore", { withdrawals: past.length, coins });
  io.out(`${past.length} withdrawals from the vault, ${coins} coins`);
  io.err(
    "next: `sipster wallet fund` for coins of an account with the utility, which it charges once; then press the meter's button (`sipster meter run --pair`) and pair again.",
  );
}
