/**
 * The bodies of the messages of a key ceremony. None of them names its author: the author is the party that
 * signed the envelope.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { encodeCoefficientProof, readCoefficientProof } from "./coefficient-proof.js";
import type { Committee } from "./committee.js";
import {
  firstPower,
  SHARE_BYTES,
  type Dealing,
  type DealingKind,
  type Disclosure,
} from "./dealing.js";
import { Reader, Writer } from "./encoding.js";
import type { Extraction, Transcript } from "./extraction.js";
import { encodeKnowledgeProof, readKnowledgeProof } from "./knowledge-proof.js";
import { encodeLogEqualityProof, readLogEqualityProof } from "./log-equality-proof.js";
import type { SealedSystem } from "./system.js";

/** What a message is read with. */
export interface Reading {
  readonly system: SealedSystem;
  readonly committee: Committee;
  readonly kind: DealingKind;
}

/** A dealing without its dealer. */
export function encodeDealing(system: SealedSystem, dealing: Dealing): Uint8Array {
  const { commitments, ephemeral, proof, shares } = dealing;
  return new Writer(system)
    .points(...commitments, ephemeral)
    .bytes(encodeKnowledgeProof(system, proof))
    .bytes(concatBytes(...shares))
    .done();
}

/** @throws sealed/bad-encoding, identity-point, scalar-out-of-range */
export function decodeDealing(
  { system, committee, kind }: Reading,
  dealer: number,
  bytes: Uint8Array,
): Dealing {
  const { threshold, members } = committee;
  const reader = new Reader(system, bytes);
  const commitments = Array.from({ length: threshold - firstPower(kind) }, () => reader.point());
  const ephemeral = reader.point();
  const proof = readKnowledgeProof(reader);
  const shares = members.map(() => reader.bytes(SHARE_BYTES));
  reader.end();
  return { dealer, commitments, ephemeral, proof, shares };
}

/** All disclosures of one trustee in one message. */
export function encodeDisclosures(
  system: SealedSystem,
  disclosures: readonly Disclosure[],
): Uint8Array {
  const writer = new Writer(system).int(disclosures.length, 1);
  for (const { dealer, key, proof } of disclosures) {
    writer.int(dealer, 1).points(key).bytes(encodeLogEqualityProof(system, proof));
  }
  return writer.done();
}

/** @throws sealed/bad-encoding, identity-point, scalar-out-of-range */
export function decodeDisclosures(
  { system }: Reading,
  by: number,
  bytes: Uint8Array,
): Disclosure[] {
  const reader = new Reader(system, bytes);
  const disclosures = Array.from({ length: reader.int(1) }, () => ({
    by,
    dealer: reader.int(1),
    key: reader.point(),
    proof: readLogEqualityProof(reader),
  }));
  reader.end();
  return disclosures;
}

/** An extraction; empty from a dealer whose dealing was refused. */
export function encodeExtraction(system: SealedSystem, extraction: Extraction | null): Uint8Array {
  if (extraction === null) return new Uint8Array();
  const { coefficients, proof } = extraction;
  return new Writer(system)
    .points(...coefficients)
    .bytes(encodeCoefficientProof(system, proof))
    .done();
}

/** @throws sealed/bad-encoding, identity-point, scalar-out-of-range */
export function decodeExtraction(
  { system, committee, kind }: Reading,
  dealer: number,
  bytes: Uint8Array,
): Extraction | null {
  if (bytes.length === 0) return null;
  const reader = new Reader(system, bytes);
  const length = committee.threshold - firstPower(kind);
  const coefficients = Array.from({ length }, () => reader.point());
  const proof = readCoefficientProof(reader, length);
  reader.end();
  return { dealer, coefficients, proof };
}

export function encodeTranscript(
  system: SealedSystem,
  { hash, publicKey, verificationKeys }: Transcript,
): Uint8Array {
  return new Writer(system)
    .bytes(hash)
    .points(publicKey, ...verificationKeys)
    .done();
}
