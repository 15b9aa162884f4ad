/** The mint: which withdrawals are paid for, decided once and durably. */
export { AccountMint } from "./account-mint.js";
export { creditAccount, leaveCredit, takeCredits, type Credit } from "./credit-notes.js";
export {
  decide,
  timeLeft,
  type Decision,
  type DecisionInput,
  type DeclineReason,
} from "./decision.js";
export { mintErrors } from "./errors.js";
export type { DecisionRecord, DecisionStage } from "./mint-books.js";
export type { MintAction } from "./carrying-out.js";
export type { VaultMintSettings } from "./settings.js";
export { registerMintKeys } from "./register-mint-keys.js";
export { VaultMint } from "./vault-mint.js";
export { nodeRsaSigner } from "./node-rsa-signer.js";
