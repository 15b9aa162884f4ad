/** The sizes, ends and texts of messages at their limits, and the digest of an answer written out. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import {
  ANSWER_BYTES,
  answerContent,
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  parseAnswerContent,
  parseRequestContent,
  requestContent,
  requestHash,
  REQUEST_BYTES,
  type Answer,
  type Request,
} from "../../src/exchange/index.js";
import { addressOf, recoverSigner } from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import { system } from "../support/settlement.js";

const answerKey = new Uint8Array(32).fill(0x41);
const signer = { systemId: system.systemId, answerKey };
const verifier = { systemId: system.systemId, answerKey: addressOf(answerKey) };
const order = (token: number, payment: number): Request => ({
  kind: "buy",
  order: { token: new Uint8Array(token).fill(1), payment: new Uint8Array(payment).fill(2) },
});
const sold: Answer = { kind: "sold", receipt: new Uint8Array(64).fill(3) };

describe("messages at their limits", () => {
  it("requests and answers have 1,024 bytes", () => {
    expect([REQUEST_BYTES, ANSWER_BYTES]).to.deep.equal([1024, 1024]);
  });

  it("given a request that fills the size exactly, then it travels; with a byte more it is refused", () => {
    const overhead = requestContent(order(0, 0)).length;
    const full = order(41, 1024 - overhead - 41);
    expect(decodeRequest(encodeRequest(full)).request).to.deep.equal(full);
    expectError(() => encodeRequest(order(41, 1024 - overhead - 40)), "exchange/bad-request");
  });

  it("given a byte after the content of a request or an answer, then the content is refused", () => {
    const request = requestContent(order(41, 222));
    expectError(
      () => parseRequestContent(Uint8Array.from([...request, 0])),
      "exchange/bad-request",
    );
    const answer = answerContent(sold);
    expectError(() => parseAnswerContent(Uint8Array.from([...answer, 0])), "exchange/bad-answer");
  });

  it("given a text of 400 bytes, then it stays whole; given more, then its first 400 stay", () => {
    for (const length of [399, 400, 401, 1000]) {
      const message = "a".repeat(length - 1) + "b";
      const told = parseAnswerContent(answerContent({ kind: "refused", code: "x/y", message }));
      expect(told).to.have.property("message", message.slice(0, 400));
    }
  });

  it("given a text that is not UTF-8, then the answer is refused", () => {
    const bytes = answerContent({ kind: "refused", code: "x/y", message: "ab" });
    bytes[bytes.length - 1] = 0xff;
    expectError(() => parseAnswerContent(bytes), "exchange/bad-answer");
  });

  it("an answer is signed over the tag padded with zeros, system, request hash and content", () => {
    const hash = requestHash(order(41, 222));
    const bytes = encodeAnswer(signer, hash, sold);
    const tag = new Uint8Array(32);
    tag.set(utf8ToBytes("SIPSTER-V1-ANSWER"));
    const digest = keccak_256(concatBytes(tag, system.systemId, hash, answerContent(sold)));
    expect(recoverSigner(digest, bytes.subarray(1024 - 64))).to.equal(addressOf(answerKey));
    expect(decodeAnswer(verifier, hash, bytes)).to.deep.equal(sold);
  });
});
