/** `sipster aggregate`: the neighbourhood's load, interval by interval, without any home's. */
import { createHash } from "node:crypto";
import { InvalidArgumentError, Option } from "commander";
import { RECOMMENDED_GROUP } from "../aggregation/index.js";
import { createMclBn254 } from "../algebra/index.js";
import { ExitCode } from "../errors/sipster-error.js";
import { generateHomes, readReadings } from "../readings/index.js";
import { dailyMeans, drawDay } from "./aggregate/chart.js";
import { compareSchemes, comparisonText, type SchemeFigures } from "./aggregate/comparison.js";
import {
  allExact,
  runAggregation,
  type Run,
  type Scheme,
  MAX_WATT_HOURS,
  slotTable,
  withFailures,
  type SlotTable,
} from "../demo/aggregate/index.js";
import { keptOptions } from "./reading-options.js";
import type { RegisterCommand } from "./command.js";
import type { Io } from "./io.js";
import { wholeNumber } from "./option-values.js";
import { table } from "./table.js";

interface Options {
  readonly readings?: string[];
  readonly homes?: number;
  readonly period?: string;
  readonly timeZone?: string;
  readonly mapping?: string;
  readonly scheme: Scheme;
  readonly group: number;
  readonly steps?: number;
  readonly largest: number;
  readonly fail: number;
  readonly check?: true;
  readonly json?: true;
}

const EXAMPLES = `Examples:
  sipster aggregate --readings readings.csv --check
  sipster aggregate --readings readings.csv --period 2013-02 --fail 0.1 --check
  sipster aggregate --homes 20 --period 2026-11 --scheme dmcfe
  sipster aggregate --homes 100 --steps 96 --largest 5000 --check
  sipster aggregate --readings readings.csv --json > load.json
`;

export const registerAggregate: RegisterCommand = (sub, io, done) => {
  sub
    .addHelpText("before", EXAMPLES)
    .option("--readings <file...>", "files of meter readings")
    .option("--homes <count>", "made-up homes in place of files", wholeNumber(2, 1000))
    .option("--period <YYYY-MM>", "the month (default: the one with most readings)")
    .option("--time-zone <zone>", "zone of local times that the files do not name")
    .option("--mapping <file>", "how tables are understood, as sipster readings keeps it")
    .addOption(
      new Option("--scheme <name>", "how values are encrypted")
        .choices(["psa", "dmcfe"])
        .default("psa"),
    )
    .option(
      "--group <homes>",
      "most homes in a group",
      wholeNumber(2, 1000),
      RECOMMENDED_GROUP.most,
    )
    .option("--steps <count>", "the first time steps of the month only", wholeNumber(1, 100_000))
    .option(
      "--largest <wh>",
      "largest consumption of a home in one step, in watt-hours",
      wholeNumber(1, 1_000_000_000),
      Number(MAX_WATT_HOURS),
    )
    .option("--fail <share>", "share of readings lost to failing meters, 0 to 1", share, 0)
    .option(
      "--check",
      "compare each sum with that of the plain readings; exit code 1 if one differs",
    )
    .option("--json", "one JSON document, format sipster/aggregate@1")
    .action(async (options: Options, command) => {
      if ((options.readings === undefined) === (options.homes === undefined)) {
        command.error("error: give either --readings FILE or --homes COUNT");
      }
      const exact = await aggregate(options, io);
      if (exact === false) done(ExitCode.No);
    });
};

