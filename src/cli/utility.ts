/** `sipster utility …`: the utility's program: keys, terms, counter and mint. */
import { hexToBytes } from "@noble/hashes/utils.js";
import type { Command } from "commander";
import { createMclBn254, toAddress } from "../algebra/index.js";
import {
  latestBlock,
  registerMeters,
  retireMeters,
  systemOf,
  type ClockTerms,
  type Deployment,
  type RpcProvider,
} from "../chain/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import { serveUtility } from "../service/index.js";
import { addressOf, encodeParameters, parseAddress, parseDenominations } from "../sipster/index.js";
import { readTariff } from "../tariff/index.js";
import type { Counter } from "../utility/index.js";
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
import { month, wholeNumber } from "./option-values.js";
import type { RegisterCommand } from "./commands.js";
import { DeploymentClock } from "./deployment-clock.js";
import { cliErrors } from "./errors.js";
import { interrupted } from "./interrupted.js";
import type { Io } from "./io.js";
import { readPassphrase } from "./passphrase.js";
import { creditAccount, leaveCredit, takeCredits } from "./utility/credits.js";
import { openAccounts, openCounter } from "./utility/counter.js";
import { UtilityFolder } from "./utility/folder.js";
import { openGateway, registerGateway } from "./utility/gateway.js";
import { announce, registerKeys } from "./utility/register.js";
import { openVaultMint } from "./utility/vault-mint.js";

interface Options {
  readonly folder: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

type ChainOptions = Options & RecordOptions & PayOptions;

const EXAMPLES = `Examples:
  sipster utility init --denominations 1,10,100,1000
  sipster utility register-key --rpc http://127.0.0.1:8545 --account 0xf39F…
  sipster utility tariff prices.json --time-zone Europe/Berlin --payee 0xf39F… --rpc … --account 0xf39F…
  sipster utility credit 0x7099… 5000 --reference "transfer 17" --rpc http://127.0.0.1:8545
  sipster utility serve --rpc http://127.0.0.1:8545 --port 8660
  sipster utility network --relay https://relay.example/ --gateway https://gateway.example/ --rpc … --account 0xf39F…
  sipster utility gateway --utility http://127.0.0.1:8660 --port 8662
}

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
  terms(payOptions(onChain("tariff", "Announce terms with this tariff.")), io);
  payOptions(onChain("register-meters", "Register meters by the addresses that sign their bills."))
    .argument("<address...>", "of the meters")
    .option("--from <month>", "first month that they bill", month, 0)
    .action((meters: string[], o: ChainOptions & { from: number }) => registerAll(meters, o, io));
  payOptions(onChain("retire-meter", "End a meter after a month that has not begun."))
    .argument("<address>", "of the meter")
    .requiredOption("--after <month>", "the last month that it bills", month)
    .action((meter: string, o: ChainOptions & { after: number }) => retire(meter, o, io));
  onChain("credit", "Credit a payment to an account, once for each reference.")
    .argument("<account>", "the account's address, which the wallet shows")
    .argument("<units>", "units of money", wholeNumber(1))
    .requiredOption("--reference <text>", "of the payment: used again, it credits nothing")
    .option(
      "--database <url>",
      "PostgreSQL with the books; without it, `serve` takes the credit while it runs",
    )
    .action((account: string, units: number, o: CreditOptions) => credit(account, units, o, io));
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

interface ServeOptions extends ChainOptions {
  readonly margin: number;
  readonly every: number;
  readonly port: number;
  readonly host: string;
  readonly database?: string;
  readonly only?: string;
  readonly gatewayPort?: number;
}

interface CreditOptions extends ChainOptions {
  readonly reference: string;
  readonly database?: string;
}

const databaseOf = ({ database }: { readonly database?: string }) =>
  database === undefined ? {} : { database };

const open = (o: Options): Promise<UtilityFolder> =>
  UtilityFolder.open(o.folder, readPassphrase(o.passphraseFile ?? null));

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

async function withChain(
  o: ChainOptions,
  work: (provider: RpcProvider, deployment: Deployment) => Promise<void>,
): Promise<void> {
  await withNode(o.rpc, async (provider) => work(provider, await openDeployment(provider, o)));
}

async function register(o: ChainOptions, io: Io): Promise<void> {
  const folder = await open(o);
  await withChain(o, async (provider, deployment) => {
    const sender = await openSender(provider, deployment, o, io);
    await registerKeys({ folder, curve: await createMclBn254(), deployment, sender });
    const { keyEpoch } = folder.secrets.receiptKey;
    if (o.json === true) io.json({ format: "sipster/utility-key@1", keyEpoch });
    else io.out(`key epoch ${keyEpoch} and the mint's keys are registered`);
  });
}

