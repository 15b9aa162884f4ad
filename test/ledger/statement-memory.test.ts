import { expect } from "chai";
import type { Address } from "../../src/algebra/index.js";
import { StatementMemory } from "../../src/ledger/statement-memory.js";
import {
  consumptionStruct,
  StatementSigner,
  StatementVerifier,
  type ConsumptionStatement,
  type SignedStruct,
  type TypedStruct,
} from "../../src/ledger/statements.js";
import { EMPTY_ROOT } from "../../src/ledger/sum-tree.js";
import { testDomain } from "./support.js";

const statement = (interval: number, load = 1000n): ConsumptionStatement => ({
  interval,
  revision: 0,
  withheld: 0,
  rows: 1,
  load,
  root: EMPTY_ROOT,
  source: 0,
  homes: 1,
  average: 200n,
  mask: 0,
  enrolment: EMPTY_ROOT,
});

describe("the statements that a device found signed", () => {
  const signer = new StatementSigner(testDomain, new Uint8Array(32).fill(7));
  const other = new StatementSigner(testDomain, new Uint8Array(32).fill(8));
  let asked: number;
  let memory: StatementMemory;
  const isSigned = (struct: TypedStruct, signature: Uint8Array, by: Address): boolean =>
    memory.areSigned([{ struct, signature, signer: by }]);

  beforeEach(() => {
    asked = 0;
    class Counting extends StatementVerifier {
      override verifyAll(signed: readonly SignedStruct[]): boolean[] {
        asked += signed.length;
        return super.verifyAll(signed);
      }
    }
    memory = new StatementMemory(new Counting(testDomain));
  });

  it("given the same statement again, then its signature is not checked twice", () => {
    const struct = consumptionStruct(statement(1));
    const signature = signer.sign(struct);
    for (let i = 0; i < 3; i++) {
      expect(isSigned(struct, signature, signer.address)).to.equal(true);
    }
    expect(asked).to.equal(1);
  });

  it("given a right statement, when a liar changes it, its signature or its signer, then each is refused", () => {
    const struct = consumptionStruct(statement(1));
    const signature = signer.sign(struct);
    expect(isSigned(struct, signature, signer.address)).to.equal(true);
    const changed = consumptionStruct(statement(1, 1001n));
    expect(isSigned(changed, signature, signer.address)).to.equal(false);
    expect(isSigned(struct, other.sign(struct), signer.address)).to.equal(false);
    expect(isSigned(struct, signature, other.address)).to.equal(false);
    const flipped = signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    expect(isSigned(struct, flipped, signer.address)).to.equal(false);
  });

  it("given a wrong signature, when it comes again, then it is refused again", () => {
    const struct = consumptionStruct(statement(1));
    const wrong = other.sign(struct);
    for (let i = 0; i < 2; i++) {
      expect(isSigned(struct, wrong, signer.address)).to.equal(false);
    }
    expect(asked).to.equal(2);
  });

  it("given two statements, when either is wrong, then both are refused, and the right one is remembered", () => {
    const [first, second] = [1, 2].map((i) => consumptionStruct(statement(i))) as [
      TypedStruct,
      TypedStruct,
    ];
    const right = { struct: first, signature: signer.sign(first), signer: signer.address };
    const wrong = { struct: second, signature: other.sign(second), signer: signer.address };
    expect(memory.areSigned([right, wrong])).to.equal(false);
    expect(memory.areSigned([wrong, right])).to.equal(false);
    expect(asked).to.equal(3);
    expect(memory.areSigned([right])).to.equal(true);
    expect(asked).to.equal(3);
    const both = { ...wrong, signature: signer.sign(second) };
    expect(memory.areSigned([right, both])).to.equal(true);
  });

  it("given many statements, then only the last few are remembered", () => {
    const all = Array.from({ length: 50 }, (_, i) => consumptionStruct(statement(i + 1)));
    for (const struct of all) isSigned(struct, signer.sign(struct), signer.address);
    expect(asked).to.equal(50);
    isSigned(all[0]!, signer.sign(all[0]!), signer.address);
    expect(asked).to.equal(51);
    isSigned(all[49]!, signer.sign(all[49]!), signer.address);
    expect(asked).to.equal(51);
  });
});
