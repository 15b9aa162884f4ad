/** Signed messages of the aggregation and of the sealed readings, and the keys that sign them. */
export {
  ed25519KeyPair,
  secretBytes,
  sharedSecret,
  sign,
  verify,
  x25519KeyPair,
  type KeyPair,
} from "./curve25519.js";
export {
  addressSender,
  encodeEnvelope,
  envelopeDigest,
  isEquivocation,
  isSigned,
  MAX_BODY_BYTES,
  open,
  readEnvelope,
  seal,
  sealAsMeter,
  senderAddress,
  signLetter,
  type AnyEnvelope,
  type AnySigned,
  type Envelope,
  type Expected,
  type Letter,
  type SignedEnvelope,
} from "./envelope.js";
export { envelopeErrors } from "./errors.js";
export type { Kind, Scheme, System } from "./kinds.js";
export { postOnce } from "./outbox.js";
