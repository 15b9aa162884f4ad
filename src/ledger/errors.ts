import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const ledgerErrors = defineErrors("ledger", {
  "bad-answer": {
    consequence: "The bytes were not taken for a question or an answer about a bill.",
    cure: "Ask again. If the provider's answers stay unreadable, recompute the row from L_OCD and the price, and complain.",
  },
  "bad-average": {
    consequence: "Nothing was split into parcels.",
    cure: "Use the average of the terms; it is a multiple of 4 Wh and at least 4.",
  },
  "bad-consumption": {
    consequence: "The reading was not taken into account.",
    cure: "Report consumption only; the ledger has no rows for export.",
  },
  "bad-key": {
    consequence: "The key was not accepted; its holder cannot take part.",
    cure: "Hand over the 33-byte compressed key that the device shows.",
  },
  "bad-price-function": {
    consequence: "No price can be derived; nothing was published.",
    cure: "Give at least one price, none negative, in rising order of load or as levels of a timetable.",
  },
  "bad-receipt": {
    consequence:
      "The reports may be in the ledger or not; if they are not, that cannot be proved to others.",
    cure: "Send the same reports again: the control centre answers with the same receipt.",
  },
  "bad-seed": {
    consequence: "No key tree was made.",
    cure: "Use 32 random bytes, or restore the device from its own backup.",
  },
  "bad-terms": {
    consequence:
      "Nothing was reported for the interval: the energy is in the register and is carried.",
    cure: "Fetch the terms again by another route; if they stay wrong, show them to an auditor: the contract judges them.",
  },
  "interval-open": {
    consequence: "Nothing was opened or closed: intervals come one by one.",
    cure: "Close the open interval first, then go on in order.",
  },
  "interval-range": {
    consequence: "Nothing was computed: such an interval has no keys.",
    cure: "Number intervals by whole interval lengths since 1970, below 2^24.",
  },
  "leaf-gone": {
    consequence: "The keys of that interval no longer exist, so nothing can be signed for it.",
    cure: "Report each interval once and in order; a past interval cannot be reported again.",
  },
  "known-meter": {
    consequence: "Nothing was enrolled: one meter would count as two homes.",
    cure: "Keep the number that the registrar gave. A meter that is exchanged has a key of its own.",
  },
  "list-made": {
    consequence: "Nothing was changed: the enrolment of that interval may be anchored already.",
    cure: "Enrol or leave out from an interval on of which no list was made.",
  },
  "no-price": {
    consequence: "The interval cannot be billed, nor audited.",
    cure: "Use a price function that covers the interval.",
  },
  "no-such-row": {
    consequence: "No proof was made.",
    cure: "Use the row numbers of the page that the proof is for, from 0.",
  },
  "other-process": {
    consequence: "Nothing was written, signed or given a receipt by this process.",
    cure: "End all processes on this store but one, and start that one again: it goes on where the other ended.",
  },
  "record-damaged": {
    consequence: "The role did not start: it would have forgotten what others hold it to.",
    cure: "Restore the store from its backup, then start again.",
  },
  "page-refused": {
    consequence: "The interval is not priced and not billed.",
    cure: "Show the finding to the control centre, or prove it on-chain; bill the corrected page.",
    exit: ExitCode.No,
  },
  "unknown-meter": {
    consequence: "No meter was left out.",
    cure: "Use the number that the registrar gave at the meter's enrolment.",
  },
  "worker-failed": {
    consequence:
      "A thread that checks signatures or makes keys ended: what was asked for was not done, and nothing was kept.",
    cure: "Ask again. If it repeats, start the program again.",
    exit: ExitCode.TryAgain,
  },
  "wrong-list": {
    consequence:
      "The interval was not opened or closed: its reports would be refused or unprovable.",
    cure: "Use the registrar's list of the interval that the terms name.",
  },
});
