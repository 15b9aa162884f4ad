import { ExitCode } from "../errors/sipster-error.js";
import { defineErrors } from "../errors/catalogue.js";

export const residentErrors = defineErrors("resident", {
  "bad-receipts": {
    consequence:
      "The utility answered with receipts that are not under its registered key; they were not counted as paid. Using them could show which payments are yours.",
    cure: "Pay again: the utility has to answer the same orders without charging. If it stays wrong, the signed answers are kept as evidence: complain with them.",
    exit: ExitCode.No,
  },
  "unpaid-tokens": {
    consequence: "The bill cannot be settled yet; nothing was combined.",
    cure: "Pay the tokens of the period first; the meter emits them again if they are lost.",
    exit: ExitCode.TryAgain,
  },
  "wrong-key-epoch": {
    consequence:
      "The token is not of the key epoch that the chain names for its period; it was not taken. A key epoch of one's own would mark every payment.",
    cure: "Give the meter the key notices of the chain, all of them, and ask it for the tokens again.",
    exit: ExitCode.No,
  },
  "former-meter": {
    consequence:
      "A meter that was exchanged emits on. Its token has the number, and so the coin, of a token of the present meter; it was not taken.",
    cure: "Show the utility that the meter was removed: it has to be taken down.",
    exit: ExitCode.No,
  },
  "number-taken": {
    consequence:
      "The meter gave two tokens one number. The coin of that number was shown for the first; showing it for the second would join the two. The second was not taken.",
    cure: "Ask the meter for the tokens of the period again. If it repeats, have the meter replaced.",
    exit: ExitCode.No,
  },
  "not-yet": {
    consequence: "Nothing was settled: settling now would show when this home paid.",
    cure: "Wait until the time that is named, or settle by force after reading what that shows.",
    exit: ExitCode.TryAgain,
  },
  "orders-unanswered": {
    consequence:
      "The utility has not answered every order on the board, so nobody settles: settling now would show that the unanswered order is not this home's.",
    cure: "Wait: the utility must answer in public. Or settle by force after reading what that shows.",
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
  "no-withdrawal": {
    consequence: "Nothing was changed.",
    cure: "Name a withdrawal that was begun and neither completed nor abandoned.",
  },
  "not-empty": {
    consequence: "Nothing was restored: the coins' numbers would not be those of before.",
    cure: "Restore into empty books, before the first withdrawal.",
  },
  "foreign-withdrawal": {
    consequence: "Nothing was restored.",
    cure: "Give the secret with which the wallet was made, and all its withdrawals, oldest first.",
  },
  "bad-backup": {
    consequence: "Nothing was restored.",
    cure: "Give the backup of this wallet, whole, and the secret with which it was made.",
  },
  "books-too-large": {
    consequence: "No backup was made: its size would tell how much the books hold.",
    cure: "Forget the periods that are settled, then make the backup again.",
  },
  "bad-books": {
    consequence: "A stored record is not what this program writes; it was not used.",
    cure: "Restore the books from a backup, or begin with empty ones: tokens come from the meter again, coins from the secret, receipts from the utility.",
  },
});
