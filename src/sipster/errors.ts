import { ExitCode } from "../errors/sipster-error.js";
import { defineErrors } from "../errors/catalogue.js";

export const sipsterErrors = defineErrors("sipster", {
  "bad-address": {
    consequence: "The text is not an Ethereum address; nothing was computed from it.",
    cure: "Pass 0x followed by 40 hexadecimal digits.",
  },
  "bad-token": {
    consequence:
      "The bytes are not a token of this suite; no receipt can be made or checked for it.",
    cure: "Ask the meter to emit the token again: it gives the same bytes.",
  },
  "token-not-a-point": {
    consequence: "The token's counter gives no point of the curve, so no meter emitted this token.",
    cure: "Ask the meter to emit the token again; do not try other counters.",
  },
  "token-signature-invalid": {
    consequence: "The token was not signed by the meters' token key; it must not be paid.",
    cure: "Ask the meter to emit the token again; if it repeats, the token was altered or forged.",
  },
  "bad-denomination": {
    consequence: "The denomination is not one this suite or this system can express.",
    cure: "Use the public denominations of the system, each at least 1 and ascending from 1.",
  },
  "bad-view-key": {
    consequence:
      "Without a view key of 32 secret bytes no token is private; none was derived from these.",
    cure: "Install the meter again, or restore the view key from the resident's own copy. A meter whose share is all zeros is broken: have it replaced.",
  },
  "broken-commitment": {
    consequence:
      "The meter may have chosen its share after it saw the resident's, and with it the view key; the view key was not used.",
    cure: "Install the meter again. If it happens twice, have the meter replaced.",
    exit: ExitCode.No,
  },
  "key-is-zero": {
    consequence: "A key of zero would make every receipt the identity; it was refused.",
    cure: "Generate a new key.",
  },
  "wrong-key-epoch": {
    consequence:
      "The token, receipt or bill belongs to another key of the utility; it was not used.",
    cure: "Use the key of the epoch that is written in it.",
  },
  "wrong-suite": {
    consequence: "A key of one suite must never serve tokens of the other; nothing was computed.",
    cure: "Use a key epoch that was set up for this suite.",
  },
  "bad-signature": {
    consequence:
      "The bytes are not a valid signature, so they prove nothing; the bill was not used.",
    cure: "Ask the meter for the bill again: it gives the same bytes.",
    exit: ExitCode.No,
  },
  "bad-period": {
    consequence: "A period is a calendar month; nothing was computed for this number.",
    cure: "Write the month as YYYYMM, for example 201303 for March 2013.",
  },
  "bad-epochs": {
    consequence: "The key epochs contradict each other, so no period has a certain key.",
    cure: "Read the epochs from the settlement contract again, through another node.",
  },
  "bad-notice": {
    consequence: "The notice says nothing that counts for this deployment; nothing changed.",
    cure: "Bring the notice as the notice signer of the public parameters signed it for this system.",
    exit: ExitCode.No,
  },
  "bad-first-number": {
    consequence: "The meter was not installed: its tokens need numbers that no other meter's had.",
    cure: "Give the numbers that follow those of the meter before, as the wallet's books have them.",
  },
  "no-key-epoch": {
    consequence: "Without a key for the period no token can be paid and no bill settled.",
    cure: "Wait until the utility has registered its first key, or read the chain again.",
  },
  "bad-parameters": {
    consequence:
      "The bytes are not the public parameters of a deployment; nothing was taken from them.",
    cure: "Fetch the parameters again, and compare their hash with the one on the chain.",
  },
  "bad-bill-file": {
    consequence: "The file is not a bill that can be settled; nothing was sent.",
    cure: "Write the file again from the resident's device; do not edit it by hand.",
  },
  "empty-batch": {
    consequence: "A batch without bills would prove nothing; nothing was computed.",
    cure: "Pass at least one bill.",
    exit: ExitCode.Usage,
  },
});
