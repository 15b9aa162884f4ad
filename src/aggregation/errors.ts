import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const aggregationErrors = defineErrors("aggregation", {
  "kernel-missing": {
    consequence: "The arithmetic kernel is not built; nothing was computed.",
    cure: "Install sipster again: its package contains the kernel. In a checkout run `npm run build:kernel`.",
    exit: ExitCode.Unavailable,
  },
  "bad-length": {
    consequence: "The bytes are not of the expected kind; nothing was computed from them.",
    cure: "Pass the bytes exactly as they were produced: 33,536 for a key, 32 for a seed, 11 for a ciphertext.",
  },
  "bad-ciphertext": {
    consequence: "The value cannot come from a member of the group; it was not counted.",
    cure: "Ask the member to send it again; if it persists, the message was altered on the way.",
  },
  "label-out-of-range": {
    consequence: "Nothing was encrypted.",
    cure: "Use a period number or an instant in seconds since 1970, from 0 to 2^64 − 1.",
  },
  "label-used": {
    consequence:
      "Nothing was encrypted: two ciphertexts of one key and label show the difference of their values.",
    cure: "Go on with the next label. A value whose ciphertext was lost is lost; the others repair the sum.",
  },
  "key-spent": {
    consequence: "Nothing was encrypted: more outputs would begin to determine the key.",
    cure: "Open the next epoch: each member makes a new key and sends a new key share.",
  },
  "value-out-of-range": {
    consequence: "Nothing was encrypted and the label was not used up.",
    cure: "Send a whole number from 0 to the greatest value that the roster states.",
  },
  "range-too-large": {
    consequence: "Results of this group could not be decoded; nothing was set up.",
    cure: "Choose a smaller greatest value, smaller groups or smaller weights: N·(N·max) + N must be below 2^85, and a weighted sum may span 2^40 values.",
  },
  "group-too-small": {
    consequence: "No group was formed: a sum of one value is that value.",
    cure: "Form groups of at least 2 homes; 50 to 200 are recommended.",
  },
  "bad-terms": {
    consequence: "Nothing was done.",
    cure: "Correct the value that the message names.",
  },
  "bad-enrolment": {
    consequence: "The roster was not accepted: someone may be impersonating the member.",
    cure: "Have the member enrol again with its registered key.",
  },
  "not-registered": {
    consequence:
      "The roster was not accepted: invented members would let the aggregator single a home out.",
    cure: "Register the member's identity key with the utility, or leave the member out.",
  },
  "duplicate-member": {
    consequence: "The roster was not accepted.",
    cure: "Keep one enrolment for each member, with keys of its own.",
  },
  "not-in-roster": {
    consequence: "Nothing was done.",
    cure: "Use an identifier from the roster, or fix a new roster that includes the member.",
  },
  "wrong-roster": {
    consequence: "The message was not used: it belongs to another roster, stream or epoch.",
    cure: "Compare the hashes of the rosters; a member that holds another one must take part in a new set-up.",
  },
  "bad-introduction": {
    consequence: "No secret was agreed: someone may have put itself between two members.",
    cure: "Ask the member for its introduction again, over another path if it persists.",
  },
  "missing-introduction": {
    consequence: "No secret could be agreed with that member.",
    cure: "Wait for its introduction, or fix a new roster without it.",
  },
  "bad-key-share": {
    consequence: "The share was not added to the sum of the keys.",
    cure: "Ask the member for its key share again.",
  },
  "members-missing": {
    consequence: "Nothing was decrypted: without the missing ones the sum is noise.",
    cure: "Wait for them, or have the members present repair the sum.",
  },
  "duplicate-contribution": {
    consequence: "The second message was not counted.",
    cure: "Nothing if it is a retransmission; otherwise find out who speaks for this member.",
  },
  "label-closed": {
    consequence: "The message came after its sum was closed and was not counted.",
    cure: "Discard it: a late value next to a repaired sum would tell the value.",
  },
  "no-key-sum": {
    consequence: "Nothing was decrypted: in this group every sum needs an answer from each member.",
    cure: "Post the drop-set, even if nobody is missing, and collect the answers.",
  },
  "too-few-present": {
    consequence: "No sum was made: it would be over fewer homes than the group's quorum.",
    cure: "Leave this label out, or choose a lower quorum when the next roster is fixed.",
  },
  "bad-drop-set": {
    consequence: "The member did not answer, so the sum stays closed.",
    cure: "Ask the aggregator for its signed statement again; one that calls a present member missing is evidence against it.",
  },
  "second-drop-set": {
    consequence:
      "The member did not answer, and ended the epoch: two sums that differ by few homes show what those homes used.",
    cure: "Keep both statements: the aggregator signed them. Open another epoch with another aggregator.",
    exit: ExitCode.No,
  },
  "label-not-served": {
    consequence:
      "The member did not answer: an answer for a label that it did not serve would show part of its key.",
    cure: "Ask for labels that the member has served lately. An aggregator that asks for others is trying to read a key.",
  },
  "label-not-open": {
    consequence: "The contribution was not counted.",
    cure: "Send it while the aggregator takes contributions for the label.",
  },
  "too-many-labels": {
    consequence: "No further label was opened.",
    cure: "Close or abandon the oldest label first.",
  },
  "bad-receipt": {
    consequence: "The receipt was not kept: it is not for this member's contribution.",
    cure: "Ask the aggregator for the receipt again. Without one, an objection holds up a repair, and proves nothing.",
  },
  "bad-objection": {
    consequence: "The objection was ignored.",
    cure: "Only a member that the drop-set names can object, with its own contribution to the label.",
  },
  "window-open": {
    consequence: "The member did not answer yet.",
    cure: "Ask again when the time for objections is over.",
    exit: ExitCode.TryAgain,
  },
  objected: {
    consequence:
      "The member did not answer: a member that the drop-set calls missing had contributed.",
    cure: "The label has no sum. Show the members the contribution's receipt, or leave the member out of the next roster if it objects without reason.",
    exit: ExitCode.No,
  },
  "epoch-ended": {
    consequence:
      "The member takes no part in this epoch any more: the aggregator was proved to lie.",
    cure: "Open another epoch with another aggregator.",
    exit: ExitCode.No,
  },
  "repair-incomplete": {
    consequence: "The sum cannot be decrypted yet.",
    cure: "Wait for the members named. If one of them has failed, the label is lost; the next one repairs without it.",
  },
  "sum-inconsistent": {
    consequence: "The sum was not accepted: some ciphertext or key share is not what it claims.",
    cure: "Check that all contributions are of one label and roster; if it persists, set up the group again.",
  },
  "functions-spent": {
    consequence:
      "No key share was given: two functions together can tell what neither tells alone.",
    cure: "Ask for the function that was answered before, or wait for the next epoch.",
  },
  "bad-weights": {
    consequence: "Nothing was done: the weights do not belong to this group.",
    cure: "Pass one integer for each member in the roster's order, of absolute value below 2^64.",
  },
  "weights-refused": {
    consequence: "No key share was given: the result would say too much about few homes.",
    cure: "Ask for a function that gives more members a weight, and each weight to several of them; or let the members choose another policy.",
  },
  "bad-function-share": {
    consequence: "The share was not used.",
    cure: "Ask the member for its share of this function.",
  },
  "wrong-stage": {
    consequence:
      "Nothing was done and nothing left: a step of the set-up before this one is missing.",
    cure: "Do the steps in order: enrol, introduce, agree. After a restart begin with the same store.",
  },
  "state-exists": {
    consequence: "Nothing was written: a mark that starts again would let labels be used twice.",
    cure: "Resume the member from the store, or take part in the next epoch with a new key.",
  },
  "state-missing": {
    consequence: "Nothing was encrypted: without the mark it is unknown which labels were used.",
    cure: "Restore the store's file; if it is lost, take part in the next epoch with a new key.",
  },
  "state-damaged": {
    consequence: "Nothing was encrypted: what the key has done before cannot be read.",
    cure: "Restore the store's file; if it is lost, take part in the next epoch with a new key.",
  },
});
