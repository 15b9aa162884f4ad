/** `sipster meter`: a gateway around the trusted part of a meter, as a program. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { createMclBn254 } from "../algebra/index.js";
import {
  knownRegisters,
  MeterGateway,
  meterErrors,
  openSource,
  serveMeter,
  type MeterServer,
} from "../meter/index.js";
import { connectRpc, DeploymentClock } from "../chain/index.js";
import { parseTerms, type SystemTerms } from "../sipster/index.js";
import { readTariff, tariffHash } from "../tariff/index.js";
import { wholeNumber } from "./option-values.js";
import type { RegisterCommand } from "./command.js";
import { cliErrors } from "./errors.js";
import { untilInterrupted } from "./interrupted.js";
import type { Io } from "./io.js";
import { openLog, type Log } from "./log.js";
import { operatorCommands, takeOrder } from "./meter/operator.js";
import { MeterFolder } from "./meter/folder.js";

const EXAMPLES = `Examples:
  sipster meter init --dir meter --terms terms.json --tariff tariff.json
  sipster meter run --dir meter --source file:readings.csv --speed 3600
  sipster meter run --dir meter --source file:readings.csv --follow http://127.0.0.1:8545
  sipster meter run --dir meter --source p1:/dev/ttyUSB0
  sipster meter run --dir meter --source p1:tcp://192.168.1.20:23 --host 192.168.1.10
  sipster meter remove notice.json --dir meter
  sipster meter status --dir meter
`;

const PORT = 7117;
/** How often the registers are read. */
const TICK_MS = { file: 100, follow: 200, live: 10_000 } as const;

interface InitOptions {
  readonly dir: string;
  readonly terms: string;
  readonly tariff: string;
  readonly tokenKey?: string;
  readonly json?: true;
}

interface RunOptions {
  readonly dir: string;
  readonly source: string;
  readonly speed: number;
  readonly follow?: string;
  readonly home?: string;
  readonly host: string;
  readonly port: number;
  readonly pair?: true;
  readonly json?: true;
}

export const registerMeter: RegisterCommand = (sub, io) => {
  sub
    .addHelpText("before", EXAMPLES)
    .addHelpText(
      "after",
      "\nSubcommands that print results take --json: then stdout gets one document.",
    );
  folderOption(sub.command("init").description("Prepare a meter's folder."))
    .requiredOption(
      "--terms <file>",
      "the public parameters, as the settlement contract hashes them",
    )
    .requiredOption("--tariff <file>", "the tariff it prices by, which the terms name")
    .option("--token-key <file>", "classic suite: the token key of all meters, 32 bytes")
    .option("--json", "print what was prepared as JSON")
    .action(async (options: InitOptions) => {
      const terms = parseTerms(readFileSync(options.terms));
      const tariff = await readTariff(options.tariff);
      const key = options.tokenKey === undefined ? null : readFileSync(options.tokenKey);
      if (!terms.tariffs.includes(tariffHash(tariff))) {
        throw meterErrors.error("bad-terms", `the terms do not name the tariff ${tariff.name}`);
      }
      new MeterFolder(options.dir).create(terms, tariff, key);
      const { dir, json } = options;
      if (json === true) return io.json({ format: "sipster/meter-init@1", dir });
      io.out(`prepared ${dir}; it is installed when a wallet pairs with it`);
      io.err(`next: sipster meter run --dir ${dir} --source …`);
    });
  folderOption(sub.command("run").description("Measure, and answer the paired wallet."))
    .requiredOption(
      "--source <where>",
      "file:PATH (a simulator), stdin (lines IMPORTED [EXPORTED] in Wh), p1:DEVICE or p1:tcp://HOST:PORT",
    )
    .option("--speed <times>", "of a file: how many times faster than real time", wholeNumber(1), 1)
    .option(
      "--follow <rpc>",
      "of a file: go by the clock of this development chain, and not by --speed",
    )
    .option("--home <id>", "of a file with several homes")
    .option("--host <address>", "address on the home network to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on; 0 for any that is free", wholeNumber(0), PORT)
    .option("--pair", "the meter's button: show a new code, for a wallet that lost its disk")
    .option("--json", "print where the meter is as JSON")
    .action((options: RunOptions) => run(options, io));
  operatorCommands(
    (name, says) => folderOption(sub.command(name).description(says)),
    (dir) => new MeterFolder(dir),
    io,
  );
  folderOption(sub.command("status").description("What the meter showed last."))
    .option("--json", "print it as JSON")
    .action((options: { dir: string; json?: true }) => {
      status(options.dir, options.json === true, io);
    });
};

function folderOption(command: Command): Command {
  return command.option("--dir <folder>", "the meter's folder", "meter");
}

