import { expect } from "chai";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { keccak256 } from "../../src/ledger/keccak.js";

describe("Keccak-256 of the ledger", () => {
  it("gives noble's hash for every length around the blocks of the sponge, and keeps earlier results", () => {
    const inputs = [0, 1, 32, 97, 109, 128, 135, 136, 137, 271, 272, 273, 1000].map((length) =>
      Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff),
    );
    const hashes = inputs.map(keccak256);
    expect(hashes).to.deep.equal(inputs.map((input) => keccak_256(input)));
  });
});
