import { expect } from "chai";
import { intToBytes } from "../../src/algebra/index.js";
import { commit } from "../../src/sealed/commitment.js";
import {
  decodeRangeProof,
  encodeRangeProof,
  rangeProofBytes,
} from "../../src/sealed/range-proof.js";
import { proveRanges, proveUnchecked } from "../../src/sealed/range-prover.js";
import { findBadRanges, verifyRanges } from "../../src/sealed/range-verifier.js";
import type { Range } from "../../src/sealed/ranges.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { plainVerify } from "./plain-bulletproof.js";
import { alterations, carry, context, fast, n, oracle, witness } from "./support.js";

const random = new TestRandom("range proofs");

/** A proof for values in ranges, as a claim. */
function claim(entries: readonly (readonly [bigint, Range])[]) {
  const witnesses = entries.map(([value, range]) =>
    witness({ system: fast, random, value, range }),
  );
  const statements = witnesses.map(({ commitment, range }) => ({ commitment, range }));
  return { context, statements, proof: proveRanges(fast, context, witnesses) };
}

/** The same claim over the independent group. */
function carried(c: ReturnType<typeof claim>) {
  const ranges = c.statements.map((s) => s.range);
  return {
    context: c.context,
    statements: c.statements.map((s) => ({ ...s, commitment: carry(s.commitment) })),
    proof: decodeRangeProof(oracle, encodeRangeProof(fast, c.proof), ranges),
  };
}

const u4 = { lo: 0n, hi: 15n };
const u16 = { lo: 0n, hi: 65535n };
const u64 = { lo: 0n, hi: (1n << 64n) - 1n };
const odd = { lo: 100n, hi: 5100n };
const signed = { lo: -2500n, hi: 2500n };

describe("range proofs", () => {
  it("hold at 0, lo, hi, 2ⁿ − 1 and in between, for ranges of every kind", () => {
    const cases: [Range, bigint[]][] = [
      [u4, [0n, 1n, 7n, 15n]],
      [u16, [0n, 1n, 40_000n, 65535n]],
      [u64, [0n, 1n, u64.hi]],
      [odd, [100n, 101n, 4196n, 5100n]],
      [signed, [-2500n, -1n, 0n, 2500n]],
      [{ lo: 7n, hi: 7n }, [7n]],
      [{ lo: 0n, hi: 1n }, [0n, 1n]],
      [{ lo: 0n, hi: 2n }, [0n, 1n, 2n]],
    ];
    for (const [range, values] of cases) {
      for (const v of values) {
        expect(verifyRanges(fast, claim([[v, range]])), `${v}`).to.equal(true);
      }
    }
  });

  it("hold for several values in ranges of their own", () => {
    const c = claim([
      [5n, u4],
      [-2500n, signed],
      [5100n, odd],
    ]);
    expect(verifyRanges(fast, c)).to.equal(true);
  });

  it("are accepted by a verifier written from the paper, and by the independent group", () => {
    for (const c of [
      claim([[9n, u4]]),
      claim([
        [5100n, odd],
        [-7n, signed],
        [0n, u4],
      ]),
    ]) {
      expect(plainVerify(fast, c)).to.equal(true);
      expect(verifyRanges(oracle, carried(c))).to.equal(true);
      const wrong = { ...c, proof: { ...c.proof, mu: c.proof.mu + 1n } };
      expect(plainVerify(fast, wrong)).to.equal(false);
      expect(verifyRanges(oracle, carried(wrong))).to.equal(false);
    }
  });

  it("made over the independent group are accepted by the fast one", () => {
    const w = witness({ system: oracle, random, value: 11n, range: u4 });
    const proof = proveRanges(oracle, context, [w]);
    const statements = [{ range: u4, commitment: carry(w.commitment, oracle, fast) }];
    const read = decodeRangeProof(fast, encodeRangeProof(oracle, proof), [u4]);
    expect(verifyRanges(fast, { context, statements, proof: read })).to.equal(true);
  });

  it("are not made for lo − 1 and hi + 1, nor for another opening", () => {
    for (const range of [u4, odd, signed]) {
      for (const v of [range.lo - 1n, range.hi + 1n, n - 1n]) {
        const w = witness({ system: fast, random, value: v, range });
        expectError(() => proveRanges(fast, context, [w]), "sealed/value-out-of-range");
      }
    }
    const w = witness({ system: fast, random, value: 3n, range: u4 });
    for (const opening of [
      { ...w.opening, value: 4n },
      { ...w.opening, blinding: 1n },
    ]) {
      expectError(() => proveRanges(fast, context, [{ ...w, opening }]), "sealed/wrong-opening");
    }
  });

  it("of lo − 1 and hi + 1 do not hold, however the bits are chosen", () => {
    for (const range of [u4, odd, signed]) {
      for (const v of [range.lo - 1n, range.hi + 1n]) {
        for (const pretended of [range.lo, range.hi, v]) {
          const w = witness({ system: fast, random, value: v, range });
          const opening = { ...w.opening, value: pretended };
          const proof = proveUnchecked(fast, context, [{ ...w, opening }]);
          expect(verifyRanges(fast, { context, statements: [w], proof })).to.equal(false);
        }
      }
    }
  });

  it("do not hold after any single point or scalar is altered", () => {
    const c = claim([
      [3n, u4],
      [4n, { lo: 0n, hi: 5n }],
    ]);
    let count = 0;
    for (const { path, altered } of alterations(fast, {
      statements: c.statements,
      proof: c.proof,
    })) {
      // A bound of a range is altered by 1 too; negated it may be no range at all.
      if (/range.*negated/.test(path)) continue;
      count += 1;
      expect(verifyRanges(fast, { context, ...altered }), path).to.equal(false);
    }
    // 4 points and 5 scalars, 3 rounds of 2 points, 2 commitments, all twice; 4 bounds once.
    expect(count).to.equal(2 * (4 + 5 + 6 + 2) + 4);
  });

  it("do not hold in another context, for the values in another order, or with a round more or less", () => {
    const c = claim([
      [3n, u4],
      [4n, u4],
    ]);
    expect(verifyRanges(fast, c)).to.equal(true);
    expect(verifyRanges(fast, { ...c, context: new Uint8Array() })).to.equal(false);
    expect(verifyRanges(fast, { ...c, statements: c.statements.toReversed() })).to.equal(false);
    const { innerProduct } = c.proof;
    for (const rounds of [
      innerProduct.rounds.slice(1),
      [...innerProduct.rounds, innerProduct.rounds[0]!],
    ]) {
      const proof = { ...c.proof, innerProduct: { ...innerProduct, rounds } };
      expect(verifyRanges(fast, { ...c, proof })).to.equal(false);
    }
  });

  it("do not fit a commitment of another value with the same proof (the statement is hashed)", () => {
    const c = claim([[3n, u4]]);
    const other = commit(fast, { value: 3n, blinding: 77n });
    expect(verifyRanges(fast, { ...c, statements: [{ range: u4, commitment: other }] })).to.equal(
      false,
    );
  });

  it("are told apart in a batch: one bad among many is named", () => {
    const claims = Array.from({ length: 12 }, (_, i) =>
      claim([[BigInt(i), i % 3 === 0 ? odd2 : u4]]),
    );
    expect(findBadRanges(fast, claims)).to.deep.equal([]);
    expect(findBadRanges(fast, [])).to.deep.equal([]);
    const bad = { ...claims[7]!, proof: { ...claims[7]!.proof, tHat: claims[7]!.proof.tHat + 1n } };
    expect(findBadRanges(fast, claims.with(7, bad))).to.deep.equal([7]);
    const swapped = claims.with(2, { ...claims[2]!, proof: claims[4]!.proof });
    expect(findBadRanges(fast, swapped.with(7, bad))).to.deep.equal([2, 7]);
  });
  const odd2 = { lo: 0n, hi: 99n };

  it("are not a batch when errors cancel: +δ in one, −δ in another", () => {
    const [a, b] = [claim([[1n, u4]]), claim([[2n, u4]])];
    const shifted = (c: typeof a, delta: bigint) => ({
      ...c,
      proof: { ...c.proof, tauX: (c.proof.tauX + delta + n) % n },
    });
    expect(findBadRanges(fast, [shifted(a, 5n), shifted(b, -5n)])).to.deep.equal([0, 1]);
  });
});

