/** Running a command and keeping what it writes. */
import type { Io } from "../../src/cli/io.js";
import { toJson } from "../../src/cli/io.js";
import { main } from "../../src/cli/main.js";

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The JSON document it wrote, read back as another program would. */
  readonly json: unknown;
}

/** Runs `sipster ARGS…`. */
export async function runCommand(...args: string[]): Promise<CommandResult> {
  const out: string[] = [];
  const err: string[] = [];
  const documents: string[] = [];
  const io: Io = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    json: (value) => documents.push(toJson(value)),
    colour: false,
    width: 80,
  };
  const code = await main(args, io);
  const [document] = documents;
  return {
    code,
    out: out.join("\n"),
    err: err.join("\n"),
    json: document === undefined ? null : (JSON.parse(document) as unknown),
  };
}
