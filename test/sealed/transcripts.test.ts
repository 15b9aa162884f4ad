import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { intToBytes, Transcript } from "../../src/algebra/index.js";
import { commit } from "../../src/sealed/commitment.js";
import { EncryptionKey } from "../../src/sealed/elgamal.js";
import { proveEquality, verifyEquality } from "../../src/sealed/equality-proof.js";
import { proveKnowledge, verifyKnowledge } from "../../src/sealed/knowledge-proof.js";
import { proveLogEquality, verifyLogEquality } from "../../src/sealed/log-equality-proof.js";
import { proveRanges } from "../../src/sealed/range-prover.js";
import { verifyRanges } from "../../src/sealed/range-verifier.js";
import { reportContext, type SealedReport } from "../../src/sealed/report.js";
import type { Point } from "../../src/sealed/system.js";
import { TestRandom } from "../support/random.js";
import { newMeter, rules } from "./deployment.js";
import { context, fast, n, witness } from "./support.js";

const random = new TestRandom("transcripts");
const { group } = fast;
const hex = (p: Point): string => bytesToHex(fast.encode(p));
const scalar = (k: bigint): string => bytesToHex(intToBytes(k, 32));
const bound = (k: bigint): string => bytesToHex(intToBytes(k + (1n << 127n), 16));

/** Everything that transcripts absorb while `body` runs, in order, as hex. */
function absorbed(body: () => unknown): string {
  const { append } = Transcript.prototype;
  const values: string[] = [];
  Transcript.prototype.append = function (label, value) {
    values.push(bytesToHex(value));
    return append.call(this, label, value);
  };
  try {
    body();
  } finally {
    Transcript.prototype.append = append;
  }
  return values.join(" ");
}

/** Do prover and verifier absorb the same, with all these values in this order? */
function expectBound(prove: () => unknown, verify: () => unknown, expected: () => string[]) {
  const proving = absorbed(prove);
  const verifying = absorbed(verify);
  expect(verifying).to.equal(proving);
  let from = 0;
  for (const value of expected()) {
    const at = verifying.indexOf(value, from);
    expect(at, `${value} is not absorbed, or not in its place`).to.be.at.least(from);
    from = at + value.length;
  }
}

describe("the challenge depends on every public value", () => {
  const here = bytesToHex(context);

  it("of the equality proof", () => {
    const key = new EncryptionKey(fast, group.mul(group.generator, random.below(n)));
    const pairs = [7n, -2n].map((value) => {
      const nonce = random.below(n);
      const opening = { value, blinding: random.below(n) };
      const ciphertext = key.encrypt(value, nonce);
      return { ciphertext, commitment: commit(fast, opening), opening, nonce };
    });
    let proof!: ReturnType<typeof proveEquality>;
    expectBound(
      () => (proof = proveEquality({ system: fast, context, key, witnesses: pairs })),
      () => verifyEquality({ system: fast, context, key: key.point, statements: pairs, proof }),
      () => [
        here,
        hex(key.point),
        ...pairs.flatMap((p) => [p.ciphertext.c1, p.ciphertext.c2, p.commitment].map(hex)),
        ...[proof.t1, proof.t2, proof.t3].map(hex),
      ],
    );
  });

  it("of the range proof", () => {
    const witnesses = [
      witness({ system: fast, random, value: 3n, range: { lo: -5n, hi: 9n } }),
      witness({ system: fast, random, value: 8n, range: { lo: 8n, hi: 12n } }),
    ];
    let proof!: ReturnType<typeof proveRanges>;
    expectBound(
      () => (proof = proveRanges(fast, context, witnesses)),
      () => verifyRanges(fast, { context, statements: witnesses, proof }),
      () => [
        here,
        ...witnesses.flatMap((w) => [hex(w.commitment), bound(w.range.lo), bound(w.range.hi)]),
        ...[proof.a, proof.s, proof.t1, proof.t2].map(hex),
        ...[proof.tHat, proof.tauX, proof.mu].map(scalar),
        ...proof.innerProduct.rounds.flatMap(({ l, r }) => [hex(l), hex(r)]),
      ],
    );
  });

  it("of the proofs about logarithms", () => {
    const x = random.below(n);
    const publicKey = group.mul(group.generator, x);
    let knowledge!: ReturnType<typeof proveKnowledge>;
    expectBound(
      () => (knowledge = proveKnowledge(fast, context, x)),
      () => verifyKnowledge({ system: fast, context, point: publicKey, proof: knowledge }),
      () => [here, hex(publicKey), hex(knowledge.t)],
    );
    const base = group.mul(group.generator, 12n);
    const statement = { publicKey, base, image: group.mul(base, x) };
    let proof!: ReturnType<typeof proveLogEquality>;
    expectBound(
      () => (proof = proveLogEquality({ system: fast, context, statement, secret: x })),
      () => verifyLogEquality({ system: fast, context, statement, proof }),
      () => [here, ...[publicKey, base, statement.image, proof.t, proof.u].map(hex)],
    );
  });

  it("of a report's proofs: rules, meter, span, intervals and marks give the context", async () => {
    const { meter, report } = newMeter();
    const made = await report(4, [1n, 101n]);
    const { readings, span } = made;
    const contextOf = (under = rules, of: Partial<SealedReport> = {}): string =>
      bytesToHex(reportContext(fast, under, { ...made, ...of }));
    const others = [
      contextOf({ ...rules, deployment: "other" }),
      contextOf({ ...rules, normal: { lo: 1n, hi: 100n } }),
      contextOf({ ...rules, normal: { lo: 0n, hi: 99n } }),
      contextOf({ ...rules, possible: { lo: -999n, hi: 1023n } }),
      contextOf({ ...rules, possible: { lo: -1000n, hi: 1022n } }),
      contextOf({ ...rules, key: new EncryptionKey(fast, group.generator) }),
      contextOf({ ...rules, billAbnormal: true }),
      contextOf({ ...rules, step: 900 }),
      contextOf({ ...rules, authority: new Uint8Array(32) }),
      contextOf(rules, { meter: newMeter().meter.address }),
      contextOf(rules, { span: { ...span, from: span.from + 1 } }),
      contextOf(rules, { span: { ...span, to: span.to + 1 } }),
      contextOf(rules, { readings: [readings[0]!, { ...readings[1]!, interval: 6 }] }),
      contextOf(rules, { readings: [readings[0]!, { ...readings[1]!, flagged: false }] }),
      contextOf(rules, { readings: readings.slice(1) }),
    ];
    expect(meter.address).to.deep.equal(made.meter);
    expect(new Set([contextOf(), ...others]).size).to.equal(others.length + 1);
  });
});
