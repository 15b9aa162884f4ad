/** What `--source` names: a file that is replayed, standard input, or a P1 port. */
import { constants, createReadStream } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { readReadings } from "../../readings/index.js";
import { meterErrors } from "../errors.js";
import { systemClock } from "../../time/system-clock.js";
import { P1Registers } from "./p1-registers.js";
import {
  clockAtSpeed,
  FileSource,
  LiveSource,
  type Registers,
  type RegisterSource,
} from "./source.js";

export interface SourceOptions {
  readonly source: string;
  readonly speed: number;
  /** Of a file, in place of one that runs at that speed: a clock that others go by too, in ms. */
  readonly clock?: () => number;
  readonly home?: string;
  readonly timeZone: string;
  /** Told of what a port or a program sends and is of no use. */
  readonly onTrouble: (text: string) => void;
}

/** What the meter charged before. */
export type KnownRegisters = Registers & { readonly clock: number };

const RECONNECT_MS = 5_000;

/** @throws meter/bad-source, and what reading a file throws */
export async function openSource(
  options: SourceOptions,
  known: KnownRegisters,
): Promise<RegisterSource> {
  const { source } = options;
  if (source.startsWith("file:")) return openFile(source.slice(5), options, known);
  const clock = systemClock;
  if (source === "stdin") {
    const lines = createInterface({ input: process.stdin });
    const live = new LiveSource(known, clock, () => {
      lines.close();
    });
    lines.on("line", (line) => {
      const registers = registersOf(line);
      if (registers !== null) live.show(registers);
      else if (line.trim() !== "" && live.refuse()) {
        options.onTrouble(
          `a line names no registers in Wh: it is left out, ${live.refused} so far`,
        );
      }
    });
    return live;
  }
  if (source.startsWith("p1:")) return openPort({ place: source.slice(3), options, known, clock });
  throw meterErrors.error("bad-source", `"${source}" names no source`);
}

/** `IMPORTED [EXPORTED]`, whole watt-hours that the registers show. */
export function registersOf(line: string): Registers | null {
  const [, imported, exported = "0"] = /^\s*(\d{1,14})(?:[\s,;]+(\d{1,14}))?\s*$/.exec(line) ?? [];
  return imported === undefined ? null : { imported: Number(imported), exported: Number(exported) };
}

/**
 * A terminal that a service opens would become its controlling one, and its end (an adapter that is pulled
 * out) would end the service with SIGHUP. Node's types know flags as text, and it takes numbers.
 */
const DEVICE = (constants.O_RDONLY | constants.O_NOCTTY) as unknown as string;

async function openFile(
  path: string,
  { speed, clock, home: id, timeZone }: SourceOptions,
  known: KnownRegisters,
): Promise<RegisterSource> {
  const { homes } = await readReadings(path, { timeZone });
  const found = id === undefined && homes.length === 1 ? homes[0] : homes.find((h) => h.id === id);
  if (found === undefined) {
    const names = homes.slice(0, 5).map((h) => h.id);
    throw meterErrors.error("bad-source", `name one of its homes with --home: ${names.join(", ")}`);
  }
  const first = Math.min(found.intervals.from ?? Infinity, found.exported.from ?? Infinity);
  const begin = Math.max(first, known.clock);
  return new FileSource(found, clock ?? clockAtSpeed(begin, speed, systemClock), known);
}

function openPort({
  place,
  options: { onTrouble },
  known,
  clock,
}: {
  readonly place: string;
  readonly options: SourceOptions;
  readonly known: KnownRegisters;
  readonly clock: () => number;
}): RegisterSource {
  const tcp = /^tcp:\/\/([^:/]+):(\d{1,5})$/.exec(place);
  let closed = false;
  let stop = (): void => undefined;
  const live = new LiveSource(known, clock, () => {
    closed = true;
    stop();
  });
  const listen = (): void => {
    const telegrams = new P1Registers();
    const stream: Readable =
      tcp === null ? createReadStream(place, { flags: DEVICE }) : connect(Number(tcp[2]), tcp[1]);
    stop = () => stream.destroy();
    stream.on("data", (chunk: Buffer) => {
      const text = chunk.toString("latin1");
      const before = telegrams.refused;
      for (const registers of telegrams.take(text)) live.show(registers);
      if (live.refuse(telegrams.refused - before)) {
        onTrouble(`${place}: damaged telegrams are left out, ${live.refused} so far`);
      }
    });
    stream.on("error", (error: Error) => {
      onTrouble(`${place}: ${error.message}`);
    });
    stream.on("close", () => {
      if (!closed) setTimeout(listen, RECONNECT_MS).unref();
    });
  };
  listen();
  return live;
}
