import { defineErrors } from "../errors/catalogue.js";
import { ExitCode, isSipsterError } from "../errors/sipster-error.js";

export const fundingErrors = defineErrors("funding", {
  declined: {
    consequence:
      "No coins came, and the money of this deposit is back in the account that paid it.",
    cure: "Withdraw again. If the mint declines again, ask it why, or use another mint.",
    exit: ExitCode.No,
  },
  expired: {
    consequence:
      "The mint did not answer in its time; the money of this deposit is back in the account that paid it.",
    cure: "Withdraw again when the mint works.",
    exit: ExitCode.TryAgain,
  },
  disputed: {
    consequence:
      "The mint published a wrong signature. The vault was shown it, and the money of this deposit is back in the account that paid it.",
    cure: "Do not use this mint until it explains the signature. The transaction of the dispute is public proof.",
    exit: ExitCode.No,
  },
  "dispute-too-late": {
    consequence:
      "The mint published a wrong signature, and the time to dispute it is over: the money of this deposit is lost.",
    cure: "Let the wallet look at published signatures at least once in a dispute period.",
    exit: ExitCode.No,
  },
  "open-deposit": {
    consequence:
      "Nothing was restored: the coins' numbers depend on whether this deposit is answered.",
    cure: "Wait until the mint answers the deposit or it is refunded, then restore.",
    exit: ExitCode.TryAgain,
  },
  "unknown-withdrawal": {
    consequence: "Nothing was restored: the vault does not hold the denominations of a deposit.",
    cure: "Give the baskets of every size class that this wallet has had, under all terms.",
  },
  "bad-file": {
    consequence: "Nothing was sent, and no coins were made.",
    cure: "Name the file that `sipster wallet fund --files` or `sipster vault claim --out` wrote; split withdrawals of more than 256 coins.",
  },
  "other-deposit": {
    consequence: "Nothing was checked or sent.",
    cure: "Name the deposit that was made for this file; `sipster vault status` lists deposits.",
  },
  "no-answer": {
    consequence:
      "No coins came yet; the withdrawal stays open, and the same one is asked for again.",
    cure: "Deposit for the file with `sipster vault deposit`, hand it in with `sipster vault submit`, write the answer beside it with `sipster vault claim --out`, then run this again.",
    exit: ExitCode.TryAgain,
  },
  "given-back": {
    consequence: "No coins came, and the money of this deposit is due to the account that paid it.",
    cure: "Take the money with `sipster vault withdraw`, then withdraw again.",
    exit: ExitCode.No,
  },
  "too-many-coins": {
    consequence: "Nothing was deposited.",
    cure: "Split the withdrawal: a deposit takes up to 256 coins.",
  },
  "deposit-gone": {
    consequence:
      "A reorganisation of the chain removed the deposit. Nothing was paid for it, and the withdrawal stays open.",
    cure: "Run the same command again: it looks for the deposit, and makes it if it is still missing.",
    exit: ExitCode.TryAgain,
  },
  "insufficient-credit": {
    consequence: "Nothing was deposited.",
    cure: "Get the missing tokens into the account that pays, then withdraw again.",
    exit: ExitCode.TryAgain,
  },
});

/** @param balance base units of the token that the account has @param due those that the deposit takes */
export function insufficientCredit(account: string, balance: bigint, due: bigint): Error {
  return fundingErrors.error(
    "insufficient-credit",
    `${account} has ${balance} base units of the token, and the deposit takes ${due}`,
    { account, balance, due },
  );
}

const CAME_TO_NOTHING = [
  "funding/declined",
  "funding/expired",
  "funding/disputed",
  "funding/given-back",
  "funding/dispute-too-late",
  "funding/insufficient-credit",
];

/**
 * Does this failure of the vault's funding end a withdrawal for good? No coins come of it: the numbers
 * of its coins go into the next one. An account's failures never do: the utility alone says what it
 * charged, so the same order is sent again.
 */
export function cameToNothing(error: unknown): boolean {
  return CAME_TO_NOTHING.some((code) => isSipsterError(error, code));
}
