/** `sipster sealed`: bills computed on encrypted readings, with abnormal ones filtered. */
import { InvalidArgumentError, type Command } from "commander";
import { ExitCode, SipsterError } from "../errors/sipster-error.js";
import {
  exact,
  moneyText,
  parsePeriod,
  dayBounds,
  periodBounds,
  readReadings,
  type Home,
  type ReadingSet,
} from "../readings/index.js";
import { defaultTariff, readingsOfBill, readTariff, type Tariff } from "../tariff/index.js";
import {
  DEFAULT_POLICY,
  DEFAULT_TRUSTEES,
  defaultThreshold,
  MAX_READINGS,
  type Range,
  type Span,
} from "../sealed/index.js";
import type { RegisterCommand } from "./command.js";
import { cliErrors } from "./errors.js";
import { keptOptions } from "./reading-options.js";
import type { Io } from "./io.js";
import { wholeNumber } from "./option-values.js";
import { withNode } from "./chain-options.js";
import {
  chainHeads,
  memoryHeads,
  type HeadsOf,
  runSealed,
  BATCH,
  type Run,
  type SealedBill,
} from "../demo/sealed/index.js";
import type { FinalityRule } from "../sipster/index.js";
import { table } from "./table.js";

interface Options {
  readonly readings: string[];
  readonly tariff?: string;
  readonly period: string;
  readonly range: Range;
  readonly homes?: string[];
  readonly timeZone?: string;
  readonly mapping?: string;
  readonly trustees: number;
  readonly threshold?: number;
  readonly perReport: number;
  readonly minReadings: number;
  readonly minPerPrice: number;
  readonly roundPrices?: true;
  readonly billFlagged?: true;
  readonly stay?: readonly [string, string];
  readonly sums: number;
  readonly leastHomes: number;
  readonly rpc?: string;
  readonly heads?: string;
  readonly confirmations?: number;
  readonly json?: true;
}

const EXAMPLES = `Examples:
  sipster sealed --readings readings.csv --tariff tariff.json --period 2013-02 --range 0..5000
  sipster sealed --readings readings.csv --period 2013-02 --range 0..2500 --trustees 5 --threshold 3
  sipster sealed --readings readings.csv --period 2013-02 --range 0..5000 --homes 8143537 --json
  sipster sealed --readings readings.csv --period 2013-02 --range 0..5000 --stay 2013-02-03..2013-02-17
  sipster sealed --readings readings.csv --period 2013-02 --range 0..5000 --sums 48 --least-homes 25
  sipster sealed --readings readings.csv --period 2013-02 --range 0..5000 --rpc http://127.0.0.1:8545 --confirmations 0
`;

export const registerSealed: RegisterCommand = (sub, io, done) => {
  sub.addHelpText("before", EXAMPLES);
  inputOptions(sub);
  trusteeOptions(sub);
  policyOptions(sub);
  anchorOptions(sub);
  sub
    .option("--json", "one JSON document, format sipster/sealed@1")
    .action(async (options: Options, command) => {
      const threshold = options.threshold ?? defaultThreshold(options.trustees);
      if (threshold > options.trustees) {
        command.error(
          `error: --threshold ${threshold} is more than --trustees ${options.trustees}`,
        );
      }
      if (options.rpc === undefined && options.heads !== undefined) {
        command.error("error: --heads is a contract on the chain of --rpc, which is not given");
      }
      const isRight = await withHeads(options, io, (heads) =>
        sealed(options, { threshold, heads }, io),
      );
      if (!isRight) done(ExitCode.No);
    });
};

function inputOptions(sub: Command): void {
  sub
    .requiredOption("--readings <file...>", "files of meter readings")
    .option(
      "--tariff <file>",
      "tariff without prices that depend on consumption (default: an example)",
    )
    .requiredOption("--period <YYYY-MM>", "the month")
    .requiredOption("--range <LO..HI>", "readings that are normal, in watt-hours", range)
    .option("--homes <id...>", "these homes only")
    .option("--time-zone <zone>", "zone of local times that the files do not name")
    .option("--mapping <file>", "how tables are understood, as sipster readings keeps it");
}

function trusteeOptions(sub: Command): void {
  sub
    .option("--trustees <n>", "trustees who share the key", wholeNumber(1, 50), DEFAULT_TRUSTEES)
    .option(
      "--threshold <t>",
      "how many of them decrypt (default: the fewest that tolerate most)",
      wholeNumber(1, 50),
    )
    .option(
      "--per-report <count>",
      "readings in one report of a meter, up to a month",
      wholeNumber(1, MAX_READINGS),
      48,
    );
}

