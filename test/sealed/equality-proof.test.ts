import { expect } from "chai";
import { Transcript } from "../../src/algebra/index.js";
import { commit } from "../../src/sealed/commitment.js";
import { EncryptionKey } from "../../src/sealed/elgamal.js";
import { Reader, Writer } from "../../src/sealed/encoding.js";
import {
  encodeEqualityProof,
  EQUALITY_PROOF_BYTES,
  proveEquality,
  readEqualityProof,
  verifyEquality,
  type EqualityProof,
  type EqualityStatement,
} from "../../src/sealed/equality-proof.js";
import { Equations } from "../../src/sealed/equations.js";
import { inverse, mod } from "../../src/sealed/scalars.js";
import { Base, type Point } from "../../src/sealed/system.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { alterations, carry, context, fast, n, oracle } from "./support.js";

const random = new TestRandom("equality proofs");
const key = new EncryptionKey(fast, fast.group.mul(fast.group.generator, random.below(n)));

/** A ciphertext of v and a commitment to `committed`. */
function pair(v: bigint, committed = v) {
  const nonce = random.below(n);
  const opening = { value: committed, blinding: random.below(n) };
  return { ciphertext: key.encrypt(v, nonce), commitment: commit(fast, opening), opening, nonce };
}

describe("equality of ciphertext and commitment", () => {
  it("is proved for zero, positive and negative values, one at a time and many together", () => {
    for (const values of [[0n], [1n], [-1n], [5000n, 0n, -7n, 5000n]]) {
      const pairs = values.map((v) => pair(v));
      const proof = proveEquality({ system: fast, context, key, witnesses: pairs });
      expect(
        verifyEquality({ system: fast, context, key: key.point, statements: pairs, proof }),
      ).to.equal(true);
    }
  });

  it("cannot be proved for v ≠ v′, with either value as the witness", () => {
    for (const [v, committed] of [
      [5n, 6n],
      [0n, 1n],
      [7n, -7n],
    ] as const) {
      const p = pair(v, committed);
      for (const value of [v, committed]) {
        const lie = { ...p, opening: { ...p.opening, value } };
        const proof = proveEquality({ system: fast, context, key, witnesses: [lie] });
        expect(
          verifyEquality({ system: fast, context, key: key.point, statements: [p], proof }),
        ).to.equal(false);
      }
    }
  });

  it("cannot be proved for sums that agree while the values do not", () => {
    const pairs = [pair(5n, 6n), pair(6n, 5n)];
    const proof = proveEquality({ system: fast, context, key, witnesses: pairs });
    expect(
      verifyEquality({ system: fast, context, key: key.point, statements: pairs, proof }),
    ).to.equal(false);
  });

  it("does not hold after any single point or scalar is altered, for another key, context or order", () => {
    const pairs = [pair(3n), pair(4n)];
    const statements = pairs.map(({ ciphertext, commitment }) => ({ ciphertext, commitment }));
    const proof = proveEquality({ system: fast, context, key, witnesses: pairs });
    const holds = ({
      statements: s,
      proof: p,
      where = context,
      under = key.point,
    }: {
      readonly statements: readonly EqualityStatement[];
      readonly proof: EqualityProof;
      readonly where?: Uint8Array<ArrayBuffer>;
      readonly under?: Point;
    }): boolean =>
      verifyEquality({ system: fast, context: where, key: under, statements: s, proof: p });
    expect(holds({ statements, proof })).to.equal(true);
    let count = 0;
    for (const { path, altered } of alterations(fast, { statements, proof })) {
      count += 1;
      expect(holds({ statements: altered.statements, proof: altered.proof }), path).to.equal(false);
    }
    expect(count).to.equal(2 * (6 + 6));
    expect(holds({ statements, proof, where: new Uint8Array() })).to.equal(false);
    expect(holds({ statements, proof, where: context, under: fast.group.generator })).to.equal(
      false,
    );
    expect(holds({ statements: statements.toReversed(), proof })).to.equal(false);
    expect(holds({ statements: statements.slice(1), proof })).to.equal(false);
  });

  it("is read back canonically only", () => {
    const pairs = [pair(3n)];
    const bytes = encodeEqualityProof(
      fast,
      proveEquality({ system: fast, context, key, witnesses: pairs }),
    );
    expect(bytes).to.have.lengthOf(EQUALITY_PROOF_BYTES);
    const read = readEqualityProof(new Reader(fast, bytes));
    expect(
      verifyEquality({ system: fast, context, key: key.point, statements: pairs, proof: read }),
    ).to.equal(true);
    const carriedPairs = pairs.map(({ ciphertext, commitment }) => ({
      ciphertext: { c1: carry(ciphertext.c1), c2: carry(ciphertext.c2) },
      commitment: carry(commitment),
    }));
    const there = readEqualityProof(new Reader(oracle, bytes));
    expect(
      verifyEquality({
        system: oracle,
        context,
        key: carry(key.point),
        statements: carriedPairs,
        proof: there,
      }),
    ).to.equal(true);

    const identity = Uint8Array.from([...new Uint8Array(33), ...bytes.subarray(33)]);
    expectError(() => readEqualityProof(new Reader(fast, identity)), "sealed/identity-point");
    const large = bytes.slice();
    large.fill(0xff, 99, 131);
    expectError(() => readEqualityProof(new Reader(fast, large)), "sealed/scalar-out-of-range");
    expectError(
      () => readEqualityProof(new Reader(fast, bytes.subarray(1))),
      "sealed/bad-encoding",
    );
  });
});

