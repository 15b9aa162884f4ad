/** Sums over a neighbourhood that no home's value can be read from. */
export { Aggregator, type GroupSum } from "./aggregator.js";
export { ed25519KeyPair, type KeyPair } from "../envelope/index.js";
export { DmcfeAggregator } from "./dmcfe/aggregator.js";
export { DmcfeMember, type DmcfeContribution, type FunctionShare } from "./dmcfe/member.js";
export { defaultPolicy, type FunctionPolicy, type Weights } from "./dmcfe/weights.js";
export type { DropSet } from "./drop-set.js";
export { aggregationErrors } from "./errors.js";
export {
  KeyCollector,
  keyContext,
  makeKeyShare,
  type KeyContext,
  type KeyShare,
} from "./key-share.js";
export { Member, type Contribution, type MemberPlace, type RepairShare } from "./member.js";
export { splitIntoGroups, sumDmcfeLabel, sumLabel, type Timings } from "./neighbourhood.js";
export { KeyAgreement, type Introduction, type PairwiseSecrets } from "./pairwise.js";
export {
  CIPHERTEXT_BYTES,
  DIMENSION,
  KEY_BYTES,
  LABELS_PER_KEY,
  P,
  RECOMMENDED_GROUP,
} from "./parameters.js";
export { KeySum, parsePrfKey, prf, prfKeyFromSeed, randomPrfKey, type PrfKey } from "./prf.js";
export {
  checkBounds,
  decodeCiphertext,
  decrypt,
  decryptRepaired,
  encodeCiphertext,
  encrypt,
  type GroupBounds,
} from "./psa.js";
export { reconcileCharges, type ChargesToReconcile, type Reconciliation } from "./reconcile.js";
export {
  defaultQuorum,
  enrol,
  fixRoster,
  indexOf,
  type Enrolment,
  type MemberSecrets,
  type Roster,
  type RosterTerms,
} from "./roster.js";
export {
  agreeGroup,
  openDmcfeStream,
  openStream,
  type AgreedGroup,
  type DmcfeStream,
  type GroupOptions,
  type Stream,
  type StreamOptions,
} from "./set-up.js";
