/** How a wallet pays for a withdrawal: through the vault, or from an account with the utility. */
export { AccountFunding } from "./account-funding.js";
export { cameToNothing, fundingErrors, insufficientCredit } from "./errors.js";
export type { Funding } from "./funding.js";
export { mintKeysOnChain } from "./mint-keys-on-chain.js";
export {
  pastWithdrawals,
  type PastWithdrawalsOf,
  type RememberedWithdrawal,
} from "./past-withdrawals.js";
export {
  FileFunding,
  readMintAnswer,
  readWithdrawal,
  writeMintAnswer,
  writeWithdrawal,
  type WithdrawalFile,
  type WithdrawalFiles,
} from "./withdrawal-file.js";
export { depositFor, publishedAnswer, type PublishedAnswer } from "./published-answer.js";
export { VaultFunding, type VaultFundingSettings } from "./vault-funding.js";
