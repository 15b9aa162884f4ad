/** Bills on sealed readings: encrypted, proved to be in range, added up, and decrypted as one number. */
export { commit, type Opening } from "./commitment.js";
export { CeremonyTrustee } from "./ceremony-trustee.js";
export {
  committeeWithout,
  createCommittee,
  createMember,
  DEFAULT_TRUSTEES,
  defaultThreshold,
  toleratedTrustees,
  type Committee,
  type CommitteeTerms,
  type TrusteeKeys,
  type TrusteeSecrets,
} from "./committee.js";
export {
  ControlCentre,
  type CentrePlace,
  type OpenedSum,
  type Opener,
  type Refusal,
} from "./control-centre.js";
export { DEFAULT_POLICY, type SumPolicy } from "./bill-terms.js";
export type { Dealing, Disclosure } from "./dealing.js";
export {
  addCiphertexts,
  DecryptionKey,
  EncryptionKey,
  messageTable,
  weightedSum,
  type Ciphertext,
} from "./elgamal.js";
export {
  encodeEqualityProof,
  EQUALITY_PROOF_BYTES,
  proveEquality,
  readEqualityProof,
  verifyEquality,
  type EqualityProof,
  type EqualityStatement,
  type EqualityWitness,
} from "./equality-proof.js";
export { Reader, Writer } from "./encoding.js";
export { sealedErrors } from "./errors.js";
export type { Extraction, Transcript } from "./extraction.js";
export {
  KeyCeremony,
  type CeremonyPlace,
  type Fault,
  type SignedTranscript,
} from "./key-ceremony.js";
export type { KeyShare, SharedKey } from "./key-share.js";
export {
  encodeKnowledgeProof,
  proveKnowledge,
  readKnowledgeProof,
  verifyKnowledge,
  type KnowledgeProof,
} from "./knowledge-proof.js";
export {
  encodeLogEqualityProof,
  proveLogEquality,
  readLogEqualityProof,
  verifyLogEquality,
  type LogEqualityProof,
  type LogEqualityStatement,
} from "./log-equality-proof.js";
export type { HeadAnchor, LogHead } from "./head-anchor.js";
export {
  gapsIn,
  intervalNumber,
  intervalOf,
  isWithin,
  type ReadingInstant,
  type Span,
} from "./interval.js";
export { SealedMeter, type MeterPlace, type OpenReading, type Reading } from "./meter.js";
export {
  NoticeBoard,
  postGroup,
  postTariff,
  type BoardPlace,
  type Posted,
} from "./notice-board.js";
export {
  encodeTariff,
  noticeDigest,
  priceOf,
  roundToLevels,
  type GroupNotice,
  type PriceStep,
  type TariffNotice,
} from "./notices.js";
export { checkOpening, MeterOpenings, type OpenedBill, type OpeningCheck } from "./opening.js";
export {
  decodeRangeProof,
  encodeRangeProof,
  rangeProofBytes,
  type RangeProof,
  type RangeStatement,
} from "./range-proof.js";
export { proveRanges, type RangeWitness } from "./range-prover.js";
export { findBadRanges, verifyRanges, type RangeClaim } from "./range-verifier.js";
export { openPartial, sealPartial } from "./partial-message.js";
export { inRange, PROOF_BITS, rangesPerProof, type Range } from "./ranges.js";
export {
  decodeReport,
  encodeReport,
  MAX_READINGS,
  reportDigest,
  type SealedReading,
  type SealedReport,
} from "./report.js";
export { MeterRegistry, ReportVerifier } from "./report-verifier.js";
export { provedRange, rulesDigest, type ReportingRules } from "./rules.js";
export {
  provesConflict,
  requestDigest,
  sealedSum,
  sumRange,
  type BillStatement,
  type GroupStatement,
  type Statement,
  type SumRequest,
  type SumTerm,
} from "./sum-request.js";
export { createSealedSystem, SealedSystem, type Point } from "./system.js";
export {
  combinePartials,
  PartialDecryptor,
  verifyPartial,
  type Combined,
  type PartialDecryption,
} from "./threshold.js";
export { Trustee, type TrusteePlace } from "./trustee.js";
export type { LogEntry, SpentReadings } from "./trustee-log.js";
