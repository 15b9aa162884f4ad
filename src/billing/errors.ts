/** The errors of this room: accounts and the bills made from them. */
import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const billingErrors = defineErrors("billing", {
  "period-closed": {
    consequence:
      "No bill was made: bills of an account follow each other, and a month has one bill only.",
    cure: "Bill a later month: what changed in an earlier one comes as a correction on that bill. To have a bill again, give the readings and the tariff that it was made of.",
    exit: ExitCode.Usage,
  },
  "wrong-account": {
    consequence: "No bill was made: it would have put one home's energy on another's account.",
    cure: "Name the home whose account this is, or start a new account.",
    exit: ExitCode.Usage,
  },
  "other-zone": {
    consequence:
      "No bill was made: days at the limit of two months would be billed twice or not at all.",
    cure: "Use the time zone of the bills before, or start a new account.",
    exit: ExitCode.Usage,
  },
  "bad-details": {
    consequence: "No bill was made.",
    cure: "Mend the named field; docs/readings.md lists the details of a bill.",
  },
  "no-font": {
    consequence: "The PDF was not written: its letters would have become question marks.",
    cure: "Install the font's packages with: npm install dejavu-fonts-ttf fontkit bidi-js; install the package that the message names for its script; name a font that has the letters (--font FILE, such as one of Noto); or write the bill as JSON or CSV.",
  },
  "bad-account": {
    consequence: "The account was not opened, and no bill was made.",
    cure: "Restore the file from a copy; without it a new account begins, with nothing carried over.",
  },
  "earlier-tariff": {
    consequence: "No bill was made: an earlier bill could not be checked for corrections.",
    cure: "Give the tariff of the earlier bill as well (--earlier-tariff FILE).",
    exit: ExitCode.Usage,
  },
});
