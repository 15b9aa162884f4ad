/** A trustee's answer as it travels: the request's digest, and its part of the decryption. */
import { concatBytes } from "@noble/hashes/utils.js";
import { equalBytes } from "../algebra/index.js";
import { open, seal, type KeyPair } from "../envelope/index.js";
import { Reader, Writer } from "./encoding.js";
import { sealedErrors } from "./errors.js";
import { encodeLogEqualityProof, readLogEqualityProof } from "./log-equality-proof.js";
import { rulesDigest, type ReportingRules } from "./rules.js";
import type { SealedSystem } from "./system.js";
import type { PartialDecryption } from "./threshold.js";

/** Signs an answer as the trustee. */
export function sealPartial({
  system,
  rules,
  answer,
  key,
}: {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly answer: { readonly digest: Uint8Array; readonly partial: PartialDecryption };
  readonly key: KeyPair;
}): Uint8Array {
  const { digest, partial } = answer;
  const { trustee, point, proof } = partial;
  const fields = new Writer(system).int(trustee, 1).points(point);
  const body = concatBytes(digest, fields.done(), encodeLogEqualityProof(system, proof));
  const context = rulesDigest(system, rules);
  const sequence = BigInt(trustee);
  return seal({ system: "sealed", kind: "partial", context, sequence, body }, key);
}

/**
 * The answer in a message, of the trustee with this number and key, to the request with this digest. Its
 * proof is checked by `combinePartials`.
 * @throws envelope/malformed, wrong-place, bad-signature; sealed/bad-encoding, identity-point,
 *   scalar-out-of-range
 */
export function openPartial({
  system,
  rules,
  expected,
  message,
}: {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly expected: {
    readonly digest: Uint8Array;
    readonly trustee: number;
    readonly identityKey: Uint8Array;
  };
  readonly message: Uint8Array;
}): PartialDecryption {
  const { digest, trustee, identityKey } = expected;
  const { body } = open(message, {
    system: "sealed",
    kind: "partial",
    context: rulesDigest(system, rules),
    sender: identityKey,
    sequence: BigInt(trustee),
  });
  const reader = new Reader(system, body);
  const named = reader.bytes(32);
  const number = reader.int(1);
  const partial = { trustee, point: reader.point(), proof: readLogEqualityProof(reader) };
  reader.end();
  if (!equalBytes(named, digest) || number !== trustee) {
    throw sealedErrors.error("bad-encoding", "the answer is to another request, or another's");
  }
  return partial;
}
