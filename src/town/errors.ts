import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const townErrors = defineErrors("town", {
  "database-in-use": {
    consequence: "Nothing was begun: a town counts everything that its database holds.",
    cure: "Make an empty database for the town (createdb), and give its URL.",
  },
  "folder-in-use": {
    consequence: "The folder holds a town already, whose chain is gone; nothing was started.",
    cure: "Name another folder with --folder, or remove this one.",
    exit: ExitCode.Usage,
  },
  "no-postgresql": {
    consequence: "Without a PostgreSQL of its own the town does not begin.",
    cure: "Install PostgreSQL (on Debian: apt-get install postgresql), or give the URL of one.",
  },
  "not-a-town": {
    consequence: "There is nothing to show or to stop.",
    cure: "Name the folder of a town with --folder, or start one with `sipster town up`.",
    exit: ExitCode.Usage,
  },
  "not-for-development": {
    consequence: "A clock that runs fast is for development chains alone; no block was mined.",
    cure: "Name a node of Hardhat or anvil, such as `sipster town chain` starts.",
    exit: ExitCode.Usage,
  },
  "process-ended": {
    consequence: "The town is stopped; its folder keeps every store and log.",
    cure: "Read the log named above. If it shows a defect of this program, report it.",
    exit: ExitCode.TryAgain,
  },
  "stands-still": {
    consequence: "The town is stopped; its folder keeps every store and log.",
    cure: "Read the logs in the folder: one of the processes does not go on.",
    exit: ExitCode.TryAgain,
  },
});
