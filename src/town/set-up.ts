/**
 * Setting a town up, by the commands that a person would type: each role's folder, the contracts, the
 * coins, and the pairing of each wallet with its meter.
 */
import { mkdirSync } from "node:fs";
import { addPeriods } from "../sipster/index.js";
import { MONEY_DENOMINATOR } from "../readings/index.js";
import { monthBounds } from "../tariff/index.js";
import { periodNumber, type Households } from "../demo/index.js";
import { connectRpc, type RpcProvider } from "../chain/index.js";
import { ChainClock } from "./chain-clock.js";
import { namedDatabase, OWN, ownDatabase, type TownDatabase } from "./database.js";
import type { TownFolder } from "./folder.js";
import { writeHomes, type TownHome } from "./homes.js";
import { TownProcess, type ProcessSpec, type Role } from "./process.js";
import { freePorts } from "./free-ports.js";

export interface TownSettings {
  readonly folder: TownFolder;
  readonly homes: Households;
  readonly kills: number;
  /**
   * URL of an empty PostgreSQL, or `own` for one that the town keeps: then two instances of the utility share it, and payments go through a gateway
   * and a relay of Oblivious HTTP. Files, one instance and plain HTTP when absent.
   */
  readonly database?: string;
  readonly seed: string;
  /** Runs `sipster ARGS… --json` in this process. @returns its document @throws for another exit code */
  readonly sipster: (args: readonly string[]) => Promise<unknown>;
  /** How a process of `sipster` is started. */
  readonly command: readonly string[];
  readonly say: (text: string) => void;
}

export interface Town {
  readonly settings: TownSettings;
  readonly period: number;
  readonly homes: readonly TownHome[];
  readonly processes: readonly TownProcess[];
  readonly provider: RpcProvider;
  readonly clock: ChainClock;
  /** `null`: books in files. */
  readonly database: TownDatabase | null;
  of(role: Role, home?: number): TownProcess;
}

/** Coins of each denomination beyond what the largest bill of the month takes. */
const SPARE_COINS = 10;
const LARGEST = 1000;
const DENOMINATIONS = [1, 10, 100, LARGEST];

/** Coins are withdrawn on this day of the month before, at noon: they are spent from the next month on. */
const FUNDING_DAY = 28;

/**
 * Starts every process and sets it up; the clock stands at the beginning of the month.
 * @param started told of each process at once, so that it can be stopped after any failure
 */
export async function setUp(
  settings: TownSettings,
  started: (process: TownProcess) => void,
): Promise<Town> {
  const { folder, homes: households } = settings;
  const homes = writeHomes(folder, households);
  const ports = portsOf(await freePorts(7 + homes.length));
  const processes: TownProcess[] = [];
  const launch = launcher(settings, (process) => {
    processes.push(process);
    started(process);
  });
  const database = await openDatabase(settings, launch);
  const { rpc, accounts } = await startChain(launch, ports.chain);
  const provider = await connectRpc(rpc);
  const town: Town = {
    settings,
    period: periodNumber(households.period),
    homes,
    processes,
    provider,
    database,
    clock: await ChainClock.of(provider),
    of: (role, home) => processes.find((p) => p.spec.role === role && p.spec.home === home)!,
  };
  const chained = ["--rpc", rpc, "--deployments", folder.at("deployments")];
  await deploy(town, chained, accounts[0]!);
  await startServices(town, launch, { ports, chained, accounts });
  for (const home of homes) await fund({ town, home, chained, utilityPort: ports.utility });
  const { from } = monthBounds(town.period, households.timeZone);
  await town.clock.advanceTo(from / 1000);
  const meters = await Promise.all(
    homes.map(async ({ number }, i) => {
      const port = ports.meters[i]!;
      await startMeter(town, launch, { number, port, rpc });
      return pair(town, { number, port });
    }),
  );
  await register({ town, meters, chained, account: accounts[0]! });
  await Promise.all(
    homes.map(({ number }) => startWallet({ town, launch, number, relayPort: ports.relay })),
  );
  return town;
}

interface Ports {
  readonly chain: number;
  readonly utility: number;
  readonly relay: number;
  readonly second: number;
  readonly gateway: number;
  readonly secondGateway: number;
  readonly oblivious: number;
  readonly meters: readonly number[];
}

function portsOf(free: readonly number[]): Ports {
  const [chain, utility, relay, second, gateway, secondGateway, oblivious, ...meters] = free;
  return {
    ...{ chain: chain!, utility: utility!, relay: relay!, second: second!, gateway: gateway! },
    ...{ secondGateway: secondGateway!, oblivious: oblivious!, meters },
  };
}

