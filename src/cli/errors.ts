import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const cliErrors = defineErrors("cli", {
  "no-passphrase": {
    consequence: "The secrets would lie in the folder in plain text; nothing was written.",
    cure: "Write a passphrase into a file of mode 0600 and name it by --passphrase-file, or set SIPSTER_PASSPHRASE.",
    exit: ExitCode.Usage,
  },
  "bad-option": {
    consequence: "The command did not start.",
    cure: "Correct the option; `--help` shows what it takes.",
    exit: ExitCode.Usage,
  },
  "unreadable-file": {
    consequence: "Nothing was sent.",
    cure: "Name files that exist and that this user can read.",
  },
  "no-homes": {
    consequence: "There is nothing to bill, so nothing was done.",
    cure: "Choose another period (`sipster readings FILE` shows what the file covers) or another file.",
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
    cure: "Name an empty folder. To be able to resume, run against a chain that stays: `npx hardhat node --hostname 127.0.0.1` and `--rpc`.",
    exit: ExitCode.Usage,
  },
  "no-account": {
    consequence: "There is nobody to send transactions from; nothing was done.",
    cure: "Use a development node, which has unlocked accounts: `npx hardhat node --hostname 127.0.0.1`.",
    exit: ExitCode.Usage,
  },
});