/** Runs the command; whether the sums are exact, `null` unless asked. */
async function aggregate(options: Options, io: Io): Promise<boolean | null> {
  const { scheme, period } = options;
  const zone = options.timeZone === undefined ? {} : { timeZone: options.timeZone };
  const set =
    options.readings !== undefined
      ? await readReadings(options.readings, keptOptions(options))
      : generateHomes({
          homes: options.homes!,
          period: period ?? "2026-11",
          seed: "sipster aggregate",
          ...zone,
        });
  const largest = BigInt(options.largest);
  const all = slotTable(set, period, largest);
  const slots = all.slots
    .slice(0, options.steps)
    .map((slot) => withFailures(slot, options.fail, draw));
  const month: SlotTable = { ...all, slots };
  if (all.leftOut.length > 0) {
    io.err(`without readings in ${all.period}, left out: ${all.leftOut.join(", ")}`);
  }
  const curve = await createMclBn254();
  const run = await runAggregation(month, {
    scheme,
    groupSize: options.group,
    largest,
    curve,
    progress: (text) => {
      io.err(text);
    },
  });
  const smallest = Math.min(...run.groups);
  if (smallest < RECOMMENDED_GROUP.least) {
    io.err(
      `the smallest group has ${smallest} homes: a sum hides a home only among the others in it, ${RECOMMENDED_GROUP.least} to ${RECOMMENDED_GROUP.most} are recommended`,
    );
  }
  const lost = run.slots.filter((s) => s.wattHours === null).length;
  if (lost > 0) {
    io.err(
      scheme === "dmcfe"
        ? `${lost} intervals have no sum: this scheme needs every home of a group`
        : `${lost} intervals have no sum: too few homes were present`,
    );
  }
  const exact = options.check === true ? allExact(slots, run.slots) : null;
  io.err("comparing the schemes");
  const comparison = await compareSchemes(scheme, run, curve);

  if (options.json === true) {
    io.json(document({ month, scheme, run, exact, comparison }));
  } else {
    print({ io, month, run, exact });
    io.out("");
    io.out(comparisonText(comparison, io.tableWidth));
  }
  return exact;
}

function document({
  month,
  scheme,
  run,
  exact,
  comparison,
}: {
  readonly month: SlotTable;
  readonly scheme: Scheme;
  readonly run: Run;
  readonly exact: boolean | null;
  readonly comparison: Record<Scheme, SchemeFigures>;
}): object {
  return {
    format: "sipster/aggregate@1",
    scheme,
    period: month.period,
    homes: month.homes.length,
    groups: run.groups,
    intervals: run.slots.map(({ start, wattHours, homes, missing }) => ({
      start: new Date(start).toISOString(),
      wh: wattHours === null ? null : Number(wattHours),
      homes,
      missing,
    })),
    exact,
    timings: {
      setupMs: Math.round(run.setupMs),
      encryptUs: comparison[scheme].encryptUs,
      decryptUs: comparison[scheme].decryptUs,
    },
    bytes: { ciphertext: comparison[scheme].ciphertextBytes },
    comparison,
  };
}

function print({
  io,
  month,
  run,
  exact,
}: {
  readonly io: Io;
  readonly month: SlotTable;
  readonly run: Run;
  readonly exact: boolean | null;
}): void {
  const { timeZone } = month;
  const local = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    dateStyle: "short",
    timeStyle: "short",
  });
  const right = "right" as const;
  io.out(
    table(
      [
        { head: `interval (${timeZone})` },
        { head: "Wh", align: right },
        { head: "homes", align: right },
        { head: "missing" },
      ],
      run.slots.map(({ start, wattHours, homes, missing }) => [
        local.format(start),
        wattHours === null ? "no sum" : wattHours.toString(),
        `${homes}`,
        missing.join(" "),
      ]),
      io.tableWidth,
    ),
  );
  const minutes = month.seconds / 60;
  io.out(`\nThe day's load: mean Wh in ${minutes} minutes over ${month.period}\n`);
  io.out(drawDay(dailyMeans(run.slots, timeZone), io.width));
  if (exact !== null) {
    const count = run.slots.filter((s) => s.wattHours !== null).length;
    io.out(
      exact
        ? `\nExact: all ${count} sums equal those of the plain readings.`
        : `\nNot exact: at least one sum differs from that of the plain readings.`,
    );
  }
}

/** A number in [0, 1) that looks random and is always the same for a home and an instant. */
function draw(home: string, start: number): number {
  const digest = createHash("sha256").update(`fail ${start} ${home}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

function share(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value > 1) {
    throw new InvalidArgumentError("It is a number from 0 to 1, such as 0.1.");
  }
  return value;
}
