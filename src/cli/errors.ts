import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const cliErrors = defineErrors("cli", {
  "no-passphrase": {
    consequence: "The secrets would lie in the folder in plain text; nothing was written.",
    cure: "Write a passphrase into a file of mode 0600 and name it by --passphrase-file, or set SIPSTER_PASSPHRASE.",
    exit: ExitCode.Usage,
  },
  "no-wallet": {
    consequence: "Nothing was done.",
    cure: "Make a wallet with `sipster wallet init`, or name its folder.",
    exit: ExitCode.Usage,
  },
  "no-size-class": {
    consequence: "Nothing was written.",
    cure: "Name one of the size classes of the public parameters with --size-class.",
    exit: ExitCode.Usage,
  },
  "no-meter": {
    consequence: "The wallet cannot fetch tokens or a bill.",
    cure: "Pair with the meter first: `sipster wallet pair`, with the code that the meter shows.",
    exit: ExitCode.Usage,
  },
  "bad-option": {
    consequence: "The command did not start.",
    cure: "Correct the option; `--help` shows what it takes.",
    exit: ExitCode.Usage,
  },
  usage: {
    consequence: "The command did not start.",
    cure: "Run it with --help to see examples and options.",
    exit: ExitCode.Usage,
  },
  internal: {
    consequence: "The command stopped at a defect of this program; what it had confirmed is kept.",
    cure: "Report it with the text above, then run the command again.",
    exit: ExitCode.TryAgain,
  },
  "missing-package": {
    consequence:
      "The command did not start: an install without this package has the other commands.",
    cure: "Install the package named above beside sipster, with npm install, and run the command again.",
    exit: ExitCode.Unavailable,
  },
  "bad-config": {
    consequence: "The command did not start.",
    cure: "Correct the configuration file, or remove it; docs/command-line.md lists what it may hold.",
    exit: ExitCode.Usage,
  },
  "no-utility": {
    consequence: "The utility cannot serve or sign without its keys; nothing was done.",
    cure: "Make the folder with `sipster utility init`, or name it with --folder.",
    exit: ExitCode.Usage,
  },
  "other-secret": {
    consequence: "Nothing was written: the coins of the secret in the folder would be lost.",
    cure: "Name an empty folder with --folder for the wallet that is restored.",
    exit: ExitCode.Usage,
  },
  "foreign-tariff": {
    consequence: "The meter was not told: a tariff that others do not have would mark this home.",
    cure: "Ask the utility for a notice of the tariff that the announced terms name for the month.",
    exit: ExitCode.No,
  },
  "other-key": {
    consequence: "The chain has another key than the folder; nothing was sent.",
    cure: "Name the folder that the registered keys were made in.",
    exit: ExitCode.Usage,
  },
  "no-such-error": {
    consequence: "Nothing is known about it.",
    cure: "Give an identifier as an error message shows it, such as settlement/wrong-receipt, or a room, such as settlement.",
    exit: ExitCode.Usage,
  },
  "unreadable-file": {
    consequence: "Nothing was sent.",
    cure: "Name files that exist and that this user can read.",
  },
  "damaged-file": {
    consequence: "Nothing was done: a file that this program wrote cannot be read.",
    cure: "Restore the file from a copy of its folder.",
  },
  "no-mint-key": {
    consequence: "The mint's signatures cannot be checked; nothing was sent.",
    cure: "Use the record of the deployment that the withdrawal was made for.",
  },
  "not-funded": {
    consequence: "The deposit stands, and no coins came yet; nothing is lost.",
    cure: "Run the same command again: it goes on where it stopped, and takes the money back when the mint's time is over.",
    exit: ExitCode.TryAgain,
  },
  "not-settled": {
    consequence: "Nothing was erased: what is not settled needs its receipts.",
    cure: "Wait until the settlement is final; `sipster wallet status` shows its transaction.",
    exit: ExitCode.TryAgain,
  },
  "not-acknowledged": {
    consequence: "The mint has published no signatures for this deposit.",
    cure: "Wait until the mint answers; after its deadline run `sipster vault refund`.",
    exit: ExitCode.TryAgain,
  },
  "no-homes": {
    consequence: "There is nothing to bill, so nothing was done.",
    cure: "Choose another period (`sipster readings FILE` shows what the file covers) or another file.",
  },
});
