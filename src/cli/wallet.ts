/** `sipster wallet …`: the resident's program. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { addressOf } from "../sipster/index.js";
import { createMclBn254 } from "../algebra/index.js";
import { settleBills, type RpcProvider } from "../chain/index.js";
import { AccountFunding } from "../funding/index.js";
import { pairWithMeter } from "../meter/index.js";
import { importBooks } from "../resident/index.js";
import { UtilityClient } from "../service/index.js";
import { parseBillFile } from "../sipster/index.js";
import { replaceFile } from "../store/index.js";
import {
  month,
  nodeOptions,
  openDeployment,
  openSender,
  payOptions,
  recordOption,
  wholeNumber,
  withNode,
  type PayOptions,
  type RecordOptions,
} from "./chain-options.js";
import type { RegisterCommand } from "./commands.js";
import type { Io } from "./io.js";
import { readPassphrase } from "./passphrase.js";
import { orderBoard } from "./wallet/board.js";
import { WalletFolder } from "./wallet/folder.js";
import { openWallet, type OpenWallet } from "./wallet/open-wallet.js";
import { keepMeter } from "./wallet/paired-meter.js";
import { pin } from "./wallet/pinned.js";
import { backupOf, billOf, runRound, statusOf } from "./wallet/run.js";

interface Options {
  readonly folder: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

const EXAMPLES = `Examples:
  sipster wallet init --utility http://127.0.0.1:8650 --rpc http://127.0.0.1:8545
  sipster wallet pair 7391-2064 --meter 127.0.0.1:8651
  sipster wallet fund
  sipster wallet run --once
  sipster wallet status
  sipster wallet settle 2026-03 --key-file payer.key
  sipster wallet backup books.backup
`;

export const registerWallet: RegisterCommand = (sub, io) => {
  sub.addHelpText("before", EXAMPLES).addHelpText(
    "after",
    `
A wallet trusts the chain and its meter. It refuses parameters, keys and answers of the utility that
the contracts do not confirm. Payments go over plain HTTP: the utility sees the sender's address.
Keep a copy of the secret (\`init\` shows it once) and of the books (\`backup\`) away from the utility.
Every subcommand prints one JSON document, with or without --json.`,
  );
  init(sub.command("init"), io);
  const own = (name: string, says: string): Command => options(sub.command(name).description(says));
  own("pair", "Pair with the meter by the code that it shows once.")
    .argument("<code>")
    .requiredOption("--meter <host:port>", "where the meter answers")
    .action((code: string, o: Options & { meter: string }) => pair(code, o, io));
  own("fund", "Withdraw one basket of coins from the account with the utility.").action(
    (o: Options) => withWallet(o, (w) => fund(w, io)),
  );
  own("run", "Fetch tokens, pay what is due, and write the bills that may be settled.")
    .option("--once", "one round, then end")
    .option("--every <seconds>", "seconds between two rounds", wholeNumber(1), 60)
    .action((o: Options & { once?: true; every: number }) => run(o, io));
  own("status", "What is paid, missing and due, and what the utility can see.").action(
    (o: Options) => withWallet(o, async (w) => show(io, "status", await statusOf(w))),
  );
  own("bill", "Write the bill file of a month, when it may be settled.")
    .argument("<month>", "the month", month)
    .action((period: number, o: Options) =>
      withWallet(o, async (w, p) => void (await bill(w, p, period, io))),
    );
  payOptions(own("settle", "Settle the bill of a month with an account of your own."))
    .argument("<month>", "the month", month)
    .option("--deployments <folder>", "where transactions under way are kept", "deployments")
    .action((period: number, o: Options & PayOptions & { deployments: string }) =>
      withWallet(o, (w, p) => settle(w, p, period, o, io)),
    );
  own("backup", "Write an encrypted copy of the books, always of one size.")
    .argument("<file>")
    .action((file: string, o: Options) =>
      withWallet(o, async (w) => {
        replaceFile(file, await backupOf(w));
        io.err(`${file}: keep it away from the utility.`);
      }),
    );
  own("restore", "Write a copy of the books into an empty wallet made with the same secret.")
    .argument("<file>")
    .action((file: string, o: Options) =>
      withWallet(o, async ({ store, folder, pinned }) => {
        const key = { systemId: pinned.system.systemId, secret: folder.secret() };
        const at = await importBooks(store, key, readFileSync(file));
        io.err(`The books are those of ${new Date(at * 1000).toISOString()}.`);
      }),
    );
};

function options(command: Command): Command {
  return command
    .option("--folder <folder>", "the wallet's folder", "wallet")
    .option("--passphrase-file <file>", "its first line seals the secrets (or SIPSTER_PASSPHRASE)")
    .option("--json", "one JSON document");
}

function init(command: Command, io: Io): void {
  recordOption(nodeOptions(options(command.description("Make a wallet."))))
    .requiredOption("--utility <url>", "the utility's service")
    .option("--size-class <name>", "of the public parameters", "standard")
    .option("--secret-file <file>", "restore: 64 hexadecimal digits of the secret")
    .action(
      async (
        o: Options & RecordOptions & { utility: string; sizeClass: string; secretFile?: string },
      ) => {
        const folder = await WalletFolder.open(o.folder, readPassphrase(o.passphraseFile ?? null));
        const curve = await createMclBn254();
        await withNode(o.rpc, async (provider) => {
          const deployment = await openDeployment(provider, o);
          const { utility, rpc, sizeClass } = o;
          // Nothing is written before the contract has confirmed what the utility serves.
          await pin(provider, curve, { deployment, utility, sizeClass });
          folder.writeConfig({ utility, rpc, sizeClass, meter: null, deployment });
        });
        const given = o.secretFile === undefined ? undefined : secretOf(o.secretFile);
        const secret = folder.secret(given);
        show(io, "init", {
          account: addressOf(folder.derived("account")),
          ...(given === undefined ? { secret: Buffer.from(secret).toString("hex") } : {}),
        });
      },
    );
}

function secretOf(file: string): Uint8Array {
  return Uint8Array.from(Buffer.from(readFileSync(file, "utf8").trim(), "hex"));
}

async function pair(code: string, o: Options & { meter: string }, io: Io): Promise<void> {
  await withWallet(o, async ({ folder, config, store, pinned }) => {
    const [host, port] = o.meter.split(":");
    const meter = { host: host!, port: Number(port) };
    const residentShare = folder.derived("meter-share");
    const { terms } = pinned;
    const paired = await pairWithMeter(meter, { code, residentShare, terms }, (p) =>
      keepMeter(store, p),
    );
    folder.writeConfig({ ...config, meter });
    show(io, "pair", { meter: paired.meter });
  });
}

async function fund({ folder, config, purse, pinned }: OpenWallet, io: Io): Promise<void> {
  const client = new UtilityClient(config.utility);
  const funding = new AccountFunding({
    system: pinned.system,
    accountKey: folder.derived("account"),
    order: (order) => client.call("withdraw", {}, order),
  });
  const withdraw = (request: Uint8Array): Promise<Uint8Array> => funding.withdraw(request);
  // One basket at a time: one that was begun and not finished is finished, and no other begun.
  const resumed = await purse.resume(withdraw);
  const basket = pinned.sizeClass.basket.flatMap(({ denomination, count }) =>
    Array<number>(count).fill(denomination),
  );
  if (resumed === 0) await purse.withdraw(basket, withdraw);
  const units = basket.reduce((sum, d) => sum + d, 0);
  show(io, "fund", { coins: basket.length, units, from: "the month after this one" });
}

async function run(o: Options & { once?: true; every: number }, io: Io): Promise<void> {
  for (;;) {
    await withWallet(o, async (wallet, provider) => {
      const { deployment } = wallet.config;
      const board = orderBoard(provider, deployment, wallet.pinned.terms, null);
      show(io, "run", await runRound(wallet, board));
    });
    if (o.once === true) return;
    await new Promise((resolve) => setTimeout(resolve, o.every * 1000));
  }
}

async function bill(wallet: OpenWallet, provider: RpcProvider, period: number, io: Io) {
  const board = orderBoard(provider, wallet.config.deployment, wallet.pinned.terms, null);
  const file = await billOf(wallet, period, board);
  show(io, "bill", { period, file, waits: file === null });
  return file;
}

async function settle(
  wallet: OpenWallet,
  provider: RpcProvider,
  period: number,
  o: Options & PayOptions & { deployments: string },
  io: Io,
): Promise<void> {
  const file = await bill(wallet, provider, period, io);
  if (file === null) return;
  const { deployment, rpc } = wallet.config;
  const sender = await openSender(provider, deployment, { ...o, rpc }, io);
  const parsed = parseBillFile(wallet.curve, readFileSync(file, "utf8"));
  const [outcome] = await settleBills(sender, deployment, [parsed], {
    curve: wallet.curve,
    batch: false,
  });
  show(io, "settle", { period, ...outcome });
}

/** Opens the wallet for one piece of work, and closes its books. */
async function withWallet<T>(
  { folder: path, passphraseFile }: Options,
  work: (wallet: OpenWallet, provider: RpcProvider) => Promise<T>,
): Promise<T> {
  const folder = await WalletFolder.open(path, readPassphrase(passphraseFile ?? null));
  return withNode(folder.config.rpc, async (provider) => {
    const wallet = await openWallet(folder, provider);
    try {
      return await work(wallet, provider);
    } finally {
      await wallet.store.close();
    }
  });
}

/** One JSON document a result, with every name in it. */
function show(io: Io, what: string, value: object): void {
  const text = JSON.stringify(value, (_, v: unknown) => (typeof v === "bigint" ? String(v) : v));
  io.json({ format: `sipster/wallet-${what}@1`, ...(JSON.parse(text) as object) });
}
