/** The errors of this room: files of readings, tariffs, periods. */
import { defineErrors } from "../errors/catalogue.js";
import { ExitCode, type ErrorDetails, type SipsterError } from "../errors/sipster-error.js";

export const readingsErrors = defineErrors("readings", {
  "file-unreadable": {
    consequence: "Nothing was read.",
    cure: "Check the path and that you may read the file.",
  },
  "unknown-format": {
    consequence: "The file was not recognised as readings or as a tariff, and nothing was read.",
    cure: "Give a file of one of the formats that docs/readings.md lists; a format is recognised by its content, so a changed header line is enough to hide it.",
  },
  "bad-row": {
    consequence: "The file was refused whole: leaving a row out would bill something else.",
    cure: "Mend or remove the named line, or read again with bad rows taken as missing (`--bad-rows missing`).",
  },
  "contradictory-duplicate": {
    consequence:
      "The file was refused whole: one interval cannot have two readings of equal standing.",
    cure: "Find out which of the two named lines is right and remove the other.",
  },
  overlap: {
    consequence: "The file was refused whole: the same energy would be counted twice.",
    cure: "Remove one of the two overlapping intervals at the named lines.",
  },
  "too-large": {
    consequence: "Reading stopped, and nothing was kept: the input would fill the machine.",
    cure: "Read the file in parts, by home or by year.",
  },
  "unsafe-xml": {
    consequence:
      "The file was refused: what it asks for is no part of a file of readings, and can be used to attack its reader.",
    cure: "Export the file again from the utility's site; a genuine one has no document type, entities or deep nesting.",
  },
  "no-readings": {
    consequence: "The file is well-formed but holds no reading, so there is nothing to bill.",
    cure: "Check that this is the file you meant.",
  },
  "unknown-time-zone": {
    consequence: "Local times could not be turned into instants.",
    cure: "Give an IANA name such as Europe/London, a fixed offset such as +10:00, or UTC.",
    exit: ExitCode.Usage,
  },
  "bad-period": {
    consequence: "Nothing was rated.",
    cure: "Give a calendar month as YYYY-MM, for example 2013-03, and where a day is asked for YYYY-MM-DD.",
    exit: ExitCode.Usage,
  },
  "bad-tariff": {
    consequence: "The tariff was not loaded, and nothing was rated.",
    cure: "Mend the named field; docs/readings.md shows a complete tariff.",
  },
  "tariff-choice": {
    consequence: "No tariff was loaded: the file holds several.",
    cure: "Name one of them after the path, for example tariffs.json#TRB0001.",
    exit: ExitCode.Usage,
  },
  "tariff-signature": {
    consequence:
      "The tariff was not accepted: it is not what the utility signed, or was signed for another deployment.",
    cure: "Get the tariff again from the utility, and check the address of its tariff key.",
    exit: ExitCode.No,
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
  "tariff-not-given": {
    consequence:
      "Nothing was charged and no period was closed. The energy stays in the register until the tariff is there.",
    cure: "Give the tariff with this hash: the utility serves it.",
    exit: ExitCode.TryAgain,
  },
  "tariff-outdated": {
    consequence: "The tariff was not accepted: a newer one is in force.",
    cure: "Use the newest tariff that the utility signed.",
    exit: ExitCode.No,
  },
  "no-price": {
    consequence: "An interval lies where the tariff has no price; nothing was billed.",
    cure: "Choose a period that the tariff covers, or a tariff that covers the period.",
  },
  "period-closed": {
    consequence: "No bill was made: bills of an account follow each other, and none is made twice.",
    cure: "Bill a later month; what changed in an earlier one comes as a correction on that bill.",
    exit: ExitCode.Usage,
  },
  "wrong-account": {
    consequence: "No bill was made: it would have put one home's energy on another's account.",
    cure: "Name the home whose account this is, or start a new account.",
    exit: ExitCode.Usage,
  },
  "bad-account": {
    consequence: "The account was not opened, and no bill was made.",
    cure: "Restore the file from a copy; without it a new account begins, with nothing carried over.",
  },
  "earlier-tariff": {
    consequence: "No bill was made: an earlier bill could not be checked for corrections.",
    cure: "Give the tariff of the earlier bill as well.",
    exit: ExitCode.Usage,
  },
  "bad-argument": {
    consequence: "Nothing was done.",
    cure: "Correct the named argument.",
    exit: ExitCode.Usage,
  },
});

/** Where in which input something is. `line` counts from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
}

export function placeText(place: Place): string {
  return place.line === undefined ? place.file : `${place.file}, line ${place.line}`;
}

/** A refused row: file, line and reason in the message, and again in the details for programs. */
export function badRow(place: Place, reason: string, details: ErrorDetails = {}): SipsterError {
  return readingsErrors.error("bad-row", `${placeText(place)}: ${reason}`, {
    file: place.file,
    line: place.line ?? null,
    reason,
    ...details,
  });
}
