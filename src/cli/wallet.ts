/** `sipster wallet …`: the resident's program. */
import { readFileSync } from "node:fs";
import { Option, type Command } from "commander";
import { addressOf } from "../sipster/index.js";
import { createMclBn254 } from "../algebra/index.js";
import type { RpcProvider } from "../chain/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import { pairWithMeter } from "../meter/index.js";
import { importBooks } from "../resident/index.js";
import { parseBillFile } from "../sipster/index.js";
import { replaceFile } from "../store/index.js";
import {
  nodeOptions,
  openDeployment,
  openSender,
  payOptions,
  recordOption,
  withNode,
  type PayOptions,
  type RecordOptions,
} from "./chain-options.js";
import { month, seconds } from "./option-values.js";
import type { RegisterCommand } from "./commands.js";
import { cliErrors } from "./errors.js";
import type { Io } from "./io.js";
import { readPassphrase } from "./passphrase.js";
import { orderBoard } from "./wallet/board.js";
import { channelOf } from "./wallet/channel.js";
import { WalletFolder, type ChannelName } from "./wallet/folder.js";
import { openWallet, type OpenWallet } from "./wallet/open-wallet.js";
import { keepMeter } from "./wallet/paired-meter.js";
import { pin } from "./wallet/pinned.js";
import { fund, type FundOptions } from "./wallet/fund.js";
import { backupOf } from "./wallet/backup.js";
import { billOf } from "./wallet/bill.js";
import { instant } from "./wallet/instant.js";
import { runWallet } from "./wallet/run.js";
import { ownSettler, relaySettler, settlementOf, type Settler } from "./wallet/settler.js";
import { takeBackCommands } from "./wallet/take-back.js";
import { decodeStatus, noteBackup, showStatus, statusOf } from "./wallet/status.js";

interface Options {
  readonly folder: string;
  readonly passphraseFile?: string;
  readonly json?: true | undefined;
}

type FundCommand = Options & FundOptions;

interface SettleCommand extends Options, PayOptions {
  readonly relay?: string;
  readonly deployments: string;
  readonly override?: true;
}

interface RunCommand extends SettleCommand {
  readonly once?: true;
  readonly every: number;
}

const EXAMPLES = `Examples:
  sipster wallet init --utility http://127.0.0.1:8660 --rpc http://127.0.0.1:8545
  sipster wallet pair 7KQ2M-… --meter 127.0.0.1:7117
  sipster wallet fund
  sipster wallet fund --vault --key-file payer.key
  sipster wallet refund --key-file payer.key
  sipster wallet run --relay http://127.0.0.1:8646
  sipster wallet status
  sipster wallet settle 2026-03 --key-file payer.key
  sipster wallet backup books.backup
`;

const AFTER = `
A wallet trusts the chain and its meter. It refuses parameters, keys and answers of the utility that
the contracts do not confirm. Payments go by Oblivious HTTP when the utility has announced relays: a
relay sees your address and not what you ask. Otherwise, and with \`init --channel plain\`, the utility
sees the sender's address.
Keep a copy of the secret (\`init\` shows it once) and of the books (\`backup\`) away from the utility.
Every subcommand takes --json: then stdout gets one document, of \`run\` one line of JSON a round.`;