/**
 * The equality proof of Johansen and Buhl (2023), Algorithm 9: the three announcements and the three
 * equations are those above, but the challenge is a hash of the announcements alone.
 */
describe("Algorithm 9 of Johansen and Buhl, whose challenge binds neither ciphertext nor commitment", () => {
  const publishedChallenge = (t1: Point, t2: Point, t3: Point): bigint =>
    new Transcript("Algorithm 9")
      .append("T1, T2, T3", new Writer(fast).points(t1, t2, t3).done())
      .challenge("e", n);

  function publishedVerify({ ciphertext, commitment }: EqualityStatement, proof: EqualityProof) {
    const { t1, t2, t3, zValue, zNonce, zBlinding } = proof;
    const e = publishedChallenge(t1, t2, t3);
    const equations = new Equations(fast);
    equations.equation().point(t1, 1n).point(ciphertext.c1, e).base(Base.Generator, -zNonce);
    equations
      .equation()
      .point(t2, 1n)
      .point(ciphertext.c2, e)
      .base(Base.Message, -zValue)
      .point(key.point, -zNonce);
    equations
      .equation()
      .point(t3, 1n)
      .point(commitment, e)
      .base(Base.Value, -zValue)
      .base(Base.Blinding, -zBlinding);
    return equations.hold();
  }

  /**
   * Announces different a in T2 and T3, learns e, and only then computes the ciphertext and the
   * commitment that fit: the commitment holds a value of the attacker's choice.
   */
  function forge(committed: bigint) {
    const [a, aPrime, b, c, zNonce, zBlinding] = Array.from({ length: 6 }, () =>
      random.below(n),
    ) as [bigint, bigint, bigint, bigint, bigint, bigint];
    const { c1: t1, c2: t2 } = key.encrypt(a, b);
    const t3 = commit(fast, { value: aPrime, blinding: c });
    const e = publishedChallenge(t1, t2, t3);
    const zValue = mod(aPrime + e * committed);
    const over = (z: bigint, mask: bigint): bigint => mod((z - mask) * inverse(e));
    const statement = {
      ciphertext: key.encrypt(over(zValue, a), over(zNonce, b)),
      commitment: commit(fast, { value: committed, blinding: over(zBlinding, c) }),
    };
    const proof = { t1, t2, t3, zValue, zNonce, zBlinding };
    return { statement, proof, encrypted: over(zValue, a) };
  }

  it("accepts a ciphertext that does not hold the committed value; the proof of this room does not", () => {
    const { statement, proof, encrypted } = forge(500n);
    expect(encrypted).not.to.equal(500n);
    expect(publishedVerify(statement, proof)).to.equal(true);
    expect(
      verifyEquality({ system: fast, context, key: key.point, statements: [statement], proof }),
    ).to.equal(false);
  });
});
