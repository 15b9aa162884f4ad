/** Every command of `sipster`, in the order in which the help lists them. */
import type { Command } from "commander";
import type { ExitCode } from "../errors/sipster-error.js";
import { registerAggregate } from "./aggregate.js";
import { registerAudit } from "./audit.js";
import { registerDemo } from "./demo.js";
import { registerDeploy } from "./deploy.js";
import type { Io } from "./io.js";
import { registerReadings } from "./readings.js";
import { registerLedger } from "./ledger.js";
import { registerRelay } from "./relay.js";
import { registerSealed } from "./sealed.js";
import { registerSettle } from "./settle.js";
import { registerWeb } from "./web.js";

/** Adds one command to the program; `done` sets the exit code when it is not 0. */
export type RegisterCommand = (program: Command, io: Io, done: (code: ExitCode) => void) => void;

export const commands: readonly RegisterCommand[] = [
  registerDemo,
  registerReadings,
  registerDeploy,
  registerSettle,
  registerAudit,
  registerWeb,
  registerRelay,
  registerAggregate,
  registerSealed,
  registerLedger,
];
