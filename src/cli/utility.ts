/** `sipster utility …`: the utility's program: keys, terms, counter and mint. */
import { hexToBytes } from "@noble/hashes/utils.js";
import type { Command } from "commander";
import { createMclBn254, toAddress } from "../algebra/index.js";
import { registerMeters, retireMeters } from "../chain/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import { creditAccount, leaveCredit } from "../mint/index.js";
import { addressOf, parseAddress, parseDenominations } from "../sipster/index.js";
import { nodeOptions, payOptions, recordOption } from "./chain-options.js";
import type { RegisterCommand } from "./command.js";
import { costLine } from "./cost-line.js";
import type { Io } from "./io.js";
import { month, wholeNumber } from "./option-values.js";
import { openAccounts, openCounter } from "./utility/counter.js";
import { registerGateway } from "./utility/gateway.js";
import { mintKeys } from "./utility/next-mint-keys.js";
import { nextReceiptKey } from "./utility/next-receipt-key.js";
import { noticeCommands } from "./utility/notices.js";
import { registerKeys } from "./utility/register.js";
import { serve, type ServeOptions } from "./utility/serve.js";
import {
  databaseOf,
  open,
  settingsOf,
  withChain,
  withSender,
  type ChainOptions,
  type Options,
} from "./utility/session.js";
import { terms } from "./utility/tariff.js";

const EXAMPLES = `Examples:
  sipster utility init --denominations 1,10,100,1000
  sipster utility register-key --rpc http://127.0.0.1:8545 --account 0xf39F…
  sipster utility tariff prices.json --time-zone Europe/Berlin --payee 0xf39F… --rpc … --account 0xf39F…
  sipster utility credit 0x7099… 5000 --reference "transfer 17" --rpc http://127.0.0.1:8545
  sipster utility serve --rpc http://127.0.0.1:8545 --port 8660
  sipster utility register-receipt-key --from 2027-03 --rpc … --account 0xf39F…
  sipster utility remove-meter 0x7099… --out notice.json --rpc …
  sipster utility network --relay https://relay.example/ --gateway https://gateway.example/ --rpc … --account 0xf39F…
  sipster utility gateway --utility http://127.0.0.1:8660 --port 8662
  sipster utility serve --rpc http://127.0.0.1:8545 --port 8660 --key-file mint.key
`;

const AFTER = `
The deployment names the notice signer for good: run \`init\` first, and deploy with
\`sipster deploy --notice-signer\` and the address that it prints. Roles are given by
\`sipster admin\`. Every subcommand takes --json: then stdout gets one document.`;

/** Payments are taken from the service alone; logs hold no token, coin or address of a home. */
export const registerUtility: RegisterCommand = (sub, io) => {
  sub.addHelpText("before", EXAMPLES).addHelpText("after", AFTER);
  const own = (name: string, says: string): Command =>
    sub
      .command(name)
      .description(says)
      .option("--folder <folder>", "the utility's folder", "utility")
      .option("--passphrase-file <file>", "its first line seals the keys (or SIPSTER_PASSPHRASE)")
      .option("--json", "one JSON document");
  const onChain = (name: string, says: string): Command =>
    recordOption(nodeOptions(own(name, says)));

  own("init", "Make the keys, each sealed in a file of its own.")
    .option("--denominations <list>", "units of the coins and tokens", "1,10,100,1000")
    .action((o: Options & { denominations: string }) => init(o, io));
  payOptions(
    onChain("register-key", "Register the receipt key with its notice, and the mint's keys."),
  ).action((o: ChainOptions) => register(o, io));
  nextReceiptKey(
    payOptions(onChain("register-receipt-key", "Register the receipt key of the next key epoch.")),
    io,
  );
  mintKeys(payOptions(onChain("register-mint-keys", "Register the mint's next keys.")), io);
  terms(payOptions(onChain("tariff", "Announce terms with this tariff.")), io);
  payOptions(onChain("register-meters", "Register meters by the addresses that sign their bills."))
    .argument("<address...>", "of the meters")
    .option("--from <month>", "first month that they bill", month, 0)
    .action((meters: string[], o: ChainOptions & { from: number }) => registerAll(meters, o, io));
  payOptions(onChain("retire-meter", "End a meter after a month that has not begun."))
    .argument("<address>", "of the meter")
    .requiredOption("--after <month>", "the last month that it bills", month)
    .action((meter: string, o: ChainOptions & { after: number }) => retire(meter, o, io));
  noticeCommands(onChain, io);
  onChain("credit", "Credit a payment to an account, once for each reference.")
    .argument("<account>", "the account's address, which the wallet shows")
    .argument("<units>", "units of money", wholeNumber(1))
    .requiredOption("--reference <text>", "of the payment: used again, it credits nothing")
    .option(
      "--database <url>",
      "PostgreSQL with the books; without it, `serve` takes the credit while it runs",
    )
    .action((account: string, units: number, o: CreditOptions) =>
      credit({ account, units, options: o, io }),
    );
  payOptions(onChain("serve", "Serve counter, mint, tariffs and public parameters, until Ctrl-C."))
    .option("--margin <seconds>", "sign nothing so shortly before a deadline", wholeNumber(0), 3600)
    .option("--every <seconds>", "between two looks at the vault", wholeNumber(1), 5)
    .option("--port <number>", "port to serve on; 0 for any that is free", wholeNumber(0), 8660)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--database <url>", "PostgreSQL for the books; files in the folder when absent")
    .option("--only <part>", "counter or mint, when they run apart on one database")
    .option("--gateway-port <number>", "serve the gateway as well, on this port", wholeNumber(0))
    .action((o: ServeOptions) => serve(o, io));
  registerGateway(own, onChain, io);
  onChain("status", "What was sold, and which terms are served.")
    .option("--database <url>", "PostgreSQL with the books; without it, stop `serve` first")
    .action((o: ChainOptions & { database?: string }) => status(o, io));
};