async function registerAll(
  meters: readonly string[],
  o: ChainOptions & { from: number },
  io: Io,
): Promise<void> {
  await withChain(o, async (provider, deployment) => {
    const sender = await openSender(provider, deployment, o, io);
    const all = meters.map(parseAddress);
    const done = await registerMeters(sender, deployment, all, { validFrom: o.from });
    if (o.json === true) io.json({ format: "sipster/utility-meters@1", ...done });
    else io.out(`${meters.length} meters are registered`);
  });
}

async function retire(meter: string, o: ChainOptions & { after: number }, io: Io): Promise<void> {
  await withChain(o, async (provider, deployment) => {
    const sender = await openSender(provider, deployment, o, io);
    const done = await retireMeters(sender, deployment, [parseAddress(meter)], o.after);
    if (o.json === true) io.json({ format: "sipster/utility-meters@1", ...done });
    else io.out(`${meter} bills no month after ${o.after}`);
  });
}

interface RawTerms extends ChainOptions {
  readonly timeZone: string;
  readonly payee: string;
  readonly unit: number;
  readonly basket: number;
  readonly requests: number;
  readonly policy: string;
  readonly atPeriodEnd?: true;
  readonly timeShift: number;
  readonly clockBegins?: string;
  readonly lead: number;
  readonly from: number;
}

function terms(command: Command, io: Io): void {
  command
    .argument("<file>", "the tariff")
    .requiredOption("--time-zone <zone>", "whose months are the periods, e.g. Europe/Berlin")
    .requiredOption("--payee <address>", "whom coins are paid to")
    .option("--unit <minor units>", "money of one unit", wholeNumber(1), 1)
    .option("--basket <coins>", "coins of each denomination in a basket", wholeNumber(1), 30)
    .option(
      "--requests <number>",
      "that each wallet sends in a month, dummies included; 0: no dummies",
      wholeNumber(0),
      0,
    )
    .option("--policy <name>", "common-deadline or next-month", "common-deadline")
    .option("--at-period-end", "meters emit tokens at the period's end, as a binary number")
    .option("--time-shift <seconds>", "development: how far behind block time", wholeNumber(0), 0)
    .option("--clock-begins <date>", "development: what the clock shows now, in place of a shift")
    .option("--lead <months>", "as the settlement contract has it", wholeNumber(0), 2)
    .option("--from <month>", "first month they rule; left out for the first terms", month, 0)
    .action((file: string, o: RawTerms) => announceTariff(file, o, io));
}

/** Seconds that the deployment's clock is behind the chain's. */
async function shiftOf(provider: RpcProvider, o: RawTerms): Promise<number> {
  if (o.clockBegins === undefined) return o.timeShift;
  const shift = Number((await latestBlock(provider)).timestamp) - Date.parse(o.clockBegins) / 1000;
  if (shift >= 0) return Math.floor(shift);
  const what = `--clock-begins is "${o.clockBegins}" and must be a date before the chain's clock`;
  throw cliErrors.error("bad-option", what, { option: "--clock-begins" });
}

async function announceTariff(file: string, o: RawTerms, io: Io): Promise<void> {
  if (o.policy !== "common-deadline" && o.policy !== "next-month") {
    throw cliErrors.error("bad-option", `--policy is "${o.policy}"`, { option: "--policy" });
  }
  const folder = await open(o);
  const tariff = await readTariff(file);
  const { policy, timeZone, payee, basket, requests, lead } = o;
  await withChain(o, async (provider, deployment) => {
    const timeShift = await shiftOf(provider, o);
    const sender = await openSender(provider, deployment, o, io);
    const curve = await createMclBn254();
    const made = await announce(
      { folder, curve, deployment, sender },
      {
        tariff,
        timeZone,
        currency: tariff.currency,
        minorUnits: o.unit,
        payee: parseAddress(payee),
        basket,
        requests,
        emission: o.atPeriodEnd === true ? "at-period-end" : "as-it-accrues",
        policy,
        timeShift,
        lead,
      },
      o.from,
    );
    const tariffs = made.tariffs;
    if (o.json === true) io.json({ format: "sipster/utility-terms@1", from: o.from, tariffs });
    else io.out(`terms announced, with tariff ${tariffs.join(", ")}`);
  });
}