/** @param started told of each process before it is started */
function launcher(
  { folder, command }: TownSettings,
  started: (process: TownProcess) => void,
): Launch {
  return async (spec) => {
    const name = spec.home === undefined ? spec.role : `${spec.role}-${spec.home}`;
    const process = new TownProcess({ ...spec, log: folder.at("logs", `${name}.log`) }, command);
    started(process);
    process.start();
    await process.until();
    return process;
  };
}

async function startChain(
  launch: Launch,
  port: number,
): Promise<{ readonly rpc: string; readonly accounts: readonly string[] }> {
  const chain = await launch({
    role: "chain",
    args: ["town", "chain", "--port", `${port}`, "--json"],
    port,
    ready: "sipster/town-chain@1",
  });
  return chain.documents.get("sipster/town-chain@1") as unknown as {
    rpc: string;
    accounts: string[];
  };
}

/** @throws town/database-in-use, and what the store and the process throw */
async function openDatabase(
  { database: named }: TownSettings,
  launch: Launch,
): Promise<TownDatabase | null> {
  if (named === undefined) return null;
  if (named !== OWN) return namedDatabase(named);
  const args = ["town", "database", "--json"];
  const ready = "sipster/town-database@1";
  return ownDatabase(await launch({ role: "database", args, port: 0, ready }));
}

interface Services {
  readonly ports: Ports;
  readonly chained: readonly string[];
  readonly accounts: readonly string[];
}

/** The utility and the relayer; over a database, both instances and the relay of Oblivious HTTP. */
async function startServices(
  town: Town,
  launch: Launch,
  { ports, chained, accounts }: Services,
): Promise<void> {
  const { folder, sipster } = town.settings;
  const { database } = town;
  const books = booksOf(town);
  const queue = database === null ? ["--queue", folder.at("relay", "queue")] : books;
  const served = ["--host", "127.0.0.1", "--json", ...chained];
  const gateways = [ports.gateway, ports.secondGateway].map((port) => `http://127.0.0.1:${port}/`);
  const utility = (role: "utility" | "utility-2", port: number, gateway: number) =>
    launch({
      role,
      args: [
        ...["utility", "serve", ...own(folder, "utility"), "--port", `${port}`, ...served],
        ...[...books, ...(database === null ? [] : ["--gateway-port", `${gateway}`])],
      ],
      port,
      ready: "sipster/utility-server@1",
    });
  if (database !== null) {
    await sipster([
      ...["utility", "network", "--relay", `http://127.0.0.1:${ports.oblivious}/`],
      ...["--gateway", gateways[0]!, ...own(folder, "utility"), "--account", accounts[0]!],
      ...chained,
    ]);
  }
  await Promise.all([
    utility("utility", ports.utility, ports.gateway),
    launch({
      role: "relay",
      args: [
        ...["relay", "--port", `${ports.relay}`, ...queue, "--delay", "0", "--rate", "6000"],
        ...["--account", accounts[1]!, ...served],
      ],
      port: ports.relay,
      ready: "sipster/relay-server@1",
    }),
  ]);
  if (database === null) return;
  await utility("utility-2", ports.second, ports.secondGateway);
  await launch({
    role: "relay-ohttp",
    args: ["relay-ohttp", "--gateway", ...gateways, "--port", `${ports.oblivious}`, "--json"],
    port: ports.oblivious,
    ready: "sipster/relay-ohttp-server@1",
  });
}

type Launch = (spec: Omit<ProcessSpec, "log">) => Promise<TownProcess>;

/** Where the utility's books are, for a command beside its processes. */
export function booksOf({ database }: Pick<Town, "database">): string[] {
  return database === null ? [] : ["--database", database.url];
}

function own(folder: TownFolder, name: string): string[] {
  return ["--folder", folder.at(name), ...folder.passphrase];
}

/** Contracts, keys and terms. The deployment's clock begins in the month before, of any year. */
async function deploy(town: Town, chained: string[], account: string): Promise<void> {
  const { settings, clock, period } = town;
  const { folder, sipster, homes } = settings;
  await folder.keyring(folder.at("utility"));
  const list = DENOMINATIONS.join(",");
  const { noticeSigner } = (await sipster([
    ...["utility", "init", ...own(folder, "utility"), "--denominations", list],
  ])) as { noticeSigner: string };
  const pays = ["--account", account];
  await sipster(["deploy", "--notice-signer", noticeSigner, "--lead", "0", ...pays, ...chained]);
  await sipster(["utility", "register-key", ...own(folder, "utility"), ...pays, ...chained]);
  const before = addPeriods(period, -1);
  const day = Date.UTC(Math.floor(before / 100), (before % 100) - 1, FUNDING_DAY, 12) / 1000;
  const shift = Math.max(0, (await clock.chainTime()) - day);
  const tariff = folder.writeTariff(homes.tariff);
  await sipster([
    ...["utility", "tariff", tariff, ...own(folder, "utility"), ...pays, ...chained],
    ...["--time-zone", homes.timeZone, "--payee", account, "--lead", "0"],
    ...["--time-shift", String(shift), "--basket", String(basketOf(homes))],
  ]);
  clock.timeShift = shift;
  await clock.advanceTo(day);
}

