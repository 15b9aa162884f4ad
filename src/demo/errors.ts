import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const demoErrors = defineErrors("demo", {
  "no-homes": {
    consequence: "There is nothing to bill, so nothing was done.",
    cure: "Choose another period (`sipster readings FILE` shows what the file covers) or another file.",
  },
  "no-account": {
    consequence: "There is nobody to send transactions from; nothing was done.",
    cure: "Use a development node, which has unlocked accounts (docs/command-line.md says how to start one), or name a key with --key-file.",
    exit: ExitCode.Usage,
  },
  "off-grid": {
    consequence: "The readings cannot be laid out in intervals of one length; nothing was done.",
    cure: "Give the time zone that the meters keep, with --time-zone, or readings of whole half-hours.",
  },
  "price-too-fine": {
    consequence:
      "The ledger counts in millionths of the minor unit per watt-hour; nothing was done.",
    cure: "Use a tariff of at most 16 prices with at most three decimals of the minor unit per kWh.",
  },
  "folder-in-use": {
    consequence:
      "Bills are bound to their chain, so nothing in the folder can be gone on with; nothing was done.",
    cure: "Name an empty folder. To be able to resume, run against a chain that stays, with `--rpc` (docs/command-line.md says how to start one).",
    exit: ExitCode.Usage,
  },
  "other-inputs": {
    consequence:
      "The folder holds another run, which these inputs would falsify; nothing was done.",
    cure: "Name another folder, or give the inputs that the folder was made with.",
    exit: ExitCode.Usage,
  },
  "damaged-folder": {
    consequence: "What the run was made with cannot be read; nothing was done.",
    cure: "Restore the file from a copy, or name another folder.",
  },
  "not-the-notice-signer": {
    consequence: "The contract would refuse the key of this run; nothing was sent.",
    cure: "Run the demonstration on contracts of its own, or in the folder of the run that deployed these.",
    exit: ExitCode.Usage,
  },
});
