/** Sums over a neighbourhood that no home's value can be read from. */
export { Aggregator, type AggregatorPlace, type GroupSum } from "./aggregator.js";
export { ed25519KeyPair, type KeyPair } from "../envelope/index.js";
export { DmcfeAggregator } from "./dmcfe/aggregator.js";
export { DmcfeMember } from "./dmcfe/member.js";
export { defaultPolicy, type FunctionPolicy, type Weights } from "./dmcfe/weights.js";
export {
  readDropSet,
  readObjection,
  writeDropSet,
  writeObjection,
  type DropSet,
  type Evidence,
  type Objection,
} from "./drop-set.js";
export { aggregationErrors } from "./errors.js";
export { KeyCollection } from "./key-collection.js";
export { dmcfeContext, keyContext, type KeyContext } from "./key-context.js";
export {
  decodeKeyShare,
  encodeKeyShare,
  KeyCollector,
  makeKeyShare,
  type KeyShare,
} from "./key-share.js";
export { LabelIntake, MAX_OPEN_LABELS, type IntakePlace, type Taken } from "./label-intake.js";
export { REMEMBERED_LABELS } from "./label-mark.js";
export { MemberSetUp, type AgreedMember, type SetUpPlace } from "./member-set-up.js";
export { Member, OBJECTION_WINDOW, type MemberKeys, type MemberPlace } from "./member.js";
export { readReceipt, type GroupPlace, type Receipt } from "./messages.js";
export { splitIntoGroups, sumDmcfeLabel, sumLabel, type Timings } from "./neighbourhood.js";
export {
  decodeIntroduction,
  encodeIntroduction,
  KeyAgreement,
  type Introduction,
  type PairwiseSecrets,
} from "./pairwise.js";
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
  decodeEnrolment,
  decodeMemberSecrets,
  defaultQuorum,
  encodeEnrolment,
  encodeMemberSecrets,
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
