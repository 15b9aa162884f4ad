/** E-cash: the interface the roles use, and blind BLS behind it. */
export {
  openAccountOrder,
  requestHash,
  signAccountOrder,
  type AccountOrder,
} from "./account-order.js";
export { constantBasket } from "./basket.js";
export {
  BlindBlsAcceptor,
  mintChecks,
  publicChecks,
  type CoinCheck,
  type CoinChecks,
} from "./blind-bls/acceptor.js";
export { blindBls } from "./blind-bls/blind-bls.js";
export { blindSigner, MintMultipliers, type BlindSigner } from "./blind-bls/blind-signer.js";
export { BlindBlsIssuer, checkBlindedMessage } from "./blind-bls/issuer.js";
export { issuerOf, issuersOf } from "./blind-bls/issuers.js";
export {
  checkMintKeys,
  generateMintKeys,
  mintPublicKeys,
  type MintPublicKey,
  type MintPublicKeys,
  type MintSecretKeys,
} from "./blind-bls/mint-keys.js";
export {
  decodeRequest,
  encodeRequest,
  type BlindedMessage,
  type WithdrawalRequest,
} from "./blind-bls/request.js";
export { BlindBlsWallet } from "./blind-bls/wallet.js";
export { wrongSignatures } from "./blind-bls/wrong-signatures.js";
export {
  DEFAULT_CLASSES,
  defaultBasket,
  type BasketTerms,
  type DefaultClass,
} from "./default-classes.js";
export type { EcashSystem } from "./domains.js";
export type {
  Coin,
  CoinBook,
  CoinNumber,
  ECash,
  ECashAcceptor,
  ECashIssuer,
  ECashWallet,
  ExpectedPayment,
  Memo,
  Refresh,
  RefreshMessage,
  Reservation,
  Withdrawal,
} from "./ecash.js";
export { ecashErrors } from "./errors.js";
export {
  payingMintKey,
  refreshableMintKeys,
  signingMintKey,
  type MintPeriod,
} from "./mint-periods.js";
export { refreshHash, refreshMemo } from "./refresh.js";
export { sameMemo } from "./reserve.js";
export {
  accrualBasket,
  basketCoins,
  basketOf,
  BASKETS_AT_START,
  coinsWorth,
  PACKS_IN_STOCK,
  periodEndBasket,
  skippedPacks,
  type Basket,
  type CoinStock,
} from "./size-class.js";
export { BlindRsa, type BlindRsaSettings, type RawRsaSigner } from "./blind-rsa/blind-rsa.js";
