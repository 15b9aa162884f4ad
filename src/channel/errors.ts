import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const channelErrors = defineErrors("channel", {
  "bad-key": {
    consequence: "The key was not accepted; nothing can be sent to its holder.",
    cure: "Use the node's 32-byte X25519 key as the public parameters have it.",
  },
  "onion-answer": {
    consequence: "The answer was not used.",
    cure: "Make the answer shorter; if one came in that does not open, treat it as lost and send the payload again in the next round.",
  },
  "onion-route": {
    consequence: "No packet was built and nothing was sent.",
    cure: "Give at least one hop, enough relays, and payloads of at least 2 bytes that fit in a packet together.",
  },
  "round-over": {
    consequence: "The packets were not taken: their round is over, or its epoch is not open here.",
    cure: "Send in a later round. A relay that has lost its memory takes packets again in the next epoch.",
    exit: ExitCode.TryAgain,
  },
  "peeler-stopped": {
    consequence: "The packets of this round are lost.",
    cure: "Start again; if it persists, look at the error beneath.",
    exit: ExitCode.TryAgain,
  },
});
