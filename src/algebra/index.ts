/** Groups, pairings, hashing to a curve, batch checks, transcripts: what the protocols compute with. */
export {
  FIELD_PRIME,
  GROUP_ORDER,
  G1Point,
  G2Point,
  GtElement,
  pairingsEqual,
  type Bn254,
  type G1Group,
  type GtGroup,
} from "./bn254/bn254.js";
export { G1_BYTES, G2_BYTES } from "./bn254/encoding.js";
export { createMclBn254 } from "./bn254/bn254-mcl.js";
export { nobleBn254 } from "./bn254/bn254-noble.js";
export { batchVerify, bisect, type SignedPoint } from "./bn254/batch-check.js";
export { BlindedMultiplier } from "./bn254/blinded-multiplier.js";
export { ByteReader } from "./byte-reader.js";
export { bytesToInt, equalBytes, equalSecrets, intToBytes, writeInt } from "./bytes.js";
export * as codec from "./codec.js";
export type { Codec, ValueOf } from "./codec.js";
export {
  randomSecretKey,
  SIGNATURE_BYTES,
  toAddress,
  verifyEcdsa,
  type Address,
  type Ecdsa,
} from "./secp256k1/ecdsa.js";
export { nobleEcdsa } from "./secp256k1/ecdsa-noble.js";
export { wasmEcdsa } from "./secp256k1/ecdsa-wasm.js";
export { addressWord, eip712Digest, eip712Domain, eip712Type } from "./eip712.js";
export { algebraErrors } from "./errors.js";
export { DiscreteLogTable, type LogRange } from "./discrete-log.js";
export type { FixedBases, FixedBaseSum, FixedBaseUse } from "./fixed-bases.js";
export type { Group } from "./group.js";
export { digestToG1 } from "./bn254/hash-to-curve.js";
export { KnownSigners, type SignedDigest } from "./secp256k1/known-signers.js";
export {
  distinctInts,
  randomInt,
  randomness,
  randomScalar,
  randomScalars,
  randomWeights,
  shuffled,
} from "./random.js";
export { Transcript } from "./transcript.js";
export {
  SECP256K1_FIELD_PRIME,
  SECP256K1_ORDER,
  SECP256K1_POINT_BYTES,
  Secp256k1Point,
  type HintedPoint,
  type Secp256k1Group,
} from "./secp256k1/secp256k1.js";
export { createMclSecp256k1 } from "./secp256k1/secp256k1-mcl.js";
export { nobleSecp256k1 } from "./secp256k1/secp256k1-noble.js";
