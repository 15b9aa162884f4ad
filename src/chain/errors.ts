import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const chainErrors = defineErrors("chain", {
  "local-chain-failed": {
    consequence: "There is no chain to work with; nothing was deployed or sent.",
    cure: "Free the port or choose another; if it fails without a port, install the packages again with a Node of version 22.13 or later.",
    exit: ExitCode.Unavailable,
  },
});