interface CreditOptions extends ChainOptions {
  readonly reference: string;
  readonly database?: string;
}

async function init(o: Options & { denominations: string }, io: Io): Promise<void> {
  const folder = await open(o);
  const { noticeKey, answerKey } = folder.makeSecrets(
    parseDenominations(o.denominations.split(",").map(Number)),
  );
  const made = { noticeSigner: addressOf(noticeKey), answerKey: addressOf(answerKey) };
  if (o.json === true) return void io.json({ format: "sipster/utility-init@1", ...made });
  io.out(`notice signer  ${made.noticeSigner}`);
  io.out(`answer key     ${made.answerKey}`);
  io.err(`next: sipster deploy --notice-signer ${made.noticeSigner} --rpc URL …`);
}

async function register(o: ChainOptions, io: Io): Promise<void> {
  const folder = await open(o);
  await withSender(o, io, async ({ deployment, sender }) => {
    const curve = await createMclBn254();
    const cost = await registerKeys({ folder, curve, deployment, sender });
    const { keyEpoch } = folder.secrets.receiptKey;
    if (o.json === true) io.json({ format: "sipster/utility-key@1", keyEpoch, mintKeys: cost });
    else io.out(`key epoch ${keyEpoch} and the mint's keys are registered`);
    if (o.json !== true && cost !== null) io.out(costLine("register the mint's keys", cost));
  });
}

async function registerAll(
  meters: readonly string[],
  o: ChainOptions & { from: number },
  io: Io,
): Promise<void> {
  await withSender(o, io, async ({ deployment, sender }) => {
    const all = meters.map(parseAddress);
    const done = await registerMeters({ sender, deployment, meters: all, validFrom: o.from });
    if (o.json === true) io.json({ format: "sipster/utility-meters@1", ...done });
    else io.out(`${meters.length} meters are registered`);
  });
}

async function retire(meter: string, o: ChainOptions & { after: number }, io: Io): Promise<void> {
  await withSender(o, io, async ({ deployment, sender }) => {
    const done = await retireMeters({
      sender,
      deployment,
      meters: [parseAddress(meter)],
      lastPeriod: o.after,
    });
    if (o.json === true) io.json({ format: "sipster/utility-meters@1", ...done });
    else io.out(`${meter} bills no month after ${o.after}`);
  });
}

async function credit({
  account,
  units,
  options: o,
  io,
}: {
  readonly account: string;
  readonly units: number;
  readonly options: CreditOptions;
  readonly io: Io;
}): Promise<void> {
  const folder = await open(o);
  await withChain(o, async (provider, deployment) => {
    const settings = { ...(await settingsOf(folder, deployment, provider)), ...databaseOf(o) };
    const note = { account, units, reference: o.reference };
    const format = "sipster/utility-credit@1";
    const opened = await openAccounts({ ...settings, clock: () => 0n }).catch((error: unknown) => {
      if (isSipsterError(error, "store/locked")) return null;
      throw error;
    });
    if (opened === null) {
      // The service has the books: it takes the credit.
      const taken = await leaveCredit(folder.path, note);
      if (o.json === true) io.json({ format, account, taken });
      else io.out(taken ? `${account} is credited` : `${account} is credited when \`serve\` runs`);
      return;
    }
    const [accounts, store] = opened;
    try {
      await creditAccount(accounts, note);
      const owner = toAddress(hexToBytes(parseAddress(account).slice(2)));
      const balance = await accounts.balance(owner);
      if (o.json === true) io.json({ format, account, taken: true, balance });
      else io.out(`${account} has ${balance} units`);
    } finally {
      await store.close();
    }
  });
}

async function status(o: ChainOptions & { database?: string }, io: Io): Promise<void> {
  const folder = await open(o);
  await withChain(o, async (provider, deployment) => {
    const opened = await openCounter({
      ...(await settingsOf(folder, deployment, provider)),
      ...databaseOf(o),
      clock: () => 0n,
    });
    try {
      const { units, receipts } = await opened.counter.sales();
      const terms = folder.terms.length;
      if (o.json === true) io.json({ format: "sipster/utility-status@1", units, receipts, terms });
      else io.out(`${receipts} receipts sold for ${units} units, under ${terms} terms`);
    } finally {
      await opened.close();
    }
  });
}
