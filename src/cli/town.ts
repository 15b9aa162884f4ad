/** `sipster town`: every role a process on this machine, for a month that passes fast. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { loadHouseholds, type Households } from "../demo/index.js";
import { ExitCode } from "../errors/sipster-error.js";
import {
  PrivatePostgres,
  runTown,
  TownFolder,
  townErrors,
  type PrintedDatabase,
  type TownState,
} from "../town/index.js";
import { serveLocalChain } from "../chain/node/index.js";
import type { CommandEntry, RegisterCommand } from "./command.js";
import { parseDemoOptions } from "./demo/options.js";
import { interrupted } from "./interrupted.js";
import type { Io } from "./io.js";
import { wholeNumber } from "./option-values.js";
import { readingOptions, type RawReadingOptions } from "./reading-options.js";
import { clockCommand } from "./town/clock.js";
import { askToStop, stopAsked } from "./town/stop.js";
import { inThisProcess } from "./town/in-process.js";
import { showResult, showState } from "./town/show.js";

interface RawTown extends RawReadingOptions {
  readonly readings?: string[];
  readonly tariff?: string;
  readonly period?: string;
  readonly homes?: number;
  readonly kill: number;
  readonly database?: string;
  readonly seed: string;
  readonly folder: string;
  readonly stay?: true;
  readonly json?: true;
}

const EXAMPLES = `Examples:
  sipster town --homes 2
  sipster town --readings readings.csv --tariff prices.json --period 2013-07 --homes 4 --kill 20
  sipster town --homes 2 --kill 10 --database own
  sipster town up --homes 2
  sipster town status
  sipster town down
`;

const AFTER = `
A town is a rehearsal on this machine: a development chain, the utility with its mint, a relayer, and a
meter and a wallet for each home, each a process of its own on loopback over its own folder. Its clock
runs fast: it goes to the next moment at which something is due as soon as everybody has done what was
due before. Only a development chain lets its clock be moved, so a town always has one of its own.
With --database, two instances of the utility share a PostgreSQL, each with a gateway, and wallets pay
through a relay of Oblivious HTTP. With --kill, processes are ended by SIGKILL at random moments and started again; never the chain, which
keeps nothing on disk. The town's own PostgreSQL is killed as well; of one that you name the sessions are ended. The folder stays with every store and log; docs/town.md says what is where.`;

/** @param commands those that the town runs in this process */
export const registerTown =
  (commands: readonly CommandEntry[]): RegisterCommand =>
  (sub, io, done) => {
    sub.addHelpText("before", EXAMPLES).addHelpText("after", AFTER);
    townOptions(sub)
      .option("--stay", "keep the processes when the month is over, until Ctrl-C")
      .action(async (raw: RawTown) => {
        done(await run(raw, commands, io));
      });
    townOptions(sub.command("up").description("Start a town in the background.")).action(
      (raw: RawTown) => up(raw, io),
    );
    onFolder(sub.command("down").description("Stop the town of a folder.")).action(
      (o: { folder: string; json?: true }) => down(o.folder, o.json === true, io),
    );
    onFolder(sub.command("status").description("Who runs, and how far the bills are.")).action(
      (o: { folder: string; json?: true }) => {
        const state = new TownFolder(o.folder).readState() as TownState;
        const shown = { ...state, phase: isAlive(state) ? state.phase : ended(state) };
        if (o.json === true) io.json(shown);
        else showState(shown, io);
      },
    );
    clockCommand(sub.command("clock"), io);
    serveCommands(sub, io);
  };

function serveCommands(sub: Command, io: Io): void {
  sub
    .command("chain")
    .description("A development chain alone, on loopback; it keeps nothing on disk.")
    .option("--port <number>", "port to serve on; 0 for any that is free", wholeNumber(0), 8545)
    .option("--json", "print where it is as JSON")
    .action((o: { port: number; json?: true }) => chain(o, io));
  sub
    .command("database")
    .description("A PostgreSQL alone, by a socket in a temporary folder; removed when it ends.")
    .option("--json", "print where it is as JSON")
    .action((o: { json?: true }) => database(o, io));
}

function onFolder(command: Command): Command {
  return command
    .option("--folder <folder>", "the town's folder", "town")
    .option("--json", "one JSON document");
}

function townOptions(command: Command): Command {
  onFolder(command)
    .option(
      "--readings <file...>",
      "meter readings of any known format; generated homes when absent",
    )
    .option("--tariff <file>", "tariff or price file; an example tariff when absent")
    .option("--period <month>", "calendar month YYYY-MM")
    .option("--homes <n>", "homes to generate, or to take of the readings", wholeNumber(1, 1000))
    .option("--kill <n>", "processes to end at random", wholeNumber(0), 0)
    .option(
      "--database <url>",
      'an empty PostgreSQL, or "own": two instances of the utility, and payments by Oblivious HTTP',
    )
    .option("--seed <text>", "of the generated homes and of who is ended when", "sipster");
  return readingOptions(command);
}

