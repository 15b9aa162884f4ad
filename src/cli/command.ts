/** What a command is: how the list names it, and what its own file exports. */
import type { Command } from "commander";
import type { ExitCode } from "../errors/sipster-error.js";
import type { Io } from "./io.js";

/** Gives a command its options and its action; `done` sets the exit code when it is not 0. */
export type RegisterCommand = (command: Command, io: Io, done: (code: ExitCode) => void) => void;

export interface CommandEntry {
  readonly name: string;
  readonly description: string;
  load(): Promise<RegisterCommand>;
}
