/** Answers as they travel: one size, signed by the counter's answer key over request and answer. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { COMPACT_SIGNATURE_BYTES, recoverSigner, signDigest } from "../sipster/index.js";
import type { HexAddress, SystemId } from "../sipster/index.js";
import { answerContent, badAnswer, readAnswer, type Answer } from "./answer.js";
import { MessageReader, pad } from "./message.js";
import type { RequestHash } from "./request.js";

/** Bytes of every answer. */
export const ANSWER_BYTES = 1024;

const BODY_BYTES = ANSWER_BYTES - COMPACT_SIGNATURE_BYTES;

/** ASCII, padded with zeros to 32 bytes. */
const ANSWER_TAG = Uint8Array.from(
  { length: 32 },
  (_, i) => utf8ToBytes("SIPSTER-V1-ANSWER")[i] ?? 0,
);

/** keccak256(tag ‖ systemId ‖ request hash ‖ answer content). */
function digestOf(systemId: SystemId, request: RequestHash, content: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(ANSWER_TAG, systemId, request, content));
}

export interface AnswerSigner {
  readonly systemId: SystemId;
  /** 32 bytes, of a key that signs nothing else. */
  readonly answerKey: Uint8Array;
}

/** The answer's content, zeros, and the signature: {@link ANSWER_BYTES}. */
export function encodeAnswer(
  { systemId, answerKey }: AnswerSigner,
  request: RequestHash,
  answer: Answer,
): Uint8Array {
  const content = answerContent(answer);
  const body = pad(content, BODY_BYTES, badAnswer);
  return concatBytes(body, signDigest(digestOf(systemId, request, content), answerKey));
}

export interface AnswerVerifier {
  readonly systemId: SystemId;
  /** The counter's answer key, from the public parameters. */
  readonly answerKey: HexAddress;
}

/**
 * The answer to the request with this hash.
 * @throws exchange/bad-answer unless it is whole and signed by the answer key for this request
 */
export function decodeAnswer(
  { systemId, answerKey }: AnswerVerifier,
  request: RequestHash,
  bytes: Uint8Array,
): Answer {
  if (bytes.length !== ANSWER_BYTES) {
    throw badAnswer(`it has ${bytes.length} bytes and not ${ANSWER_BYTES}`);
  }
  const reader = new MessageReader(bytes.subarray(0, BODY_BYTES), badAnswer);
  const answer = readAnswer(reader);
  reader.onlyPadding();
  const digest = digestOf(systemId, request, bytes.subarray(0, reader.at));
  let signer: HexAddress;
  try {
    signer = recoverSigner(digest, bytes.subarray(BODY_BYTES));
  } catch (error) {
    throw badAnswer("it has no signature", error);
  }
  if (signer !== answerKey) throw badAnswer(`it is signed by ${signer} and not ${answerKey}`);
  return answer;
}