export const registerWallet: RegisterCommand = (sub, io) => {
  sub.addHelpText("before", EXAMPLES).addHelpText("after", AFTER);
  init(sub.command("init"), io);
  const own = (name: string, says: string): Command => options(sub.command(name).description(says));
  const settling = (name: string, says: string): Command =>
    payOptions(own(name, says))
      .option("--relay <url>", "hand bills to a relayer, whose account pays")
      .option("--deployments <folder>", "where transactions under way are kept", "deployments");
  own("pair", "Pair with the meter by the code that it shows once.")
    .argument("<code>")
    .requiredOption("--meter <host:port>", "where the meter answers")
    .action((code: string, o: Options & { meter: string }) => pair(code, o, io));
  payOptions(own("fund", "Withdraw this month's coins from the account with the utility."))
    .option("--vault", "deposit in the vault instead, from an account of your own")
    .option("--once", "with --vault: look once, and go on when run again")
    .option("--deployments <folder>", "where transactions under way are kept", "deployments")
    .action((o: FundCommand) => withWallet(o, (w, p) => withdraw(w, p, o, io)));
  takeBackCommands(own, (o, work) => withWallet(o, work), io);
  settling("run", "Fetch tokens, pay each at its time, and settle the bills on theirs.")
    .option("--once", "one round, then end")
    .option("--every <seconds>", "between two looks at the chain's clock", seconds, 60)
    .action((o: RunCommand) => run(o, io));
  own("status", "What is paid, missing and due, and what the utility can see.").action(
    (o: Options) => status(o, io),
  );
  own("bill", "Write the bill file of a month, when it may be settled.")
    .argument("<month>", "the month", month)
    .option(
      "--override",
      "though orders on the board are not answered: settling shows that yours are",
    )
    .action((period: number, o: Options & { override?: true }) =>
      withWallet(o, async (w, p) => void (await bill(w, p, period, o, io))),
    );
  settling("settle", "Settle the bill of a month, by a relayer or with an account of your own.")
    .argument("<month>", "the month", month)
    .option(
      "--override",
      "though orders on the board are not answered: settling shows that yours are",
    )
    .action((period: number, o: SettleCommand) =>
      withWallet(o, (w, p) => settle(w, p, period, o, io)),
    );
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
  own("restore", "Write a copy of the books into an empty wallet made with the same secret.")
    .argument("<file>")
    .action((file: string, o: Options) =>
      withWallet(o, async ({ store, folder, pinned }) => {
        const key = { systemId: pinned.system.systemId, secret: folder.secret() };
        const at = await importBooks(store, key, readFileSync(file));
        if (o.json === true) show(io, "restore", { at });
        else io.out(`The books are those of ${instant(at)}.`);
      }),
    );
};

interface InitOptions extends Options, RecordOptions {
  readonly utility: string;
  readonly sizeClass: string;
  readonly secretFile?: string;
  readonly channel?: ChannelName;
  readonly relay?: string;
}

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
    .addOption(
      new Option(
        "--channel <name>",
        "how payments travel (default: ohttp if there are relays)",
      ).choices(["plain", "ohttp"]),
    )
    .option("--relay <url>", "one of the announced relays of Oblivious HTTP; else drawn each time")
    .option("--secret-file <file>", "restore: 64 hexadecimal digits of the secret")
    .action(async (o: InitOptions) => {
      const folder = await WalletFolder.open(o.folder, readPassphrase(o.passphraseFile ?? null));
      const curve = await createMclBn254();
      await withNode(o.rpc, async (provider) => {
        const deployment = await openDeployment(provider, o);
        const { utility, rpc, sizeClass, channel, relay } = o;
        // Nothing is written before the contract has confirmed what the utility serves.
        const pinned = await pin(
          provider,
          curve,
          { deployment, utility, sizeClass },
          folder.parameters,
        );
        const way = { ...(channel && { channel }), ...(relay && { relay }) };
        channelOf({ utility, ...way }, pinned);
        folder.writeConfig({ utility, rpc, sizeClass, meter: null, deployment, ...way });
      });
      const given = o.secretFile === undefined ? undefined : secretOf(o.secretFile);
      const secret = folder.secret(given);
      const account = addressOf(folder.derived("account"));
      const shown = given === undefined ? Buffer.from(secret).toString("hex") : null;
      if (o.json === true) return show(io, "init", { account, ...(shown && { secret: shown }) });
      io.out(`account  ${account}`);
      if (shown !== null) {
        io.out(`secret   ${shown}`);
        io.err("Write the secret down and keep it elsewhere: with it the money is restored.");
      }
    });
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
    if (o.json === true) show(io, "pair", { meter: paired.meter });
    else io.out(`paired with meter ${paired.meter}`);
  });
}

