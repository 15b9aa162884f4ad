import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const meterErrors = defineErrors("meter", {
  "not-installed": {
    consequence: "The memory holds no meter; nothing can be metered or billed from it.",
    cure: "Install the meter first, or point to the memory of an installed one.",
  },
  "already-installed": {
    consequence: "Installing again would discard keys and counters, so nothing was written.",
    cure: "Open the installed meter, or use an empty memory for another one.",
  },
  "bad-memory": {
    consequence: "The memory does not hold what a meter writes; nothing was read from it.",
    cure: "Do not edit the memory. Replace the meter and retire its address; bills settled stay settled.",
  },
  "memory-failed": {
    consequence:
      "The last write was not confirmed, so this object no longer knows what is durable. No token left the meter.",
    cure: "Open the meter again from its memory and record the same charges again: none counts twice.",
    exit: ExitCode.TryAgain,
  },
  "period-closed": {
    consequence: "The period was closed before a later one; the meter keeps its latest bill only.",
    cure: "Use the resident's copy of that bill.",
    exit: ExitCode.No,
  },
  "bad-period": {
    consequence: "Nothing was closed.",
    cure: "Pass the period as an integer below 2^32, by convention the month as YYYYMM.",
    exit: ExitCode.Usage,
  },
  "key-epoch-in-use": {
    consequence: "A bill has one key epoch, and this period already has tokens; nothing changed.",
    cure: "Change the key epoch right after a period is closed.",
    exit: ExitCode.TryAgain,
  },
  "bad-notice": {
    consequence: "The meter goes on under its present key epoch; nothing changed.",
    cure: "Bring the notice as the utility signed it for this system. One signed by anybody else is of no use.",
  },
  "old-notice": {
    consequence:
      "A later notice was followed before, and a meter never goes back to an earlier key.",
    cure: "Bring the utility's latest notice, or none.",
    exit: ExitCode.No,
  },
  "bad-unit": {
    consequence: "Money cannot be counted in this unit; the meter was not installed.",
    cure: "Pass a positive amount of money as the unit.",
  },
  "bad-charge": {
    consequence:
      "The charge is in another fraction of the currency; none of the charges was recorded.",
    cure: "Rate all readings of a meter with the same denominator.",
  },
});
