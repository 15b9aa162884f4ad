/** `sipster ledger`: a public consumption ledger with dynamic prices that everybody recomputes. */
import { InvalidArgumentError, Option } from "commander";
import { ExitCode } from "../errors/sipster-error.js";
import { generateHomes, readReadings, type ReadingSet } from "../readings/index.js";
import { readingsOfBill, readTariff, type Tariff } from "../tariff/index.js";
import { keptOptions } from "./reading-options.js";
import type { RegisterCommand } from "./command.js";
import type { Io } from "./io.js";
import { wholeNumber } from "./option-values.js";
import {
  CHEATS,
  type Cheat,
  homeTable,
  type Days,
  priceByLoad,
  priceByTariff,
  runLedger,
} from "../demo/ledger/index.js";
import { ledgerDocument, printLedger } from "./ledger/report.js";

interface Options {
  readonly readings?: string[];
  readonly homes?: number;
  readonly period: Days;
  readonly timeZone?: string;
  readonly mapping?: string;
  readonly tariff?: string;
  readonly relays: number;
  readonly hops: number;
  readonly rounds: number;
  readonly k: number;
  readonly cheat?: Cheat;
  readonly direct?: true;
  readonly rpc?: string;
  readonly json?: true;
}

/** A run of fewer homes stays in this thread. */
const THREADS_FROM = 100;
const THREADS = 2;

const EXAMPLES = `Examples:
  sipster ledger --readings readings.csv --period 2013-02-05
  sipster ledger --readings readings.csv --period 2013-02-05..2013-02-06 --tariff prices.csv
  sipster ledger --readings readings.csv --period 2013-02-05 --cheat drop
  sipster ledger --readings readings.csv --period 2013-02-05 --direct
  sipster ledger --homes 40 --period 2026-03-01 --relays 8 --k 5 --json > ledger.json
`;

export const registerLedger: RegisterCommand = (sub, io, done) => {
  sub
    .addHelpText("before", EXAMPLES)
    .option("--readings <file...>", "files of meter readings")
    .option("--homes <count>", "made-up homes in place of files", wholeNumber(1, 10_000))
    .requiredOption("--period <YYYY-MM-DD[..YYYY-MM-DD]>", "the day, or first and last day", days)
    .option("--time-zone <zone>", "zone of local times that the files do not name")
    .option("--mapping <file>", "how tables are understood, as sipster readings keeps it")
    .option("--tariff <file>", "prices announced in advance (default: by the load)")
    .option("--relays <count>", "relays, each in a home", wholeNumber(1, 1000), 5)
    .option("--hops <count>", "relays on a route", wholeNumber(1, 10), 3)
    .option("--rounds <count>", "packets a home sends in an interval", wholeNumber(1, 10), 2)
    .option(
      "--k <homes>",
      "fewest homes behind a parcel size that is published",
      wholeNumber(1, 256),
      3,
    )
    .addOption(
      new Option(
        "--cheat <what>",
        "do this wrong in the last interval, to see who notices",
      ).choices(CHEATS),
    )
    .option("--direct", "residents ask the provider for their bill rows, through the relays")
    .option("--rpc <url>", "development node to deploy to (default: a chain in this process)")
    .option("--json", "one JSON document, format sipster/ledger@1")
    .action(async (options: Options, command) => {
      if ((options.readings === undefined) === (options.homes === undefined)) {
        command.error("error: give either --readings FILE or --homes COUNT");
      }
      const right = await ledger(options, io);
      if (!right) done(ExitCode.No);
    });
};

/** Runs the command; is every page right, and every cheat noticed and proved? */
async function ledger(options: Options, io: Io): Promise<boolean> {
  const tariff = options.tariff === undefined ? undefined : await readTariff(options.tariff);
  const set = await readingsOf(options, tariff);
  const homes = homeTable(set, options.period);
  const price = tariff === undefined ? priceByLoad(homes) : priceByTariff(tariff, homes);
  const outcome = await runLedger(homes, {
    relays: options.relays,
    hops: options.hops,
    rounds: options.rounds,
    leastHomes: options.k,
    price,
    direct: options.direct === true,
    cheat: options.cheat,
    rpc: options.rpc,
    threads: homes.homes.length < THREADS_FROM ? 0 : THREADS,
    progress: (text) => {
      io.err(text);
    },
  });
  if (options.json === true) io.json(ledgerDocument(outcome, options.hops));
  else printLedger({ io, homes, outcome, hops: options.hops });
  return outcome.unexpected.length === 0 && outcome.cheats.every((c) => c.transaction !== null);
}

async function readingsOf(options: Options, tariff: Tariff | undefined): Promise<ReadingSet> {
  const { readings, homes, period } = options;
  const kept = keptOptions(options, tariff);
  const months = [period.first.slice(0, 7), period.last.slice(0, 7)] as const;
  const zone = kept.timeZone === undefined ? {} : { timeZone: kept.timeZone };
  const set =
    readings === undefined
      ? generateHomes({ homes: homes!, period: months, seed: "sipster ledger", ...zone })
      : await readReadings(readings, kept);
  return tariff === undefined ? set : readingsOfBill(set, tariff);
}

function days(text: string): Days {
  const [, first, last = first] = /^([\d-]{10})(?:\.\.([\d-]{10}))?$/.exec(text) ?? [];
  if (first === undefined || last! < first) {
    throw new InvalidArgumentError("It is a day, or two in order, such as 2013-02-05..2013-02-06.");
  }
  return { first, last: last! };
}
