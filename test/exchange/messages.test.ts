/** Requests and answers as bytes: one size each, one encoding each, and who signed. */
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
import { addressOf, settlementSystem } from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { system } from "../support/settlement.js";

const random = new TestRandom("messages");
const answerKey = random.bytes(32);
const signer = { systemId: system.systemId, answerKey };
const verifier = { systemId: system.systemId, answerKey: addressOf(answerKey) };

const requests: readonly Request[] = [
  { kind: "health" },
  { kind: "buy", order: { token: random.bytes(41), payment: random.bytes(222) } },
  { kind: "buy", order: { token: random.bytes(132), payment: random.bytes(600) } },
  {
    kind: "refresh",
    message: { mintKeyId: 7, denomination: 100, message: random.bytes(64) },
    payment: random.bytes(222),
  },
];
const receipt = random.bytes(64);
const answers: readonly Answer[] = [
  { kind: "healthy" },
  { kind: "sold", receipt },
  { kind: "already-paid", receipt, proof: random.bytes(222) },
  { kind: "coin-spent", proof: random.bytes(600) },
  { kind: "refreshed", signature: random.bytes(64) },
  { kind: "refused", code: "ecash/expired", message: "zu spät" },
];

describe("requests as bytes", () => {
  it("given any request, when encoded, then it has the one size and decodes to itself", () => {
    for (const request of requests) {
      const bytes = encodeRequest(request);
      expect(bytes.length).to.equal(REQUEST_BYTES);
      expect(decodeRequest(bytes)).to.deep.equal({ request, hash: requestHash(request) });
      const content = requestContent(request);
      expect(parseRequestContent(content)).to.deep.equal({ request, hash: requestHash(request) });
    }
  });

  it("given a byte changed, then it is refused, or it is another request with another hash", () => {
    const bytes = encodeRequest(requests[1]!);
    const hash = requestHash(requests[1]!);
    let refused = 0;
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i]! ^= 1 << (i % 8);
      try {
        expect(decodeRequest(changed).hash, `byte ${i}`).not.to.deep.equal(hash);
      } catch (error) {
        expect(error).to.have.property("code", "exchange/bad-request");
        refused++;
      }
    }
    // Every byte of the padding, at the least: there is one encoding of a request.
    expect(refused).to.be.at.least(REQUEST_BYTES - requestContent(requests[1]!).length);
  });

  it("given no payment, another length, an unknown kind or version, then it is refused", () => {
    const empty: Request = {
      kind: "buy",
      order: { token: random.bytes(41), payment: new Uint8Array() },
    };
    const bytes = encodeRequest(requests[1]!);
    const with_ = (at: number, value: number): Uint8Array => {
      const copy = Uint8Array.from(bytes);
      copy[at] = value;
      return copy;
    };
    for (const bad of [
      encodeRequest(empty),
      bytes.subarray(1),
      Uint8Array.from([...bytes, 0]),
      new Uint8Array(),
      with_(0, 2),
      with_(1, 9),
      with_(2, 0xff),
    ]) {
      expectError(() => decodeRequest(bad), "exchange/bad-request");
    }
    const large: Request = { kind: "buy", order: { token: bytes, payment: bytes } };
    expectError(() => encodeRequest(large), "exchange/bad-request");
  });
});

describe("answers as bytes", () => {
  const hash = requestHash(requests[1]!);

  it("given any answer, when encoded, then it has the one size and decodes to itself", () => {
    for (const answer of answers) {
      const bytes = encodeAnswer(signer, hash, answer);
      expect(bytes.length).to.equal(ANSWER_BYTES);
      expect(decodeAnswer(verifier, hash, bytes)).to.deep.equal(answer);
      expect(parseAnswerContent(answerContent(answer))).to.deep.equal(answer);
    }
  });

  it("given a long reason, then it is cut between characters, and the answer keeps its size", () => {
    const answer: Answer = { kind: "refused", code: "x/y", message: "ö€🙂".repeat(300) };
    const decoded = decodeAnswer(verifier, hash, encodeAnswer(signer, hash, answer));
    if (decoded.kind !== "refused") return expect.fail(decoded.kind);
    expect(decoded.message.length).to.be.greaterThan(50);
  });

  it("given a byte changed anywhere, then the answer is not taken", () => {
    const bytes = encodeAnswer(signer, hash, answers[2]!);
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i]! ^= 1 << (i % 8);
      expectError(() => decodeAnswer(verifier, hash, changed), "exchange/bad-answer");
    }
  });

  it("given the answer to another request, of another system, by another key: it is not taken", () => {
    const bytes = encodeAnswer(signer, hash, answers[1]!);
    const other = requestHash(requests[2]!);
    expectError(() => decodeAnswer(verifier, other, bytes), "exchange/bad-answer");
    const elsewhere = settlementSystem(1n, system.settlement).systemId;
    expectError(
      () => decodeAnswer({ ...verifier, systemId: elsewhere }, hash, bytes),
      "exchange/bad-answer",
    );
    const forged = encodeAnswer({ ...signer, answerKey: random.bytes(32) }, hash, answers[1]!);
    expectError(() => decodeAnswer(verifier, hash, forged), "exchange/bad-answer");
    expectError(() => decodeAnswer(verifier, hash, bytes.subarray(1)), "exchange/bad-answer");
  });
});