async function credit(account: string, units: number, o: CreditOptions, io: Io): Promise<void> {
  const folder = await open(o);
  await withChain(o, async (_provider, deployment) => {
    const settings = { ...(await settingsOf(folder, deployment)), ...databaseOf(o) };
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

async function settingsOf(folder: UtilityFolder, deployment: Deployment) {
  const current = folder.terms.at(-1);
  if (current === undefined) {
    throw cliErrors.error("no-utility", `${folder.path} holds no terms: announce a tariff first`);
  }
  const curve = await createMclBn254();
  return { folder, curve, system: systemOf(deployment), terms: current };
}

async function serve(o: ServeOptions, io: Io): Promise<void> {
  const folder = await open(o);
  const stop = interrupted();
  await withChain(o, async (provider, deployment) => {
    const settings = await settingsOf(folder, deployment);
    const { terms: current } = settings;
    const clock = await finalClock(provider, current);
    const isCounter = o.only !== "mint";
    const isMint = o.only !== "counter";
    const vault = isMint
      ? await openVaultMint({ ...o, ...databaseOf(o) }, { provider, deployment, ...settings }, io)
      : null;
    const opened = await openCounter({ ...settings, ...databaseOf(o), clock: clock.now });
    const { counter, accounts } = opened;
    const credits = takeCredits(folder.path, accounts, (text) => io.err(text));
    const served = await serveUtility(
      {
        parameters: () => {
          const { terms, networks: network } = folder;
          return Promise.resolve(encodeParameters({ terms, network }));
        },
        tariffs: folder.tariffs,
        ...(isCounter && { exchange: (request: Uint8Array) => counter.answer(request) }),
        ...(isMint && { withdraw: (order: Uint8Array) => accounts.withdraw(order) }),
        ...(vault && {
          submitDeposit: (request: Uint8Array, id: bigint) => vault.submit(request, id),
        }),
        health: { ready: () => Promise.resolve(clock.problem() ?? vault?.problem() ?? null) },
        version: "0.1.0",
        onDefect: (error) => io.err(`defect: ${error instanceof Error ? error.stack : "unknown"}`),
      },
      { port: o.port, host: o.host },
    );
    const gateway = await gatewayOf(folder, counter, o, io);
    const gatewayUrl = gateway?.url ?? null;
    if (o.json === true) {
      io.json({ format: "sipster/utility-server@1", url: served.url, gateway: gatewayUrl });
    } else {
      io.out(`utility  ${served.url}`);
      if (gatewayUrl !== null) io.out(`gateway  ${gatewayUrl}`);
    }
    io.err("Serving until Ctrl-C.");
    await stop;
    clock.stop();
    await gateway?.close();
    await served.close();
    await credits.close();
    await vault?.close();
    await opened.close();
  });
}

/** The gateway in this process, if one is wanted. */
async function gatewayOf(folder: UtilityFolder, counter: Counter, o: ServeOptions, io: Io) {
  const { gatewayPort: port, host } = o;
  if (port === undefined) return null;
  return openGateway(folder, (request) => counter.answer(request), { port, host, io });
}

/** Milliseconds between two looks at the last final block; of a development chain, whose clock may run fast. */
const CLOCK_PERIOD = 2000;
const FAST_CLOCK_PERIOD = 100;

/** The deployment's clock: the time of the last final block less the time shift. */
async function finalClock(provider: RpcProvider, terms: ClockTerms) {
  let problem: string | null = null;
  const clock = new DeploymentClock(provider, terms);
  await clock.read();
  const look = (): void => {
    clock.read().then(
      () => (problem = null),
      () => (problem = "the node does not give its last final block"),
    );
  };
  const timer = setInterval(look, terms.lead === 0 ? FAST_CLOCK_PERIOD : CLOCK_PERIOD);
  return {
    now: () => BigInt(clock.now),
    problem: () => problem,
    stop: () => {
      clearInterval(timer);
    },
  };
}

async function status(o: ChainOptions & { database?: string }, io: Io): Promise<void> {
  const folder = await open(o);
  await withChain(o, async (_provider, deployment) => {
    const opened = await openCounter({
      ...(await settingsOf(folder, deployment)),
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
