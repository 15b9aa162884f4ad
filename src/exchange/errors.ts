import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const exchangeErrors = defineErrors("exchange", {
  "bad-request": {
    consequence: "The counter did not understand the request; nothing was charged.",
    cure: "Send the request as the wallet encodes it. If it repeats, the two run different versions.",
  },
  "bad-answer": {
    consequence:
      "What came back is not an answer of this counter to this request. It counts as no answer: the order stays as it is.",
    cure: "Send the same order again: it is charged once. If it repeats, the channel or the counter is faulty.",
    exit: ExitCode.TryAgain,
  },
});
