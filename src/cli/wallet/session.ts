/** What every subcommand of the wallet has: its options, its folder opened for the work, its JSON. */
import type { Command } from "commander";
import type { RpcProvider } from "../../chain/index.js";
import { withNode } from "../chain-options.js";
import type { Io } from "../io.js";
import { readPassphrase } from "../passphrase.js";
import { WalletFolder } from "./folder.js";
import { openWallet, type OpenWallet } from "./open-wallet.js";

export interface Options {
  readonly folder: string;
  readonly passphraseFile?: string;
  readonly json?: true | undefined;
}

/** What a subcommand works with: the open wallet, its node, the options, and where it prints. */
export interface WalletWork<O> {
  readonly wallet: OpenWallet;
  readonly provider: RpcProvider;
  readonly options: O;
  readonly io: Io;
}

export function options(command: Command): Command {
  return command
    .option("--folder <folder>", "the wallet's folder", "wallet")
    .option("--passphrase-file <file>", "its first line seals the secrets (or SIPSTER_PASSPHRASE)")
    .option("--json", "one JSON document");
}

export function openFolder({ folder, passphraseFile }: Options): Promise<WalletFolder> {
  return WalletFolder.open(folder, readPassphrase(passphraseFile ?? null));
}

/** Opens the wallet for one piece of work, and closes its books. */
export async function withWallet<T>(
  options: Options,
  work: (wallet: OpenWallet, provider: RpcProvider) => Promise<T>,
): Promise<T> {
  const folder = await openFolder(options);
  return withNode(folder.config.rpc, async (provider) => {
    const wallet = await openWallet(folder, provider);
    try {
      return await work(wallet, provider);
    } finally {
      await wallet.store.close();
    }
  });
}

/** One JSON document a result. */
export function show(io: Io, what: string, value: object): void {
  io.json({ format: `sipster/wallet-${what}@1`, ...value });
}
