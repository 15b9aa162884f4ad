import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const relayErrors = defineErrors("relay", {
  unreachable: {
    consequence: "The relayer did not get the bill, or did not say what became of it.",
    cure: "Try again later, or pay the gas from a wallet of your own. Handing in a bill twice does no harm: it settles once.",
    exit: ExitCode.Unavailable,
  },
  "bad-answer": {
    consequence: "What answers at this address is no relayer of this version; nothing is known.",
    cure: "Check the relayer's address, or pay the gas from a wallet of your own.",
    exit: ExitCode.Unavailable,
  },
  "too-large": {
    consequence: "The request was not read.",
    cure: "Hand in one bill at a time, as it was written.",
  },
  "too-many-requests": {
    consequence: "The bill was not taken.",
    cure: "Wait the seconds that the answer names, then hand it in again.",
    exit: ExitCode.TryAgain,
  },
  "queue-full": {
    consequence: "The bill was not taken.",
    cure: "Hand it in again later, or use another relayer.",
    exit: ExitCode.TryAgain,
  },
  "bill-unknown": {
    consequence: "This relayer never took the bill, or forgot it after it was settled.",
    cure: "Hand the bill in again: if it is settled, the answer says so.",
    exit: ExitCode.No,
  },
  "no-such-address": {
    consequence: "The relayer answers nothing there.",
    cure: "POST a bill file to /bills, GET /bills/<id> for what became of it, GET / for what the relayer is.",
    exit: ExitCode.Usage,
  },
  "not-ready": {
    consequence: "The relayer cannot check bills now; the bill was not taken.",
    cure: "Hand it in again in a minute: the relayer has lost its node for the moment.",
    exit: ExitCode.TryAgain,
  },
  "port-unusable": {
    consequence: "The relayer does not run.",
    cure: "Pass another port, or 0 for any that is free.",
    exit: ExitCode.Unavailable,
  },
  failed: {
    consequence: "It is not known whether the bill was taken.",
    cure: "Ask for its status, or hand it in again: it settles once. If it repeats, tell whoever runs the relayer.",
    exit: ExitCode.TryAgain,
  },
});
