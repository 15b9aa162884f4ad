/** The errors of this room: files of readings, time zones, periods. */
import { defineErrors } from "../errors/catalogue.js";
import { ExitCode, type ErrorDetails, type SipsterError } from "../errors/sipster-error.js";

export const readingsErrors = defineErrors("readings", {
  "file-unreadable": {
    consequence: "Nothing was read.",
    cure: "Check the path and that you may read the file.",
  },
  "unknown-format": {
    consequence: "The file was not recognised as readings, and nothing was read.",
    cure: "Give a file of one of the formats that docs/readings.md lists; a format is recognised by its content, so a changed header line is enough to hide it.",
  },
  question: {
    consequence:
      "Nothing was read: more than one reading of the file fits, and a wrong one makes a wrong bill.",
    cure: "Answer with the option that each question names; --mapping FILE keeps the answers for the next file.",
  },
  "bad-mapping": {
    consequence: "Nothing was read.",
    cure: "Correct the named answer; docs/readings.md lists all of them.",
    exit: ExitCode.Usage,
  },
  "bad-archive": {
    consequence: "Nothing was read.",
    cure: "Download the archive again, or unpack it and give the files within.",
  },
  incomplete: {
    consequence: "Nothing was read: a file that is cut short would bill too little.",
    cure: "Download the whole file again; where it comes in pages, give all pages together.",
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
      "The file was refused: what it asks for is not part of a file of readings, and can be used to attack its reader.",
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