/** Coins of each denomination in a basket: one size class, which holds the largest bill of the month. */
function basketOf({ households }: Households): number {
  const owed = households.map(({ charges }) =>
    [...charges()].reduce((sum, { charge }) => sum + charge.numerator, 0n),
  );
  const most = owed.reduce((a, b) => (b > a ? b : a), 0n);
  return Number(most / (MONEY_DENOMINATOR * BigInt(LARGEST))) + SPARE_COINS;
}

async function fund({
  town,
  home: { number },
  chained,
  utilityPort,
}: {
  readonly town: Town;
  readonly home: TownHome;
  readonly chained: string[];
  readonly utilityPort: number;
}): Promise<void> {
  const { folder, sipster, homes } = town.settings;
  const wallet = own(folder, `homes/${number}/wallet`);
  await folder.keyring(folder.home(number, "wallet"));
  const { account } = (await sipster([
    ...["wallet", "init", ...wallet, "--utility", `http://127.0.0.1:${utilityPort}`, ...chained],
  ])) as { account: string };
  // A wallet begins with two baskets.
  const units = 2 * basketOf(homes) * DENOMINATIONS.reduce((sum, d) => sum + d, 0);
  await sipster([
    ...["utility", "credit", account, String(units), "--reference", `home ${number}`],
    ...[...own(folder, "utility"), ...chained, ...booksOf(town)],
  ]);
  await sipster(["wallet", "fund", ...wallet]);
}

async function startMeter(
  { settings: { folder, sipster } }: Town,
  launch: Launch,
  { number, port, rpc }: { number: number; port: number; rpc: string },
): Promise<void> {
  const dir = folder.home(number, "meter");
  const terms = folder.at("utility", "terms", "0.json");
  mkdirSync(dir, { mode: 0o700 });
  await sipster([
    ...["meter", "init", "--dir", dir, "--terms", terms, "--tariff", folder.at("tariff.json")],
  ]);
  const source = `file:${folder.home(number, "readings.csv")}`;
  await launch({
    role: "meter",
    home: number,
    args: ["meter", "run", "--dir", dir, "--source", source, "--follow", rpc].concat([
      "--port",
      String(port),
      "--json",
    ]),
    port,
    ready: "sipster/meter@1",
  });
}

/** By the code that the meter shows once. @returns the meter's address */
async function pair(
  town: Town,
  { number, port }: { number: number; port: number },
): Promise<string> {
  const { folder, sipster } = town.settings;
  const { code } = town.of("meter", number).documents.get("sipster/meter@1") as unknown as {
    code: string;
  };
  const meter = ["--meter", `127.0.0.1:${port}`];
  const wallet = own(folder, `homes/${number}/wallet`);
  const paired = await sipster(["wallet", "pair", code, ...wallet, ...meter]);
  return (paired as { meter: string }).meter;
}

async function register({
  town,
  meters,
  chained,
  account,
}: {
  readonly town: Town;
  readonly meters: readonly string[];
  readonly chained: string[];
  readonly account: string;
}): Promise<void> {
  const { sipster, folder } = town.settings;
  const from = String(town.period);
  await sipster([
    ...["utility", "register-meters", ...meters, "--from", from, "--account", account],
    ...[...own(folder, "utility"), ...chained],
  ]);
}

/** Milliseconds matter here: each step of the clock waits until every wallet has looked at it. */
const LOOK_EVERY = "0.05";

async function startWallet({
  town: {
    settings: { folder },
  },
  launch,
  number,
  relayPort,
}: {
  readonly town: Town;
  readonly launch: Launch;
  readonly number: number;
  readonly relayPort: number;
}): Promise<void> {
  await launch({
    role: "wallet",
    home: number,
    args: ["wallet", "run", ...own(folder, `homes/${number}/wallet`), "--every", LOOK_EVERY].concat(
      ["--relayer", `http://127.0.0.1:${relayPort}`, "--json"],
    ),
    port: 0,
    out: folder.home(number, "rounds.jsonl"),
    ready: "sipster/wallet-round@1",
  });
}
