import { defineErrors } from "../errors/catalogue.js";

export const envelopeErrors = defineErrors("envelope", {
  malformed: {
    consequence: "The bytes are not a message; nothing in them was used.",
    cure: "Ask the sender for the message again, whole and unchanged.",
  },
  "wrong-place": {
    consequence:
      "The message was not used: it belongs to another system, kind, context or sender than the receiver expects.",
    cure: "Deliver the message where it belongs. Compare the context of both sides if it persists.",
  },
  "bad-signature": {
    consequence: "The message was not used: the sender it names did not sign it.",
    cure: "Ask the sender for the message again; if it persists, the message was altered or forged on the way.",
  },
  "second-message": {
    consequence:
      "The sender signed two different messages for one place in its sequence. The second one was not used.",
    cure: "Keep both messages: together they prove that the sender broke the protocol. Exclude the sender.",
  },
});
