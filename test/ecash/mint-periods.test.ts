import { expect } from "chai";
import { payingMintKey, refreshableMintKeys, signingMintKey } from "../../src/ecash/index.js";
import { expectError } from "../support/errors.js";

describe("mint keys by period", () => {
  const mints = [
    { mintKeyId: 1, firstPeriod: 0 },
    { mintKeyId: 2, firstPeriod: 202703 },
    { mintKeyId: 5, firstPeriod: 202712 },
  ];

  it("in a new id's first month the old one pays; from the next month the new one alone", () => {
    const paying = [202702, 202703, 202704, 202712, 202801].map((p) => payingMintKey(mints, p));
    expect(paying).to.deep.equal([1, 1, 2, 2, 5]);
  });

  it("coins of a month are signed by the id that pays in the next", () => {
    const signing = [202702, 202703, 202711, 202712].map((p) => signingMintKey(mints, p));
    expect(signing).to.deep.equal([1, 2, 2, 5]);
  });

  it("coins of an old id can be changed for a year after the next began", () => {
    expect(refreshableMintKeys(mints, 202702)).to.deep.equal([1]);
    expect(refreshableMintKeys(mints, 202803)).to.deep.equal([1, 2, 5]);
    expect(refreshableMintKeys(mints, 202804)).to.deep.equal([2, 5]);
    expect(refreshableMintKeys(mints, 202901)).to.deep.equal([5]);
  });

  it("a first id that begins with a month pays in it; before any has begun there is none", () => {
    const first = [{ mintKeyId: 9, firstPeriod: 202703 }];
    expect(payingMintKey(first, 202703)).to.equal(9);
    expectError(() => payingMintKey(first, 202702), "ecash/no-mint-key");
    expectError(() => signingMintKey([], 202702), "ecash/no-mint-key");
  });
});
