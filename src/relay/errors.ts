import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const relayErrors = defineErrors("relay", {
  unreachable: {
    consequence: "The relayer did not get the bill, or did not say what became of it.",
    cure: "Try again later, or pay the gas from a wallet of your own. Handing in a bill twice does no harm: it settles once.",
    exit: ExitCode.Unavailable,
  },
  "bad-answer": {
    consequence: "What answers at this address is not a relayer of this version; nothing is known.",
    cure: "Check the relayer's address, or pay the gas from a wallet of your own.",
    exit: ExitCode.Unavailable,
  },
  "bad-request": {
    consequence: "Nothing was taken, and nothing is answered.",
    cure: "Hand in { bills: […] } or ask with { ids: […] }, no more than the relayer's documentation allows at once.",
  },
  "queue-full": {
    consequence: "The bill was not taken.",
    cure: "Hand it in again later, or use another relayer.",
    exit: ExitCode.TryAgain,
  },
  "queue-damaged": {
    consequence: "The relayer does not know which bills it took; it sends nothing.",
    cure: "Restore its folder from a copy, or begin with an empty one: residents hand their bills in again.",
  },
  "bill-unknown": {
    consequence:
      "This relayer never took the bill, or forgot it long after its settlement was final.",
    cure: "Hand the bill in again: if it is settled, the answer says so.",
    exit: ExitCode.No,
  },
  "not-ready": {
    consequence: "The relayer cannot check bills now; the bill was not taken.",
    cure: "Hand it in again in a minute: the relayer has lost its node for the moment.",
    exit: ExitCode.TryAgain,
  },
});
