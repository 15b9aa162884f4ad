import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const cliErrors = defineErrors("cli", {
  "bad-option": {
    consequence: "The command did not start.",
    cure: "Correct the option; `--help` shows what it takes.",
    exit: ExitCode.Usage,
  },
  "no-homes": {
    consequence: "There is nothing to bill, so nothing was done.",
    cure: "Choose another period (`sipster readings FILE` shows what the file covers) or another file.",
  },
  "demo-failed": {
    consequence: "The demonstration stopped half-way; what `--out` holds so far is kept.",
    cure: "Run the same command again: with `--rpc` and `--out` it goes on where it stopped.",
    exit: ExitCode.TryAgain,
  },
});
