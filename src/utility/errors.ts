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
  "payment-required": {
    consequence: "The token has not been paid, so there is no receipt for it.",
    cure: "Send the token together with a payment.",
    exit: ExitCode.No,
  },
  "coin-already-bound": {
    consequence:
      "The coin was paid for another token before; the earlier payment is the proof. Nothing was charged for this token.",
    cure: "Pay this token with another coin. Whoever keeps copies of a wallet uses one of them only.",
    exit: ExitCode.No,
  },
  refused: {
    consequence: "The utility charged nothing and made no receipt.",
    cure: "Look up the identifier that the utility names, and do what is said there.",
    exit: ExitCode.No,
  },
  "bad-message": {
    consequence: "The message between resident and utility was not understood.",
    cure: "Send the same order again: it is charged once. If it repeats, the two run different versions.",
    exit: ExitCode.TryAgain,
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
