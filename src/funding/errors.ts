import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const fundingErrors = defineErrors("funding", {
  declined: {
    consequence:
      "No coins came, and the money of this deposit is back in the account that paid it.",
    cure: "Withdraw again. If the mint declines again, ask it why, or use another mint.",
    exit: ExitCode.No,
  },
  expired: {
    consequence:
      "The mint did not answer in its time; the money of this deposit is back in the account that paid it.",
    cure: "Withdraw again when the mint works.",
    exit: ExitCode.TryAgain,
  },
  disputed: {
    consequence:
      "The mint published a wrong signature. The vault was shown it, and the money of this deposit is back in the account that paid it.",
    cure: "Do not use this mint until it explains the signature. The transaction of the dispute is public proof.",
    exit: ExitCode.No,
  },
  "dispute-too-late": {
    consequence:
      "The mint published a wrong signature, and the time to dispute it is over: the money is lost.",
    cure: "Let the wallet look at published signatures at least once in a dispute period.",
    exit: ExitCode.No,
  },
  "open-deposit": {
    consequence:
      "Nothing was restored: the coins' numbers depend on whether this deposit is answered.",
    cure: "Wait until the mint answers the deposit or it is refunded, then restore.",
    exit: ExitCode.TryAgain,
  },
  "unknown-withdrawal": {
    consequence: "Nothing was restored: the vault does not hold the denominations of a deposit.",
    cure: "Give the baskets of every size class that this wallet has had, under all terms.",
  },
  "insufficient-credit": {
    consequence: "Nothing was deposited.",
    cure: "Get the missing tokens into the account that pays, then withdraw again.",
    exit: ExitCode.TryAgain,
  },
});