describe("encoded range proofs", () => {
  const ranges = [u4, u4];
  const c = claim([
    [1n, u4],
    [2n, u4],
  ]);
  const bytes = encodeRangeProof(fast, c.proof);
  const holds = (encoded: Uint8Array): boolean =>
    verifyRanges(fast, { ...c, proof: decodeRangeProof(fast, encoded, ranges) });

  it("have the length that the ranges give, and come back", () => {
    expect(bytes).to.have.lengthOf(rangeProofBytes(ranges));
    expect(rangeProofBytes([u16])).to.equal(33 * 12 + 160);
    expect(holds(bytes)).to.equal(true);
  });

  it("are refused or do not hold after any flipped bit", () => {
    for (let i = 0; i < bytes.length; i += 3) {
      const altered = bytes.slice();
      altered[i]! ^= 1 << (i % 8);
      let accepted: boolean;
      try {
        accepted = holds(altered);
      } catch {
        accepted = false;
      }
      expect(accepted, `byte ${i}`).to.equal(false);
    }
  });

  it("are refused with a wrong length, a scalar not below the order, a point off the curve, the identity", () => {
    const decode = (b: Uint8Array) => () => decodeRangeProof(fast, b, ranges);
    expectError(decode(bytes.subarray(1)), "sealed/bad-encoding");
    expectError(decode(bytes.subarray(0, -1)), "sealed/bad-encoding");
    expectError(decode(Uint8Array.from([...bytes, 0])), "sealed/bad-encoding");
    const withBytes = (at: number, part: Uint8Array): Uint8Array => {
      const copy = bytes.slice();
      copy.set(part, at);
      return copy;
    };
    for (const scalar of [0, 1, 2]) {
      const at = 4 * 33 + 32 * scalar;
      expectError(decode(withBytes(at, intToBytes(n, 32))), "sealed/scalar-out-of-range");
    }
    expectError(
      decode(withBytes(bytes.length - 32, intToBytes(n + 1n, 32))),
      "sealed/scalar-out-of-range",
    );
    for (const point of [0, 1, 2, 3]) {
      expectError(decode(withBytes(33 * point, new Uint8Array(33))), "sealed/identity-point");
      expectError(decode(withBytes(33 * point, Uint8Array.of(4))), "sealed/bad-encoding");
      const off = Uint8Array.from([2, ...intToBytes(5n, 32)]);
      expectError(decode(withBytes(33 * point, off)), "sealed/bad-encoding");
    }
    const firstRound = 4 * 33 + 3 * 32;
    expectError(decode(withBytes(firstRound, new Uint8Array(33))), "sealed/identity-point");
  });
});
