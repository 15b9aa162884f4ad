import { defineErrors } from "../../errors/catalogue.js";
import { ExitCode } from "../../errors/sipster-error.js";

/** What wallets answer (EIP-1193, EIP-1474, EIP-3085, EIP-3326), and what only they can do wrong. */
export const walletErrors = defineErrors("wallet", {
  refused: {
    consequence: "Nothing was sent, and nothing was paid.",
    cure: "If that was a mistake, ask again and confirm in the wallet.",
    exit: ExitCode.No,
  },
  "not-authorised": {
    consequence: "The wallet shows this page no account, so it cannot send anything.",
    cure: "Connect again, and choose an account in the wallet.",
    exit: ExitCode.No,
  },
  "request-pending": {
    consequence: "The wallet asks one thing at a time; nothing new was asked.",
    cure: "Open the wallet, answer what it asks, then try again.",
    exit: ExitCode.TryAgain,
  },
  unsupported: {
    consequence: "The wallet cannot do what is needed; nothing was sent.",
    cure: "Use another wallet, or let a relayer send the bill.",
    exit: ExitCode.No,
  },
  disconnected: {
    consequence: "The wallet cannot reach the chain; nothing was sent.",
    cure: "Open the wallet, choose the network again or check its connection, then try again.",
    exit: ExitCode.Unavailable,
  },
  "chain-unknown": {
    consequence: "Bills are bound to one chain, so nothing was sent.",
    cure: "Let the page add the chain to the wallet, or add it by hand with the number and address shown.",
    exit: ExitCode.No,
  },
  "wrong-chain": {
    consequence: "Bills are bound to one chain, so nothing was sent.",
    cure: "Let the page switch the wallet to the deployment's chain.",
    exit: ExitCode.No,
  },
  "chain-restarted": {
    consequence:
      "The wallet talks to a chain with the same number and another beginning: a local chain that was restarted, or another node. Nothing was sent.",
    cure: "Remove the network from the wallet and let the page add it again, or point it at the node named here; after a restart, also clear the wallet's activity for the network, because it counts transactions that no longer exist.",
    exit: ExitCode.No,
  },
  "account-changed": {
    consequence: "Nothing was sent.",
    cure: "Look at the account that is shown now, then go on with it or choose another in the wallet.",
    exit: ExitCode.TryAgain,
  },
  reverted: {
    consequence: "The transaction was mined without effect, and its gas is spent.",
    cure: "Look at the bills again, which are checked again: someone may have settled them first.",
    exit: ExitCode.TryAgain,
  },
  lost: {
    consequence: "The transaction may have been replaced or dropped; the bills are not settled.",
    cure: "Look into the wallet's activity, then submit again. A bill settles once, however often it is sent.",
    exit: ExitCode.TryAgain,
  },
  failed: {
    consequence: "It is not known that anything was sent.",
    cure: "Look into the wallet's activity; if nothing is there, try again. Sending a bill twice does no harm: it settles once.",
    exit: ExitCode.TryAgain,
  },
});
