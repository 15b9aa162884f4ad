import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const utilityErrors = defineErrors("utility", {
  "unknown-key-epoch": {
    consequence: "Nothing was charged and no receipt was made.",
    cure: "Pay tokens of a key epoch that the utility still serves; the contract lists the keys.",
  },
  "unknown-denomination": {
    consequence: "Nothing was charged and no receipt was made.",
    cure: "Pay tokens of the public denominations.",
  },
  "odd-expiry": {
    consequence:
      "An expiry of its own would show which payments are of one home; nothing was charged and nothing was sold.",
    cure: "Set the clock right and pay again: payments expire with the last second of the UTC month, in its last two days with the next.",
    exit: ExitCode.TryAgain,
  },
  "no-refresh": {
    consequence: "The coin was not taken and no fresh one was made.",
    cure: "Ask the counter of the mint that signed the coin, for the mint key of this month.",
  },
  "bad-book": {
    consequence: "The counter's book contradicts itself; nothing was charged or sold.",
    cure: "Stop the counter and restore its book from a copy made by its store.",
  },
  "bad-key-file": {
    consequence: "Nothing was signed: the utility's keys cannot be read.",
    cure: "Restore the file from a copy. Without one, register new keys; the old ones are lost.",
  },
  busy: {
    consequence: "Nothing was charged.",
    cure: "Send the same request again in a moment.",
    exit: ExitCode.TryAgain,
  },
  "worker-failed": {
    consequence:
      "The receipts or blind signatures were not made; what was paid stays bound and can be asked for again.",
    cure: "Send the same request again. If it repeats, start the utility again.",
    exit: ExitCode.TryAgain,
  },
});
