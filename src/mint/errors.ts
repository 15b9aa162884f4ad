import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const mintErrors = defineErrors("mint", {
  "no-deposit": {
    consequence: "The mint keeps no request that nothing was deposited for; nothing was signed.",
    cure: "Deposit for exactly these blinded messages first, then hand the request in again.",
    exit: ExitCode.TryAgain,
  },
  "bad-record": {
    consequence: "The mint does not know what it decided; nothing was signed or declined.",
    cure: "Restore the mint's books from their copy. Without them, let open deposits be refunded.",
  },
  "not-paid": {
    consequence: "The mint signed nothing and charged nothing.",
    cure: "Pay the missing amount into the account with the utility, then send the same order again.",
    exit: ExitCode.TryAgain,
  },
  "credit-differs": {
    consequence: "The account was not credited a second time.",
    cure: "Use another reference for another payment; the same reference means the same payment.",
  },
});
