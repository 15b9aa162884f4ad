/** Commands of `sipster` run in this process: what they print as JSON, or the error that they report. */
import { errorFromJson, type ErrorJson } from "../../errors/error-json.js";
import { parseJson } from "../../json/index.js";
import type { CommandEntry } from "../command.js";
import { toJson, type Io } from "../io.js";
import { runCommand } from "../run-command.js";

/** A value as the reader of the output gets it. */
function plain(value: unknown): unknown {
  return parseJson(toJson(value), (why) => new Error(`what a command prints ${why}`));
}

/** @returns runs `sipster ARGS… --json`; throws the command's error */
export function inThisProcess(
  commands: readonly CommandEntry[],
  { width }: Io,
): (args: readonly string[]) => Promise<unknown> {
  return async (args) => {
    let document: unknown = null;
    const said: string[] = [];
    const io: Io = {
      out: (text) => void said.push(text),
      err: (text) => void said.push(text),
      json: (value) => (document = plain(value)),
      colour: false,
      width,
    };
    const code = await runCommand(commands, [...args, "--json"], io);
    if (code === 0) return document;
    const error = document as ErrorJson | null;
    if (error?.code === undefined) throw new Error(`sipster ${args[0]}: ${said.join("\n")}`);
    throw errorFromJson(error);
  };
}
