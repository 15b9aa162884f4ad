import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const channelErrors = defineErrors("channel", {
  "bad-key": {
    consequence: "The key was not accepted; nothing can be sent to its holder.",
    cure: "Use the node's 32-byte X25519 key as the public parameters have it.",
  },
  "bad-key-config": {
    consequence: "The gateway's key was not accepted, and nothing was sent.",
    cure: "Use the key configuration of the public parameters. If that is the one refused, tell the utility.",
  },
  "bad-message": {
    consequence: "The message was not used.",
    cure: "Send HTTP messages as RFC 9292 encodes them. If it repeats, the two ends run different versions.",
  },
  "not-opened": {
    consequence: "Nothing in it was used. A request that did not open was not answered either.",
    cure: "Send the same order again. If it repeats, the gateway has another key than the public parameters name, or the relay changes what it carries.",
    exit: ExitCode.TryAgain,
  },
  replayed: {
    consequence: "The gateway has opened these very bytes before, and does not answer them again.",
    cure: "Encapsulate each request afresh, also when you repeat one.",
    exit: ExitCode.TryAgain,
  },
  "no-answer": {
    consequence:
      "It is not known whether the counter got the request. The order stays as it is, and is charged once.",
    cure: "Nothing to do: the wallet sends the order again at a later time, by a relay drawn afresh.",
    exit: ExitCode.Unavailable,
  },
  "other-target": {
    consequence: "The gateway serves one operation of one service, and passed nothing on.",
    cure: "Send the counter's requests alone through this channel.",
  },
  "no-network": {
    consequence: "Nothing was sent: a relay or a key of a home's own would mark its payments.",
    cure: "Ask the utility to announce relays and gateways (sipster utility network), or choose another channel.",
    exit: ExitCode.No,
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
