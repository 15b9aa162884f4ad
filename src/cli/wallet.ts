/** `sipster wallet …`: the resident's program. */
import type { Command } from "commander";
import { isSipsterError } from "../errors/sipster-error.js";
import { pairWithMeter } from "../meter/index.js";
import { payOptions, withNode } from "./chain-options.js";
import type { RegisterCommand } from "./command.js";
import type { Io } from "./io.js";
import { openLog } from "./log.js";
import { month, seconds } from "./option-values.js";
import { forgetCommand } from "./wallet/forget.js";
import { fund, type FundOptions } from "./wallet/fund.js";
import { initCommand } from "./wallet/init.js";
import { openWallet } from "./wallet/open-wallet.js";
import { keepMeter, numbersForPairing } from "./wallet/paired-meter.js";
import { meterCommands } from "./wallet/meter-commands.js";
import { backupCommands } from "./wallet/restore.js";
import { runWallet } from "./wallet/run.js";
import {
  openFolder,
  options,
  show,
  withWallet,
  type Options,
  type WalletWork,
} from "./wallet/session.js";
import { settleMonth, waysOf, writeBills, type SettleOptions } from "./wallet/settle.js";
import { decodeStatus, showStatus, statusOf } from "./wallet/status.js";
import { takeBackCommands } from "./wallet/take-back.js";

type FundCommand = Options & FundOptions;

interface RunCommand extends SettleOptions {
  readonly once?: true;
  readonly every: number;
}

const EXAMPLES = `Examples:
  sipster wallet init --utility http://127.0.0.1:8660 --rpc http://127.0.0.1:8545
  sipster wallet pair 7KQ2M-… --meter 127.0.0.1:7117
  sipster wallet fund
  sipster wallet fund --vault --key-file payer.key
  sipster wallet fund --files withdrawals
  sipster wallet refund --key-file payer.key
  sipster wallet run --relayer http://127.0.0.1:8646
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
  initCommand(sub.command("init"), io);
  const own = (name: string, says: string): Command => options(sub.command(name).description(says));
  const settling = (name: string, says: string): Command =>
    payOptions(own(name, says))
      .option("--relayer <url>", "hand bills to a relayer, whose account pays")
      .option("--deployments <folder>", "where transactions under way are kept", "deployments");
  own("pair", "Pair with the meter by the code that it shows once.")
    .argument("<code>")
    .requiredOption("--meter <host:port>", "where the meter answers")
    .action((code: string, o: Options & { meter: string }) => pair(code, o, io));
  payOptions(own("fund", "Withdraw this month's coins from the account with the utility."))
    .option("--vault", "deposit in the vault instead, from an account of your own")
    .option("--files <folder>", "by files instead: write requests, and read the mint's answers")
    .option("--once", "with --vault: look once, and go on when run again")
    .option("--deployments <folder>", "where transactions under way are kept", "deployments")
    .action((o: FundCommand) =>
      withWallet(o, (w, p) => withdraw({ wallet: w, provider: p, options: o, io })),
    );
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
      withWallet(
        o,
        async (w, p) => void (await writeBills({ wallet: w, provider: p, period, options: o, io })),
      ),
    );
  settling("settle", "Settle the bill of a month, by a relayer or with an account of your own.")
    .argument("<month>", "the month", month)
    .option(
      "--override",
      "though orders on the board are not answered: settling shows that yours are",
    )
    .action((period: number, o: SettleOptions) =>
      withWallet(o, (w, p) => settleMonth({ wallet: w, provider: p, period, options: o, io })),
    );
  meterCommands(own, io);
  backupCommands(own, io);
  forgetCommand(own, io);
};

async function pair(code: string, o: Options & { meter: string }, io: Io): Promise<void> {
  await withWallet(o, async ({ folder, config, store, pinned, resident }) => {
    const [host, port] = o.meter.split(":");
    const meter = { host: host!, port: Number(port) };
    const residentShare = folder.derived("meter-share");
    const announced = pinned.announced.map(({ terms }) => terms);
    const numbers = await numbersForPairing(store, resident, pinned.terms.denominations);
    const pairing = { code, residentShare, terms: pinned.terms, announced, ...numbers };
    const paired = await pairWithMeter(meter, pairing, async (p) => {
      await keepMeter(store, p);
      await resident.pairedWith(p.meter);
    });
    folder.writeConfig({ ...config, meter });
    if (o.json === true) show(io, "pair", { meter: paired.meter });
    else io.out(`paired with meter ${paired.meter}`);
  });
}

async function withdraw({
  wallet,
  provider,
  options: o,
  io,
}: WalletWork<FundCommand>): Promise<void> {
  const { coins, units, costs } = await fund({ wallet, provider, options: o, io });
  const transactions = costs.map(([what, cost]) => ({ what, ...cost }));
  if (o.json === true) show(io, "fund", { coins, units, transactions });
  else if (coins === 0) io.out("this month's coins are withdrawn already");
  else io.out(`${coins} coins worth ${units} units, to be spent from next month on`);
}

async function run(o: RunCommand, io: Io): Promise<void> {
  const folder = await openFolder(o);
  openLog(io, o.json === true).info(o.once === true ? "One round." : "Running until Ctrl-C.");
  await runWallet({
    folder,
    once: o.once === true,
    every: o.every * 1000,
    json: o.json === true,
    ways: (wallet, provider) => waysOf({ wallet, provider, options: o, io }),
    io,
  });
}

/** Of the books, or what `run` said last while it has them. */
async function status(o: Options, io: Io): Promise<void> {
  const folder = await openFolder(o);
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
