import { expect } from "chai";
import { StatementMemory } from "../../src/ledger/statement-memory.js";
import {
  consumptionStruct,
  StatementSigner,
  StatementVerifier,
  type ConsumptionStatement,
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

  beforeEach(() => {
    asked = 0;
    class Counting extends StatementVerifier {
      override verify(...of: Parameters<StatementVerifier["verify"]>): boolean {
        asked++;
        return super.verify(...of);
      }
    }
    memory = new StatementMemory(new Counting(testDomain));
  });

  it("given the same statement again, then its signature is not checked twice", () => {
    const struct = consumptionStruct(statement(1));
    const signature = signer.sign(struct);
    for (let i = 0; i < 3; i++) {
      expect(memory.verify(struct, signature, signer.address)).to.equal(true);
    }
    expect(asked).to.equal(1);
  });

  it("given a right statement, when a liar changes it, its signature or its signer, then each is refused", () => {
    const struct = consumptionStruct(statement(1));
    const signature = signer.sign(struct);
    expect(memory.verify(struct, signature, signer.address)).to.equal(true);
    const changed = consumptionStruct(statement(1, 1001n));
    expect(memory.verify(changed, signature, signer.address)).to.equal(false);
    expect(memory.verify(struct, other.sign(struct), signer.address)).to.equal(false);
    expect(memory.verify(struct, signature, other.address)).to.equal(false);
    const flipped = signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    expect(memory.verify(struct, flipped, signer.address)).to.equal(false);
  });

  it("given a wrong signature, when it comes again, then it is refused again", () => {
    const struct = consumptionStruct(statement(1));
    const wrong = other.sign(struct);
    for (let i = 0; i < 2; i++) {
      expect(memory.verify(struct, wrong, signer.address)).to.equal(false);
    }
    expect(asked).to.equal(2);
  });

  it("given many statements, then only the last few are remembered", () => {
    const all = Array.from({ length: 50 }, (_, i) => consumptionStruct(statement(i + 1)));
    for (const struct of all) memory.verify(struct, signer.sign(struct), signer.address);
    expect(asked).to.equal(50);
    memory.verify(all[0]!, signer.sign(all[0]!), signer.address);
    expect(asked).to.equal(51);
    memory.verify(all[49]!, signer.sign(all[49]!), signer.address);
    expect(asked).to.equal(51);
  });
});
