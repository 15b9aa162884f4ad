import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const attackErrors = defineErrors("attack", {
  "no-homes": {
    consequence: "No neighbourhood can be made, and nothing was measured.",
    cure: "Give readings that have at least one home with a whole month.",
  },
  "unknown-policy": {
    consequence: "Nothing was measured.",
    cure: "Name one of the policies that the message lists.",
    exit: ExitCode.Usage,
  },
  "bad-town": {
    consequence: "The folder was not read, and nothing was measured.",
    cure: "Give the folder of a town that `sipster town` has run until its bills were settled.",
  },
});