async function withdraw(
  wallet: OpenWallet,
  provider: RpcProvider,
  o: FundCommand,
  io: Io,
): Promise<void> {
  const { coins, units, costs } = await fund(wallet, provider, o, io);
  const transactions = costs.map(([what, cost]) => ({ what, ...cost }));
  if (o.json === true) show(io, "fund", { coins, units, transactions });
  else if (coins === 0) io.out("this month's coins are withdrawn already");
  else io.out(`${coins} coins worth ${units} units, to be spent from next month on`);
}

async function run(o: RunCommand, io: Io): Promise<void> {
  const folder = await WalletFolder.open(o.folder, readPassphrase(o.passphraseFile ?? null));
  if (folder.config.meter === null) {
    throw cliErrors.error("no-meter", "this wallet is not paired with a meter");
  }
  io.err(o.once === true ? "One round." : "Running until Ctrl-C.");
  await runWallet({
    folder,
    once: o.once === true,
    every: o.every * 1000,
    json: o.json === true,
    settler: (wallet, provider) => settlerOf(wallet, provider, o, io),
    io,
  });
}

/** A relayer, an account of one's own, or nobody: then bills are written to files. */
async function settlerOf(
  { config, curve }: OpenWallet,
  provider: RpcProvider,
  o: SettleCommand,
  io: Io,
): Promise<Settler | null> {
  if (o.relay !== undefined) return relaySettler(o.relay);
  const own = [o.keyFile, o.keystore, o.account, process.env.SIPSTER_PRIVATE_KEY];
  if (own.every((way) => way === undefined)) return null;
  const { deployment, rpc } = config;
  const sender = await openSender(provider, deployment, { ...o, rpc }, io);
  return ownSettler(sender, deployment, curve);
}

/** Of the books, or what `run` said last while it has them. */
async function status(o: Options, io: Io): Promise<void> {
  const folder = await WalletFolder.open(o.folder, readPassphrase(o.passphraseFile ?? null));
  const found = await withNode(folder.config.rpc, async (provider) => {
    const wallet = await openWallet(folder, provider);
    try {
      return await statusOf(wallet, provider);
    } finally {
      await wallet.store.close();
    }
  }).catch((error: unknown) => {
    const last = isSipsterError(error, "store/locked") ? folder.readStatus() : null;
    if (last === null) throw error;
    io.err("The wallet is running: this is what it said last.");
    return decodeStatus(last);
  });
  if (o.json === true) show(io, "status", found);
  else showStatus(found, io);
}

async function bill(
  wallet: OpenWallet,
  provider: RpcProvider,
  period: number,
  o: Options & { override?: true },
  io: Io,
): Promise<string | null> {
  const board = orderBoard(provider, wallet.config.deployment, wallet.pinned.terms, null);
  const meter = await wallet.meter();
  try {
    const file = await billOf(wallet, meter, period, o.override === true ? null : board);
    if (o.json === true) show(io, "bill", { period, file, waits: file === null });
    else if (file === null)
      io.out(`The bill of ${period} waits: \`sipster wallet status\` shows for what.`);
    else io.out(file);
    return file;
  } finally {
    meter.close();
  }
}

async function settle(
  wallet: OpenWallet,
  provider: RpcProvider,
  period: number,
  o: SettleCommand,
  io: Io,
): Promise<void> {
  const settler = await settlerOf(wallet, provider, o, io);
  if (settler === null) {
    const what = "nobody is named who pays for the transaction";
    throw cliErrors.error("bad-option", what, { option: "--relay" });
  }
  const file = await bill(wallet, provider, period, { ...o, json: undefined }, io);
  if (file === null) return;
  await settler.settle(readFileSync(file, "utf8"));
  const { meter } = parseBillFile(wallet.curve, readFileSync(file, "utf8"));
  const { deployment } = wallet.config;
  const tx = await settlementOf(provider, deployment, wallet.pinned.terms, { meter, period });
  if (o.json === true) show(io, "settle", { period, file, tx });
  else io.out(tx === null ? "handed in; not final yet" : `settled by ${tx}`);
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
