import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const ecashErrors = defineErrors("ecash", {
  "bad-mint-key": {
    consequence: "The two halves of the mint's key do not belong together; it is not used.",
    cure: "Take the mint's keys from the vault contract, which has checked them.",
  },
  "no-mint-key": {
    consequence: "Nothing was withdrawn, issued or accepted.",
    cure: "Ask for denominations and a mint key that the mint has announced.",
  },
  "bad-seed": {
    consequence: "No coin was prepared.",
    cure: "Pass the 32 bytes of the wallet's secret.",
  },
  "bad-request": {
    consequence: "The mint signed nothing and charged nothing.",
    cure: "Send the request as the wallet prepared it.",
  },
  "bad-order": {
    consequence: "The mint signed nothing and charged nothing.",
    cure: "Send the order as the wallet signed it, with the key of the account.",
  },
  "bad-answer": {
    consequence:
      "The mint's answer was not taken: its signatures are not under the key that it has announced, so the coins would be worthless or would identify this wallet. What was prepared is kept.",
    cure: "Ask the mint for its answer again. If it stays wrong, dispute the deposit at the vault with the answer as proof.",
    exit: ExitCode.No,
  },
  "bad-coin": {
    consequence: "The bytes are not what this wallet stored; nothing was paid or withdrawn.",
    cure: "Restore the wallet's file from its copy.",
  },
  "bad-payment": {
    consequence: "The bytes do not make a payment; nothing was charged and nothing was sold.",
    cure: "Send the payment as the wallet made it.",
  },
  "wrong-memo": {
    consequence:
      "The payment was made for another token, payee or key epoch; nothing was charged and nothing was sold.",
    cure: "Send each token with the payment that was made for it.",
  },
  "wrong-denomination": {
    consequence: "Nothing was charged and nothing was sold.",
    cure: "Pay a token with a coin of the token's denomination.",
  },
  expired: {
    consequence: "Nothing was charged and nothing was sold.",
    cure: "Make a new payment with the same coin for the same token, and send it before it expires.",
    exit: ExitCode.TryAgain,
  },
  "bad-payment-signature": {
    consequence:
      "The payment is not signed by the coin's key, so it was changed or stolen; nothing was charged and nothing was sold.",
    cure: "Send the payment as the wallet made it.",
    exit: ExitCode.No,
  },
  "forged-coin": {
    consequence: "The mint has not signed this coin; nothing was sold.",
    cure: "Withdraw coins from the mint whose keys the payee accepts.",
    exit: ExitCode.No,
  },
});