function policyOptions(sub: Command): void {
  sub
    .option("--min-readings <count>", "fewest readings of a bill", wholeNumber(1, 100_000), 48)
    .option(
      "--min-per-price <count>",
      "fewest readings that share a price",
      wholeNumber(1, 100_000),
      48,
    )
    .option("--round-prices", "round prices to levels that enough readings share")
    .option("--bill-flagged", "bill abnormal readings like others, in place of leaving them out")
    .option(
      "--stay <FROM..TO>",
      "bills of these days only, both included, opened by the meters in place of the trustees",
      days,
    )
    .option(
      "--sums <count>",
      "decrypt the homes' sum of the first intervals",
      wholeNumber(0, 2976),
      0,
    )
    .option(
      "--least-homes <count>",
      "fewest homes of a sum, those included that may be corrupt",
      wholeNumber(1, 100_000),
      DEFAULT_POLICY.minHonest + DEFAULT_POLICY.assumedCorrupt,
    );
}

function anchorOptions(sub: Command): void {
  sub
    .option("--rpc <url>", "anchor the trustees' logs on this node's chain, from its accounts")
    .option("--heads <address>", "the contract TrusteeHeads there (default: deploy one)")
    .option(
      "--confirmations <blocks>",
      "blocks after which an anchor is final (default: what the node calls finalized)",
      wholeNumber(0, 1000),
    );
}

/** Runs `work` with the place where trustees anchor their logs. */
async function withHeads<T>(
  { rpc, heads: contract, confirmations }: Options,
  io: Io,
  work: (heads: HeadsOf) => Promise<T>,
): Promise<T> {
  if (rpc === undefined) return work(memoryHeads);
  const finality: FinalityRule =
    confirmations === undefined
      ? { rule: "finalized" }
      : { rule: "confirmations", blocks: confirmations };
  return withNode(rpc, async (provider) => {
    const { address, heads } = await chainHeads(provider, finality, contract);
    io.err(`trustees anchor their logs in the contract ${address}`);
    return work(heads);
  });
}

/** Runs the command; is every home billed, and every bill and sum that of the plain readings? */
async function sealed(
  options: Options,
  { threshold, heads }: { readonly threshold: number; readonly heads: HeadsOf },
  io: Io,
): Promise<boolean> {
  const period = parsePeriod(options.period);
  const tariff = options.tariff === undefined ? defaultTariff : await readTariff(options.tariff);
  const read = await readReadings(options.readings, keptOptions(options, tariff));
  const set = readingsOfBill(read, tariff);
  const homes = homesOf({ set, wanted: options.homes, period, io });
  const run = await runSealed(homes, {
    period,
    tariff,
    range: options.range,
    trustees: options.trustees,
    threshold,
    perReport: options.perReport,
    stay: options.stay === undefined ? undefined : spanOf(options.stay, homes[0]!.timeZone),
    sums: options.sums,
    heads,
    policy: {
      ...DEFAULT_POLICY,
      minHonest: Math.max(1, options.leastHomes - DEFAULT_POLICY.assumedCorrupt),
      assumedCorrupt: Math.min(DEFAULT_POLICY.assumedCorrupt, options.leastHomes - 1),
      minReadings: options.minReadings,
      minPerPrice: options.minPerPrice,
    },
    roundPrices: options.roundPrices === true,
    billFlagged: options.billFlagged === true,
    progress: (text) => {
      io.err(text);
    },
  });
  if (run.fewestAtAPrice < DEFAULT_POLICY.minPerPrice) {
    io.err(
      `a price applies to ${run.fewestAtAPrice} readings of a home only: the bill says much about them (--min-per-price, --round-prices)`,
    );
  }
  if (options.json === true)
    io.json(document({ run, tariff, period, trustees: options.trustees, threshold }));
  else print({ io, run, tariff, perReport: options.perReport });
  return (
    run.bills.every((bill) => bill.amount === bill.clear) &&
    run.sums.every((sum) => sum.wattHours === sum.clear)
  );
}

/** Days of a zone, both included. */
function spanOf([first, last]: readonly [string, string], timeZone: string): Span {
  return {
    from: dayBounds(first, timeZone).from / 1000,
    to: dayBounds(last, timeZone).to / 1000,
  };
}

function days(text: string): readonly [string, string] {
  const [, first, last] = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/.exec(text) ?? [];
  const isDay = (day: string | undefined): day is string =>
    day !== undefined && !Number.isNaN(Date.parse(day));
  if (isDay(first) && isDay(last) && first <= last) return [first, last];
  throw new InvalidArgumentError("It is FIRST..LAST in days, such as 2013-02-03..2013-02-17.");
}

/** Homes with electricity readings in the period. @throws cli/no-homes */
function homesOf({
  set,
  wanted,
  period,
  io,
}: {
  readonly set: ReadingSet;
  readonly wanted: readonly string[] | undefined;
  readonly period: string;
  readonly io: Io;
}): Home[] {
  const known = set.homes.filter((h) => h.commodity === "electricity");
  const unknown = wanted?.find((id) => !known.some((h) => h.id === id));
  if (unknown !== undefined) {
    throw cliErrors.error("no-homes", `the files have no home "${unknown}"`, { home: unknown });
  }
  const chosen = known.filter((h) => wanted?.includes(h.id) ?? true);
  const homes = chosen.filter((h) => {
    const { from, to } = periodBounds(period, h.timeZone);
    return [h.intervals, h.exported].some((c) => c.between(from, to).length > 0);
  });
  if (homes.length === 0) {
    throw cliErrors.error("no-homes", `no home has a reading in ${period}`, { period });
  }
  const without = chosen.filter((h) => !homes.includes(h)).map((h) => h.id);
  if (without.length > 0) {
    io.err(`without readings in ${period}, left out: ${without.join(", ")}`);
  }
  return homes;
}

