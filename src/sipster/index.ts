/** The settlement protocol as pure functions: tokens, receipts, bills, combining, verifying. */
export { batchWeights, combineBatch, type BatchCombination } from "./batch.js";
export {
  billCoordinates,
  billDigest,
  billGen,
  type BillContents,
  recoverMeter,
  signBill,
  type Bill,
  type SignedBill,
} from "./bill.js";
export { BILL_FORMAT, parseBillFile, writeBillFile, type SettleableBill } from "./bill-file.js";
export type { ClassicToken } from "./classic/classic-token.js";
export {
  combine,
  findBadBills,
  verifyCombined,
  type BillReceipt,
  type Combination,
  type CombinedReceipt,
} from "./combine.js";
export {
  BINARY_DENOMINATIONS,
  breakDown,
  DEFAULT_DENOMINATIONS,
  parseDenominations,
  type Denominations,
} from "./denominations.js";
export { sipsterErrors } from "./errors.js";
export type { HashBoundToken } from "./hash-bound-token.js";
export {
  generateUtilityKey,
  isConsistentKey,
  publicKeyOf,
  type UtilityPublicKey,
  type UtilitySecretKey,
} from "./keys.js";
export { findBadReceipts, ReceiptIssuer, type CheckedToken, type TokenReceipt } from "./receipt.js";
export { addressOf, recoverSigner, COMPACT_SIGNATURE_BYTES, signDigest } from "./signature.js";
export {
  classicGenerator,
  classicSuite,
  hashBoundGenerator,
  hashBoundSuite,
  meterGenerator,
  type Suite,
  type TokenGenerator,
} from "./suite.js";
export {
  parseAddress,
  settlementSystem,
  type HexAddress,
  type SettlementSystem,
  type SystemId,
} from "./system.js";
export type { GeneratedToken, SuiteName, Token, TokenHash } from "./token.js";
export {
  commitToShare,
  deriveBlinding,
  deriveSeed,
  deriveViewKey,
  openViewKey,
  parseViewKey,
  type Seed,
  type TokenIndex,
  type ViewKey,
} from "./view-key.js";
export {
  addPeriods,
  checkEpochs,
  checkPeriod,
  earliestFirstPeriod,
  epochOfPeriod,
  FIRST_EPOCH_PERIOD,
  isPeriod,
  periodOfTime,
  periodsBetween,
  withEpoch,
  type KeyEpoch,
} from "./epochs.js";
export {
  keyHashOf,
  keyNoticeDigest,
  recoverNoticeSigner,
  signKeyNotice,
  type KeyAnnouncement,
  type KeyHash,
  type KeyNotice,
} from "./key-notice.js";
export { addressCodec, denominationsCodec } from "./codecs.js";
export { isOwnToken } from "./own-token.js";
export {
  countersAfter,
  countersBefore,
  firstCounters,
  tokenCounts,
  tokensOfAmount,
  type FirstNumbers,
  type NumberedToken,
} from "./token-series.js";
export {
  checkNotice,
  meterNoticeDigest,
  recoverMeterNoticeSigner,
  signMeterNotice,
  type MeterAnnouncement,
  type RemovalNotice,
  type Signed,
  type TariffNotice,
  type TimeNotice,
} from "./meter-notice.js";
export { meterTime, TIME_ANSWER_MS, TimeQuestion, type TimeAnswer } from "./meter-clock.js";
export { billPeriod } from "./period-bill.js";
export { confirmBills, confirmTime } from "./wallet-confirmation.js";
export {
  NETWORK_FORMAT,
  TERMS_FORMAT,
  type EmissionRule,
  type FinalityRule,
  type SchedulePolicy,
  type SizeClass,
  type SystemNetwork,
  type SystemTerms,
} from "./parameter-schema.js";
export {
  encodeNetwork,
  encodeParameters,
  encodeTerms,
  networkHash,
  parametersHash,
  parseNetwork,
  parseParameters,
  parseTerms,
  PARAMETERS_FORMAT,
  termsHash,
  type ParametersHash,
  type SystemParameters,
} from "./parameters.js";
