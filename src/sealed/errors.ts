import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const sealedErrors = defineErrors("sealed", {
  "bad-encoding": {
    consequence: "The bytes are not a message of this kind; nothing in them was used.",
    cure: "Ask the sender for the message again, whole and unchanged.",
  },
  "identity-point": {
    consequence:
      "The message holds the identity where an honest sender never has it; it was refused.",
    cure: "Refuse the sender's message: it was not made by this protocol.",
  },
  "scalar-out-of-range": {
    consequence: "The message is not in its one canonical form; it was refused.",
    cure: "Ask the sender for the message again: each scalar must be below the group order.",
  },
  "bad-range": {
    consequence: "No proof was made or checked.",
    cure: "Give ranges with lo ≤ hi that span less than 2⁶⁴, together at most 8,192 bits for one proof.",
  },
  "value-out-of-range": {
    consequence: "No proof was made: it would have said something false.",
    cure: "Report the value as abnormal, in the wider range, or check where it comes from.",
  },
  "wrong-opening": {
    consequence: "No proof was made: the commitment does not hold the value.",
    cure: "Give the value and the blinding factor with which the commitment was made.",
  },
  "bad-committee": {
    consequence: "No key was generated.",
    cure: "Give n trustees with distinct keys and a threshold t with n/2 < t ≤ n. To tolerate f corrupt ones, t ≥ (n + f + 1)/2 and n ≥ t + f: 3 of 4 tolerate one.",
  },
  "wrong-stage": {
    consequence: "The trustee did nothing: the ceremony is at another step.",
    cure: "Take the steps in order: deal, examine, extract, conclude, finish; start again with a new ceremony name.",
  },
  "bad-extraction": {
    consequence:
      "The ceremony ended without a key: a trustee that changes its values late could choose the key.",
    cure: "Compare the dealings that the trustees saw. If they are the same, exclude the trustees named; if not, mend the channel. Start again under a new ceremony name.",
    exit: ExitCode.No,
  },
  "weak-key": {
    consequence:
      "The ceremony ended without a key: under this one everybody could read every message.",
    cure: "Start again with a new ceremony name.",
    exit: ExitCode.No,
  },
  "transcripts-differ": {
    consequence: "The key is not used: the trustees do not agree on what was said in the ceremony.",
    cure: "Compare the trustees' messages. Exclude the trustee that signed two, or none, and start again under a new ceremony name.",
    exit: ExitCode.No,
  },
  "too-few-dealers": {
    consequence: "The ceremony ended without a key: too many trustees cheated or were silent.",
    cure: "Replace the trustees named and start again with a new ceremony name.",
    exit: ExitCode.No,
  },
  "bad-share": {
    consequence: "The share does not belong to the public key; it was not used.",
    cure: "Take part in the next refresh with the share that the last one gave.",
  },
  "too-few-partials": {
    consequence: "Nothing was decrypted: fewer trustees than the threshold gave a valid answer.",
    cure: "Ask more trustees.",
    exit: ExitCode.TryAgain,
  },
  "sum-out-of-range": {
    consequence: "The decrypted number was not found in the range that the proved readings allow.",
    cure: "Check that the trustees' key is the one the meters encrypt to.",
    exit: ExitCode.No,
  },
  "impossible-reading": {
    consequence: "The meter reported nothing: no meter of this kind can measure such a value.",
    cure: "Check the unit of the reading, or widen the possible range for all meters.",
  },
  "bad-interval": {
    consequence: "Nothing was reported or decrypted.",
    cure: "Give the beginning of the interval in whole seconds since 1970.",
  },
  "interval-not-increasing": {
    consequence:
      "The meter reported nothing: an interval is reported once, in order, and not before it has ended.",
    cure: "Report only intervals after the last report, up to an instant that the meter's clock has passed.",
  },
  "report-size": {
    consequence: "The meter reported nothing.",
    cure: "Give at least one reading, and no more than a month of quarter-hours in both directions: 5,952.",
  },
  "unknown-trustee": {
    consequence: "The message was not used: its signer is not in the committee of this ceremony.",
    cure: "Compare the committee's members on both sides; a message of another ceremony belongs to that one.",
  },
  "unknown-meter": {
    consequence: "The report was refused: its meter is not registered.",
    cure: "Register the meter's address first.",
  },
  "bad-signature": {
    consequence: "The report was refused: it was not signed by the meter it names, or was altered.",
    cure: "Ask the meter for the report again.",
  },
  "replayed-interval": {
    consequence: "The report was refused: what it covers was reported before.",
    cure: "Ignore it if it is a copy; two different reports of one time prove that the meter is broken.",
  },
  "report-missing": {
    consequence: "The report was refused: an earlier one of the meter has not arrived.",
    cure: "Ask the meter for the reports that it has not sent, then send this one again.",
    exit: ExitCode.TryAgain,
  },
  "bad-proof": {
    consequence: "The report was refused: its proofs do not hold for its ciphertexts.",
    cure: "Ask the meter for the report again; if it persists, the meter is broken or lies.",
  },
  "no-readings": {
    consequence: "There is nothing to add up.",
    cure: "Check the meter's address and the intervals of the period.",
  },
  incomplete: {
    consequence: "Nothing was added up: a sum over chosen readings would tell single ones.",
    cure: "Give every report of the period, or one of each member of the group. A stay shorter than the period is opened by the meter.",
  },
  "gap-not-named": {
    consequence: "The trustee refused: the request does not say which readings are missing.",
    cure: "Name exactly the stretches of the period without a reading.",
  },
  "period-open": {
    consequence: "The trustee refused: a bill is decrypted once, when its period is over.",
    cure: "Ask again when the period has ended.",
    exit: ExitCode.TryAgain,
  },
  "other-reports": {
    consequence: "The request was refused: its reports are not those that were signed for.",
    cure: "Send the reports that the signed request names, in its order.",
  },
  "bad-notice": {
    consequence: "The tariff or group was not taken.",
    cure: "Correct what the message names: a tariff is for one calendar month with steps in order, a group for one day with each meter once.",
  },
  "notice-too-late": {
    consequence: "The tariff or group was not taken: it has to be public before it begins.",
    cure: "Publish the notice of the next period or day in time. The trustees decrypt nothing under this one.",
  },
  "second-notice": {
    consequence: "The notice was not taken: another one with the same number was posted before.",
    cure: "Keep both messages, which the details hold: together they prove that the control centre told different things.",
  },
  "unknown-notice": {
    consequence:
      "Nothing was decrypted: the tariff or group was not published in time, or is another.",
    cure: "Use the notice that the trustees took before the period or day began.",
  },
  "group-too-small": {
    consequence: "The group was not taken: its sums would say too much about each home.",
    cure: "Form a group of at least as many meters as the message names.",
  },
  "bad-opening": {
    consequence: "The bill was not opened, or the opening was not accepted.",
    cure: "Open spans of enough readings, each instant once, under the published tariff.",
  },
  "too-few-readings": {
    consequence: "The trustee refused: so few readings would say too much about each.",
    cure: "Ask for a sum over more readings.",
  },
  "too-few-at-a-price": {
    consequence:
      "The trustee refused: prices chosen for few readings each would let single readings be told from the sum.",
    cure: "Use a tariff with fewer distinct prices in the period, or a longer period.",
  },
  "already-decrypted": {
    consequence:
      "The trustee refused: the difference of two sums over nearly the same readings would tell single ones.",
    cure: "Ask for the same sum again, which is answered. Keep both signed requests: together they prove that the control centre asked twice.",
  },
  "damaged-log": {
    consequence:
      "The trustee did not start: what it answered before cannot be trusted to be complete.",
    cure: "Restore the log from a copy; without it, this share must not answer any more.",
  },
  "log-behind-anchor": {
    consequence:
      "The trustee did not start: its log is shorter than, or another than, the one it has anchored.",
    cure: "Restore the latest copy of the log; without it, this share must not answer any more.",
  },
  "tariff-not-linear": {
    consequence:
      "No bill was computed: prices that depend on the consumption cannot be applied to sealed readings.",
    cure: "Use a flat, time-of-use or half-hourly tariff; block tariffs need the total first.",
  },
});
