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
  "too-few-months": {
    consequence: "Nothing was measured: an interval over so few crowds would say nothing.",
    cure: "Attack more months with --trials, or larger crowds with --homes.",
    exit: ExitCode.Usage,
  },
  "not-a-town": {
    consequence: "Nothing was attacked.",
    cure: "Name the folder of a `sipster town` whose month is over, and with --database the PostgreSQL that it was made with.",
    exit: ExitCode.Usage,
  },
  "other-town": {
    consequence: "Nothing was scored: a score would count homes that are not there.",
    cure: "Name a folder that one town left, whole.",
  },
  "bad-claims": {
    consequence: "Nothing was scored.",
    cure: "Write the claims as the README beside the challenge says.",
    exit: ExitCode.Usage,
  },
  "other-truth": {
    consequence: "Nothing was scored: the truth was changed after the challenge was published.",
    cure: "Take the truth that was written with this challenge.",
  },
});
