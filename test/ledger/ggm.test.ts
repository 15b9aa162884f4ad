import { expect } from "chai";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { PuncturablePrf } from "../../src/ledger/ggm.js";
import { TAGS } from "../../src/ledger/tags.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const random = new TestRandom("ggm");
const root = random.bytes(32);
const LAST = 2 ** 32 - 1;

/** The definition: down from the root, one hash a bit. */
function plain(leaf: number): Uint8Array {
  let seed = root;
  for (const bit of leaf.toString(2).padStart(32, "0")) {
    seed = sha256(concatBytes(TAGS.ggm, Uint8Array.of(Number(bit)), seed));
  }
  return seed;
}

describe("The GGM tree", () => {
  it("gives each leaf what the definition gives, also after others were forgotten", () => {
    const tree = PuncturablePrf.fromRoot(root);
    let bound = 0;
    for (const step of [0, 1, 1, 2, 5, 255, 256, 70_000, 2 ** 31]) {
      bound += step;
      tree.punctureBefore(bound);
      for (const leaf of [bound, bound + 1, bound + 1000, LAST]) {
        expect(tree.evaluateRange(leaf, 1)[0]).to.deep.equal(plain(leaf));
      }
    }
  });

  it("gives a range as its leaves one by one, across subtrees", () => {
    const tree = PuncturablePrf.fromRoot(root);
    tree.punctureBefore(2 ** 20 - 3);
    const first = 2 ** 20 - 3;
    expect(tree.evaluateRange(first, 9)).to.deep.equal(
      Array.from({ length: 9 }, (_, i) => plain(first + i)),
    );
  });

  it("no longer gives a punctured leaf, nor one that does not exist", () => {
    const tree = PuncturablePrf.fromRoot(root);
    tree.punctureBefore(1000);
    tree.evaluateRange(1000, 1);
    for (const [first, count] of [
      [999, 1],
      [0, 1],
      [998, 4],
      [LAST, 2],
      [LAST + 1, 1],
      [-1, 1],
    ] as const) {
      expectError(() => tree.evaluateRange(first, count), "ledger/leaf-gone");
    }
  });

  it("keeps at most 32 seeds, none of which is above a punctured leaf", () => {
    const tree = PuncturablePrf.fromRoot(root);
    for (let i = 0; i < 200; i++) {
      const bound = random.int(2 ** 31) + i;
      tree.punctureBefore(bound);
      expect(tree.kept().length).to.be.at.most(32);
      expect(tree.kept().every((t) => t.first >= bound)).to.equal(true);
    }
    tree.punctureBefore(LAST + 1);
    expect(tree.kept()).to.deep.equal([]);
  });

  it("copies are independent, and erase their own seeds only", () => {
    const tree = PuncturablePrf.fromRoot(root);
    const copy = tree.clone();
    tree.punctureBefore(LAST);
    expect(copy.evaluateRange(5, 1)[0]).to.deep.equal(plain(5));
  });

  it("overwrites the seeds that it forgets", () => {
    const tree = PuncturablePrf.fromRoot(root);
    tree.punctureBefore(8);
    const forgotten = tree.kept()[0]!.seed;
    tree.punctureBefore(2 ** 31);
    expect(forgotten).to.deep.equal(new Uint8Array(32));
  });

  it("given what is left in bytes, reads the same tree, and refuses bytes that are none", () => {
    const tree = PuncturablePrf.fromRoot(root);
    expect(PuncturablePrf.fromBytes(tree.toBytes()).kept()).to.deep.equal(tree.kept());
    for (const bound of [1, 8, 12_345, 2 ** 31, LAST]) {
      tree.punctureBefore(bound);
      const read = PuncturablePrf.fromBytes(tree.toBytes());
      expect(read.kept()).to.deep.equal(tree.kept());
      expect(read.evaluateRange(LAST, 1)[0]).to.deep.equal(plain(LAST));
    }
    tree.punctureBefore(LAST + 1);
    expect(tree.toBytes()).to.deep.equal(new Uint8Array());
    for (const bytes of [1, 36, 38]) {
      expectError(() => PuncturablePrf.fromBytes(new Uint8Array(bytes)), "ledger/record-damaged");
    }
  });

  it("refuses a root of another length", () => {
    expectError(() => PuncturablePrf.fromRoot(new Uint8Array(31)), "ledger/bad-seed");
  });
});
