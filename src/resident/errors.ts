import { ExitCode } from "../errors/sipster-error.js";
import { defineErrors } from "../errors/catalogue.js";

export const residentErrors = defineErrors("resident", {
  "no-coin": {
    consequence: "The tokens named were not paid; those that were paid stay paid.",
    cure: "Withdraw another basket of coins, then pay again.",
    exit: ExitCode.TryAgain,
  },
  "bad-receipts": {
    consequence:
      "The utility answered with receipts that are not under its registered key; they were not counted as paid. Using them could show which payments are yours.",
    cure: "Pay again: the utility has to answer the same orders without charging. If it stays wrong, keep the payments as evidence and complain.",
    exit: ExitCode.No,
  },
  "unproven-refusal": {
    consequence:
      "The utility says that a coin was spent before and shows no proof of it. The order is kept; the coin counts as unspent.",
    cure: "Ask again. If it stays so, the utility took a coin and gave nothing: the stored payment is evidence.",
    exit: ExitCode.No,
  },
  "unpaid-tokens": {
    consequence: "The bill cannot be settled yet; nothing was combined.",
    cure: "Pay the tokens of the period first; the meter emits them again if they are lost.",
    exit: ExitCode.TryAgain,
  },
  "bill-mismatch": {
    consequence:
      "All receipts are right and do not add up to this bill, so the contract would refuse it; nothing was written.",
    cure: "Ask the meter for the tokens of this period and the bill again. If it stays so, the meter signed something else: have it replaced.",
    exit: ExitCode.No,
  },
  "wrong-meter": {
    consequence: "The bill is signed by another key than your meter's; nothing was written.",
    cure: "Ask your own meter for the bill.",
    exit: ExitCode.No,
  },
  "bad-books": {
    consequence: "A stored record is not what this program writes; it was not used.",
    cure: "Restore the books from a copy, or begin with empty ones: tokens come from the meter again, coins from the withdrawals' seeds, receipts from the utility.",
  },
});
