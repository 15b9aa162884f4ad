/** Runs the command line as a person or program would, and records what it prints. */
import { main } from "../../src/cli/main.js";
import type { Io } from "../../src/cli/io.js";
import { toJson } from "../../src/cli/io.js";
import type { ExitCode } from "../../src/errors/sipster-error.js";

export interface CliRun {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
  /** The JSON document among the output, read back as another program would; `null` without one. */
  readonly json: unknown;
}

export function sipster(...args: string[]): Promise<CliRun> {
  return run(args);
}

/** The same on a terminal with so many columns. */
export function sipsterOn(tableWidth: number, ...args: string[]): Promise<CliRun> {
  return run(args, { tableWidth });
}

async function run(args: string[], terminal: Pick<Io, "tableWidth"> = {}): Promise<CliRun> {
  const out: string[] = [];
  const err: string[] = [];
  let document: string | null = null;
  const io: Io = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    json: (value) => void out.push((document = toJson(value))),
    colour: false,
    width: 100,
    ...terminal,
  };
  const code = await main(args, io);
  const json: unknown = document === null ? null : JSON.parse(document);
  return { code, out: out.join("\n"), err: err.join("\n"), json };
}
