import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const serviceErrors = defineErrors("service", {
  unreachable: {
    consequence: "It is not known whether the utility got the request.",
    cure: "Send the same request again: the utility charges it once.",
    exit: ExitCode.Unavailable,
  },
  "bad-answer": {
    consequence: "What came back is not an answer of this service; nothing in it was used.",
    cure: "Check the utility's address, and send the same request again.",
    exit: ExitCode.Unavailable,
  },
  "no-tariff": {
    consequence: "The utility does not serve a tariff with this hash.",
    cure: "Take the hashes from the terms that the settlement contract names.",
    exit: ExitCode.No,
  },
  "bad-length": {
    consequence: "The request was not read, and nothing was done.",
    cure: "Send a body of exactly as many bytes as the API's document names.",
  },
});
