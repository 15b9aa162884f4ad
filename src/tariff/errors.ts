/** The errors of this room: tariffs, their signatures, and what they cannot price. */
import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const tariffErrors = defineErrors("tariff", {
  "unknown-format": {
    consequence: "The file was not recognised as a tariff, and nothing was read.",
    cure: "Give a file of one of the kinds of tariff that docs/readings.md lists.",
  },
  "other-zone": {
    consequence:
      "No bill was made: two time zones in one bill would count days and months twice or not at all.",
    cure: "Use a tariff of the deployment's time zone, or one that names no time zone.",
  },
  "zone-needed": {
    consequence: "No bill was made: without a time zone nobody knows where days and months begin.",
    cure: "Name the zone of the readings with --time-zone, for example --time-zone Australia/Sydney, or +10:00 where clocks are never changed; or use a tariff that names its zone.",
  },
  "bad-tariff": {
    consequence: "The tariff was not loaded, and nothing was rated.",
    cure: "Mend the named field; docs/readings.md shows a complete tariff.",
  },
  choice: {
    consequence: "No tariff was loaded: the file holds several.",
    cure: "Name one of them after the path, for example tariffs.json#TRB0001.",
    exit: ExitCode.Usage,
  },
  signature: {
    consequence:
      "The tariff was not accepted: it is not what the utility signed, or was signed for another deployment.",
    cure: "Get the tariff again from the utility, and check the address of its tariff key.",
    exit: ExitCode.No,
  },
  outdated: {
    consequence: "The tariff was not accepted: a newer one is in force.",
    cure: "Use the newest tariff that the utility signed.",
    exit: ExitCode.No,
  },
  "no-price": {
    consequence: "An interval lies where the tariff has no price; nothing was billed.",
    cure: "Choose a period that the tariff covers, or a tariff that covers the period.",
  },
  "bad-register": {
    consequence:
      "Nothing was charged. The energy stays in the register and comes with the next reading.",
    cure: "Give what the register shows, in whole watt-hours, with a time that the meter's clock has passed.",
  },
  "bad-successor": {
    consequence: "The meter goes on with the tariff that it has.",
    cure: "Bring the tariff that follows the meter's own, for the whole of its first period and before that period begins.",
    exit: ExitCode.No,
  },
  "not-given": {
    consequence:
      "Nothing was charged and no period was closed. The energy stays in the register until the tariff is there.",
    cure: "Give the tariff with this hash: the utility serves it.",
    exit: ExitCode.TryAgain,
  },
  "bad-argument": {
    consequence: "Nothing was done.",
    cure: "Correct the named argument.",
    exit: ExitCode.Usage,
  },
});