function amountText({ amount }: SealedBill, tariff: Tariff): string | null {
  return amount instanceof SipsterError ? null : moneyText(exact(amount), tariff.minorDigits);
}

function document({
  run,
  tariff,
  period,
  trustees,
  threshold,
}: {
  readonly run: Run;
  readonly tariff: Tariff;
  readonly period: string;
  readonly trustees: number;
  readonly threshold: number;
}) {
  return {
    format: "sipster/sealed@1",
    period,
    currency: tariff.currency,
    homes: run.bills.map((bill) => ({
      home: bill.home,
      intervals: bill.intervals,
      flagged: bill.flagged.map((start) => new Date(start).toISOString()),
      amount: amountText(bill, tariff),
      clear: moneyText(exact(bill.clear), tariff.minorDigits),
      ...(bill.amount instanceof SipsterError ? { refused: bill.amount.code } : {}),
    })),
    sums: run.sums.map(({ start, wattHours, clear }) => ({
      start: new Date(start).toISOString(),
      wh: wattHours instanceof SipsterError ? null : Number(wattHours),
      clear: clear === null ? null : Number(clear),
      ...(wattHours instanceof SipsterError ? { refused: wattHours.code } : {}),
    })),
    trustees,
    threshold,
    tolerated: run.tolerated,
    bytes: { report: run.reportBytes },
    timings: run.timings,
  };
}

function print({
  io,
  run,
  tariff,
  perReport,
}: {
  readonly io: Io;
  readonly run: Run;
  readonly tariff: Tariff;
  readonly perReport: number;
}): void {
  const right = "right" as const;
  io.out(
    table(
      [
        { head: "home" },
        { head: "readings", align: right },
        { head: "abnormal", align: right },
        { head: `bill, ${tariff.currency}`, align: right },
        { head: "in the clear", align: right },
        { head: "" },
      ],
      run.bills.map((bill) => [
        bill.home,
        `${bill.intervals}`,
        `${bill.flagged.length}`,
        amountText(bill, tariff) ?? "refused",
        moneyText(exact(bill.clear), tariff.minorDigits),
        verdict(bill),
      ]),
      io.tableWidth,
    ),
  );
  for (const { start, wattHours, clear } of run.sums) {
    const at = new Date(start).toISOString().slice(0, 16);
    const sum = wattHours instanceof SipsterError ? wattHours.code : `${wattHours} Wh`;
    const verdict = wattHours === clear ? "equal" : "no sum, or DIFFERENT";
    io.out(`all homes at ${at} (UTC): ${sum}, in the clear ${clear ?? "incomplete"}: ${verdict}`);
  }
  for (const bill of run.bills) {
    if (bill.flagged.length === 0) continue;
    const starts = bill.flagged.map((start) => new Date(start).toISOString().slice(0, 16));
    const shown = starts.slice(0, 6).join(" ");
    const more = starts.length > 6 ? ` and ${starts.length - 6} more` : "";
    io.out(`\n${bill.home}, abnormal: ${shown}${more} (UTC)`);
  }
  const { encryptUs, proveMs, verifyMs, batchVerifyMs, decryptMs } = run.timings;
  const of = perReport === 1 ? "one reading" : `${perReport} readings`;
  io.out(
    `\nA report of ${of}: ${run.reportBytes} bytes, ${proveMs.toFixed(1)} ms to make, ${verifyMs.toFixed(1)} ms to check, ${batchVerifyMs.toFixed(2)} ms among ${BATCH}.`,
  );
  io.out(
    `Encrypting a reading: ${encryptUs.toFixed(0)} µs. A bill from the trustees' answers: ${decryptMs.toFixed(1)} ms.`,
  );
}

function verdict({ amount, clear }: SealedBill): string {
  if (amount instanceof SipsterError) return amount.code;
  return amount === clear ? "equal" : "DIFFERENT";
}

function range(text: string): Range {
  const match = /^(-?\d+)\.\.(-?\d+)$/.exec(text);
  if (match === null)
    throw new InvalidArgumentError("It is LO..HI in watt-hours, such as 0..5000.");
  const [lo, hi] = [BigInt(match[1]!), BigInt(match[2]!)];
  if (lo > hi || hi - lo >= 1n << 32n) {
    throw new InvalidArgumentError("LO is at most HI, and they are less than 2^32 apart.");
  }
  return { lo, hi };
}