async function run(options: RunOptions, io: Io): Promise<void> {
  const folder = new MeterFolder(options.dir);
  const terms = folder.terms();
  const tariffs = await folder.tariffs(terms);
  const curve = await createMclBn254();
  const stop = untilInterrupted();
  const memory = folder.memory();
  const link = folder.link();
  try {
    const log = openLog(io, options.json === true);
    const onTrouble = (text: string): void => log.warn(text);
    const followed = await follow(options, terms);
    const clock = followed === null ? {} : { clock: () => followed.now * 1000 };
    const from = { ...options, ...clock, timeZone: terms.timeZone, onTrouble };
    const source = await openSource(from, knownRegisters(curve, memory, tariffs));
    const gateway = new MeterGateway({
      ...{ curve, memory, link, terms, tariffs, source },
      tokenKey: folder.tokenKey(),
      keepTariff: (tariff) => {
        folder.keepTariff(tariff);
      },
      parseTariff: (bytes) => readTariff({ name: "the wallet's tariff", bytes }),
    });
    const { host, port } = options;
    // A chain that does not answer for a while stops the clock of a simulator, and nothing else.
    const look = async (): Promise<void> => {
      await followed?.read().catch(() => undefined);
      takeOrder(gateway, folder, log);
      tick(gateway, folder, log);
    };
    const server = await serveMeter(gateway, {
      host,
      port,
      ...(followed && { beforeAnswer: look }),
      onFault: (fault) => onTrouble(`a defect: ${String(fault)}`),
    });
    announce({ gateway, server, options, io });
    log.info("Measuring until Ctrl-C.");
    while (!stop.isStopped) {
      await look();
      await stop.pause(tickMs(options));
    }
    source.close();
    await server.close();
  } finally {
    memory.close();
    link.close();
  }
}

/**
 * The clock of a development chain, for a simulator.
 * @throws cli/bad-option elsewhere, chain/unreachable
 */
async function follow(
  { follow: url, source }: RunOptions,
  terms: SystemTerms,
): Promise<DeploymentClock | null> {
  if (url === undefined) return null;
  if (terms.lead !== 0 || !source.startsWith("file:")) {
    const what = "--follow is for files, in a development deployment";
    throw cliErrors.error("bad-option", what, { option: "--follow" });
  }
  const clock = new DeploymentClock(await connectRpc(url), terms);
  await clock.read();
  return clock;
}

function tickMs({ source, follow }: RunOptions): number {
  if (follow !== undefined) return TICK_MS.follow;
  return source.startsWith("file:") ? TICK_MS.file : TICK_MS.live;
}

/** The last trouble that was told: the same one again is not news. */
const told = new WeakMap<MeterGateway, string>();

function tick(gateway: MeterGateway, folder: MeterFolder, log: Log): void {
  const before = gateway.meter?.status;
  const trouble = gateway.tick();
  const message = trouble === null ? "" : `${trouble.message} (${trouble.code})`;
  if (message !== (told.get(gateway) ?? "")) {
    if (message === "") log.info("measuring again");
    else log.warn(message);
  }
  told.set(gateway, message);
  const meter = gateway.meter;
  if (meter === null || meter.status.clock === before?.clock) return;
  const { clock, clockLost, period, closed, imported, exported, removedAt } = meter.status;
  folder.writeStatus({
    format: "sipster/meter-status@1",
    meter: meter.address,
    clock: new Date(clock).toISOString(),
    clockLost,
    registers: { imported, exported },
    open: period,
    closed,
    removed: removedAt !== null,
    paired: gateway.linkKey !== null,
    refused: gateway.refused,
    trouble: message,
  });
}

function announce({
  gateway,
  server: { host, port, newCode },
  options: { source, speed, follow, pair, json },
  io,
}: {
  readonly gateway: MeterGateway;
  readonly server: MeterServer;
  readonly options: RunOptions;
  readonly io: Io;
}): void {
  const code = gateway.linkKey === null || pair === true ? newCode() : null;
  const simulated = source.startsWith("file:");
  if (json === true) {
    io.json({ format: "sipster/meter@1", host, port, code, simulated });
    return;
  }
  if (simulated) {
    const pace = follow === undefined ? `at ${speed} times real time` : `by the clock of ${follow}`;
    io.err(`SIMULATOR: replays ${source.slice(5)} ${pace}`);
  }
  if (source === "stdin") io.err("SIMULATOR: believes the registers that standard input names");
  io.out(`meter         ${host}:${port}`);
  if (code !== null) io.out(`pairing code  ${code}   (shown once; for one wallet)`);
}

function status(dir: string, json: boolean, io: Io): void {
  const folder = new MeterFolder(dir);
  folder.terms();
  const last = folder.readStatus();
  if (json) io.json(last ?? { format: "sipster/meter-status@1", meter: null });
  else if (last === null) io.out("no wallet has paired with this meter yet");
  else
    for (const [name, value] of Object.entries(last)) io.out(`${name.padEnd(10)} ${show(value)}`);
}

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
