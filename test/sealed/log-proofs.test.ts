import { expect } from "chai";
import { Reader } from "../../src/sealed/encoding.js";
import {
  encodeKnowledgeProof,
  proveKnowledge,
  readKnowledgeProof,
  verifyKnowledge,
} from "../../src/sealed/knowledge-proof.js";
import {
  encodeLogEqualityProof,
  proveLogEquality,
  readLogEqualityProof,
  verifyLogEquality,
} from "../../src/sealed/log-equality-proof.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { alterations, carry, context, fast, n, oracle } from "./support.js";

const random = new TestRandom("logarithm proofs");
const { group } = fast;

describe("knowledge of a discrete logarithm", () => {
  const secret = random.below(n);
  const point = group.mul(group.generator, secret);
  const proof = proveKnowledge(fast, context, secret);

  it("is proved, over either group", () => {
    expect(verifyKnowledge({ system: fast, context, point, proof })).to.equal(true);
    const bytes = encodeKnowledgeProof(fast, proof);
    const there = readKnowledgeProof(new Reader(oracle, bytes));
    expect(
      verifyKnowledge({ system: oracle, context, point: carry(point), proof: there }),
    ).to.equal(true);
  });

  it("does not hold after any alteration, for another point, in another context", () => {
    for (const { path, altered } of alterations(fast, { point, proof })) {
      expect(
        verifyKnowledge({ system: fast, context, point: altered.point, proof: altered.proof }),
        path,
      ).to.equal(false);
    }
    expect(verifyKnowledge({ system: fast, context: new Uint8Array(), point, proof })).to.equal(
      false,
    );
  });

  it("is read canonically only", () => {
    const bytes = encodeKnowledgeProof(fast, proof);
    expectError(
      () => readKnowledgeProof(new Reader(fast, bytes.subarray(1))),
      "sealed/bad-encoding",
    );
    const identity = bytes.slice().fill(0, 0, 33);
    expectError(() => readKnowledgeProof(new Reader(fast, identity)), "sealed/identity-point");
    const large = bytes.slice().fill(0xff, 33);
    expectError(() => readKnowledgeProof(new Reader(fast, large)), "sealed/scalar-out-of-range");
  });
});

describe("equality of two discrete logarithms", () => {
  const secret = random.below(n);
  const base = group.mul(group.generator, random.below(n));
  const statement = {
    publicKey: group.mul(group.generator, secret),
    base,
    image: group.mul(base, secret),
  };
  const proof = proveLogEquality({ system: fast, context, statement, secret });

  it("is proved, over either group", () => {
    expect(verifyLogEquality({ system: fast, context, statement, proof })).to.equal(true);
    const there = readLogEqualityProof(new Reader(oracle, encodeLogEqualityProof(fast, proof)));
    const carriedStatement = {
      publicKey: carry(statement.publicKey),
      base: carry(base),
      image: carry(statement.image),
    };
    expect(
      verifyLogEquality({ system: oracle, context, statement: carriedStatement, proof: there }),
    ).to.equal(true);
  });

  it("cannot be proved of another image, by either secret", () => {
    const other = random.below(n);
    const lie = { ...statement, image: group.mul(base, other) };
    for (const s of [secret, other]) {
      expect(
        verifyLogEquality({
          system: fast,
          context,
          statement: lie,
          proof: proveLogEquality({ system: fast, context, statement: lie, secret: s }),
        }),
      ).to.equal(false);
    }
  });

  it("does not hold after any alteration, nor in another context", () => {
    let count = 0;
    for (const { path, altered } of alterations(fast, { statement, proof })) {
      count += 1;
      expect(
        verifyLogEquality({
          system: fast,
          context,
          statement: altered.statement,
          proof: altered.proof,
        }),
        path,
      ).to.equal(false);
    }
    expect(count).to.equal(2 * 6);
    expect(
      verifyLogEquality({ system: fast, context: new Uint8Array(), statement, proof }),
    ).to.equal(false);
  });

  it("is read canonically only", () => {
    const bytes = encodeLogEqualityProof(fast, proof);
    const read = (b: Uint8Array) => () => readLogEqualityProof(new Reader(fast, b));
    expectError(read(bytes.subarray(1)), "sealed/bad-encoding");
    expectError(read(bytes.slice().fill(0, 33, 66)), "sealed/identity-point");
    expectError(read(bytes.slice().fill(0xff, 66)), "sealed/scalar-out-of-range");
  });
});
