/** `sipster attack`: what the utility, the relay and outsiders can learn, policy by policy. */
import { Option, type Command } from "commander";
import {
  EVENTS,
  HABITS,
  makeChallenge,
  measure,
  missedBounds,
  reportJson,
  rowJson,
  type Row,
} from "../attack/index.js";
import { ExitCode } from "../errors/sipster-error.js";
import { scoreFolder, writeChallenge, writeTable } from "./attack/folder.js";
import { attackFolder } from "./attack/from-town.js";
import { planOf, type RawAttackOptions } from "./attack/plan.js";
import type { RegisterCommand } from "./command.js";
import { readingOptions } from "./reading-options.js";
import type { Io } from "./io.js";
import { table } from "./table.js";

const EXAMPLES = `Examples:
  sipster attack
  sipster attack --policy common-deadline next-month --homes 1000 --trials 5
  sipster attack --readings homes.csv --tariff prices.csv --period 2013-03 --check --homes 1000
  sipster attack --policy at-once --check          (exits with 1: a burst is a home)
  sipster attack --from town                       (the folder that \`sipster town\` left)
`;

export const registerAttack: RegisterCommand = (sub, io, done) => {
  const names = HABITS.map(({ name }) => name);
  const command: Command = sub
    .addHelpText("before", EXAMPLES)
    .option("--readings <file...>", "meter readings of any known format; generated when absent")
    .option("--tariff <file>", "tariff or price file; an example tariff when absent")
    .option("--period <month>", "calendar month YYYY-MM")
    .option("--unit <amount>", "money of one unit, in minor units of the currency", "1")
    .addOption(new Option("--policy <name...>", "what wallets do; all when absent").choices(names))
    .option(
      "--denominations <list...>",
      "such as 1,10,100; or binary: powers of two at the period's end",
      ["1,10,100,1000"],
    )
    .option("--homes <n...>", "sizes of the crowd", ["100"])
    .option("--trials <n>", "months that are attacked; by the size of the crowd when absent")
    .addOption(
      new Option("--event <name...>", "what happens beside").choices(EVENTS).default(["none"]),
    )
    .option("--seed <text>", "of homes, times and resampling", "sipster")
    .option(
      "--check",
      "exit with 1 if a policy misses its bounds; the offered ones when none is named",
    )
    .option("--out <dir>", "write the table, its picture and a challenge with a hidden truth there")
    .option("--from <town>", "attack what the parties of a town keep in this folder")
    .option("--database <url>", "the PostgreSQL of that town, if it was made with one")
    .option("--score <claims>", "score a claim about the challenge in --out")
    .option("--json", "print the table as JSON");
  readingOptions(command);
  command.action(async (raw: RawAttackOptions) => {
    if (raw.score !== undefined) return io.json(scoreFolder(raw.out ?? ".", raw.score));
    if (raw.from !== undefined) return attackFolder(raw.from, raw, io);
    const plan = await planOf(raw);
    const rows: Row[] = [];
    for (const cell of plan.cells) {
      io.err(`${cell.habits.name}, ${cell.homes} homes, ${cell.trials} months …`);
      rows.push(
        measure({ population: plan.population, period: plan.period, cell, seed: plan.seed }),
      );
    }
    const report = reportJson(rows, plan.inputs);
    if (raw.out !== undefined) {
      writeTable(raw.out, rows, report);
      writeChallenge(raw.out, makeChallenge(plan.population, plan.period, plan.cells[0]!));
    }
    if (raw.json === true) io.json(report);
    else io.out(textOf(rows, io));
    if (raw.check === true && !holds(rows, io)) done(ExitCode.No);
  });
};

function holds(rows: readonly Row[], io: Io): boolean {
  const missed = rows.flatMap(missedBounds);
  for (const { policy, attack, measure: what, upper, bound } of missed) {
    io.err(`${policy}: ${what} by ${attack} may be ${upper.toFixed(3)}; the bound is ${bound}`);
  }
  if (missed.length === 0) io.err("Every policy keeps its bounds.");
  return missed.length === 0;
}

function textOf(rows: readonly Row[], io: Io): string {
  const right = { align: "right" } as const;
  const number = (value: number | null): string => (value === null ? "" : value.toFixed(3));
  const span = (interval: readonly [number, number] | null): string =>
    interval === null ? "" : `[${interval.map(number).join(", ")}]`;
  return table(
    [
      { head: "policy" },
      { head: "event" },
      { head: "largest", ...right },
      { head: "homes", ...right },
      { head: "linkage", ...right },
      { head: "95 %" },
      { head: "largest", ...right },
      { head: "95 %" },
      { head: "rank", ...right },
      { head: "bill error", ...right },
      { head: "public", ...right },
      { head: "days", ...right },
    ],
    rows
      .map(rowJson)
      .map((r) => [
        r.policy,
        r.event,
        String(r.denominations.at(-1)),
        String(r.homes),
        number(r.linkage),
        span(r.interval),
        number(r.top),
        span(r.topInterval),
        number(r.rank),
        number(r.billError),
        number(r.publicError),
        r.delayDays.toFixed(1),
      ]),
    io.tableWidth,
  );
}
