/** How a wallet pays for a withdrawal: through the vault, or from an account with the utility. */
export { AccountFunding } from "./account-funding.js";
export { cameToNothing, fundingErrors } from "./errors.js";
export type { Funding } from "./funding.js";
export {
  pastWithdrawals,
  type PastWithdrawalsOf,
  type RememberedWithdrawal,
} from "./past-withdrawals.js";
export { VaultFunding, type VaultFundingSettings } from "./vault-funding.js";