async function run(raw: RawTown, commands: readonly CommandEntry[], io: Io): Promise<ExitCode> {
  const homes = await loadHomes(raw);
  const folder = new TownFolder(raw.folder);
  const { period, timeZone, source } = homes;
  const { kill: kills, seed } = raw;
  folder.create({ period, timeZone, source, tariff: homes.tariff.name, kills, seed });
  io.err(`A rehearsal in ${raw.folder}: its clock runs fast. Seed "${seed}".`);
  const asked = stopAsked(folder);
  const stop = raw.stay === true ? Promise.race([interrupted(), asked]) : Promise.resolve();
  const result = await runTown(
    {
      folder,
      homes,
      kills,
      seed,
      ...(raw.database !== undefined && { database: raw.database }),
      sipster: inThisProcess(commands, io),
      command: [process.execPath, ...process.execArgv, process.argv[1]!],
      say: (text) => io.err(text),
    },
    stop,
  );
  if (raw.json === true) io.json(result);
  else showResult(result, io);
  const { units, unitsPaid } = result.totals;
  const settled = result.bills.every(({ status }) => status === "settled");
  return settled && result.audit.ok && units === unitsPaid ? ExitCode.Ok : ExitCode.No;
}

/** The first homes that have readings in the month. */
async function loadHomes({ homes: most, ...raw }: RawTown): Promise<Households> {
  const isMade = raw.readings === undefined;
  const homes = isMade && most !== undefined ? { homes: most } : {};
  const demo = parseDemoOptions({ ...raw, ...homes, suite: "hash-bound", settle: true });
  const loaded = await loadHouseholds(demo);
  return { ...loaded, households: loaded.households.slice(0, most) };
}

/** Milliseconds until a town that was started has to run. */
const START_PATIENCE = 600_000;
const LOOK = 200;

async function up(raw: RawTown, io: Io): Promise<void> {
  const folder = new TownFolder(raw.folder);
  if (existsSync(folder.at("state.json"))) {
    const state = folder.readState() as TownState;
    if (isAlive(state))
      throw townErrors.error("folder-in-use", `${raw.folder} holds a town that runs`);
  }
  const log = `${raw.folder}.log`;
  const args = process.argv.slice(2).filter((a) => a !== "up" && a !== "--json");
  const file = openSync(log, "w", 0o600);
  const child = spawn(
    process.execPath,
    [...process.execArgv, process.argv[1]!, ...args, "--stay"],
    { detached: true, stdio: ["ignore", file, file] },
  );
  closeSync(file);
  let code: number | null = null;
  child.on("exit", (c) => (code = c ?? 1));
  for (let waited = 0; waited < START_PATIENCE && code === null; waited += LOOK) {
    await sleep(LOOK);
    const state = existsSync(folder.at("state.json")) ? (folder.readState() as TownState) : null;
    if (state?.pid !== child.pid || !["running", "over"].includes(state?.phase ?? "")) continue;
    child.unref();
    if (raw.json === true) io.json(state);
    else showState(state!, io);
    io.err(`It runs in the background. Stop it with: sipster town down --folder ${raw.folder}`);
    return;
  }
  child.kill("SIGTERM");
  throw townErrors.error("process-ended", `the town did not start; its log is ${log}`);
}

async function down(path: string, json: boolean, io: Io): Promise<void> {
  const folder = new TownFolder(path);
  const wasRunning = isAlive(folder.readState() as TownState);
  if (wasRunning) await askToStop(folder);
  rmSync(`${path}.log`, { force: true });
  if (json) io.json({ format: "sipster/town-down@1", wasRunning });
  else io.out(wasRunning ? `stopped; ${path} keeps every store and log` : "no town runs there");
}

function isAlive({ pid, phase }: TownState): boolean {
  if (phase === "failed") return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function ended({ phase }: TownState): TownState["phase"] {
  return phase === "over" ? "over" : "failed";
}

async function chain({ port, json }: { port: number; json?: true }, io: Io): Promise<void> {
  const stop = interrupted();
  const served = await serveLocalChain({ port });
  const { url: rpc, accounts } = served;
  if (json === true) io.json({ format: "sipster/town-chain@1", rpc, accounts });
  else {
    io.out(`chain     ${rpc}`);
    io.out(`accounts  ${accounts.slice(0, 3).join(" ")} …`);
    io.err("A development chain: nothing of it is kept. Ctrl-C ends it.");
  }
  await stop;
  await served.close();
}

/** Starts its server again whenever it is killed. */
async function database({ json }: { json?: true }, io: Io): Promise<void> {
  const stop = interrupted().then(() => true);
  const postgres = await PrivatePostgres.start();
  try {
    do {
      const { url, pid } = postgres;
      const printed: PrintedDatabase = { format: "sipster/town-database@1", url, pid };
      if (json === true) io.json(printed);
      else io.out(`database  ${url}`);
    } while (!(await Promise.race([stop, postgres.ended().then(() => postgres.restart())])));
  } finally {
    await postgres.stop();
  }
}
