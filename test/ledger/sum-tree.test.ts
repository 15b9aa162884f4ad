import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { intToBytes } from "../../src/algebra/index.js";
import {
  EMPTY_ROOT,
  SumPaths,
  SumTree,
  treeDepth,
  verifySumPath,
  type SumLeaf,
} from "../../src/ledger/sum-tree.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const random = new TestRandom("sum tree");
const leaves = (count: number): SumLeaf[] =>
  Array.from({ length: count }, () => ({ hash: random.bytes(32), load: random.below(1n << 40n) }));

/** The plain one: every leaf up to the power of two, level by level. */
function plainRoot(items: readonly SumLeaf[]): SumLeaf {
  const width = 2 ** treeDepth(items.length);
  const empty = { hash: new Uint8Array(32), load: 0n };
  let level: SumLeaf[] = Array.from({ length: width }, (_, i) => items[i] ?? empty);
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, i) => {
      const [a, b] = [level[2 * i]!, level[2 * i + 1]!];
      const packed = concatBytes(a.hash, intToBytes(a.load, 32), b.hash, intToBytes(b.load, 32));
      return { hash: keccak_256(packed), load: a.load + b.load };
    });
  }
  return level[0]!;
}

describe("Sum trees", () => {
  it("of any number of leaves have the root and total of a tree built plainly", () => {
    for (const count of [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 33]) {
      const items = leaves(count);
      const tree = new SumTree(items);
      const plain = plainRoot(items);
      expect(tree.root).to.deep.equal(plain.hash);
      expect(tree.total).to.equal(plain.load);
    }
    expect(new SumTree([]).root).to.deep.equal(EMPTY_ROOT);
  });

  it("given a leaf at another position, load, total, count or path, refuse it", () => {
    for (const count of [1, 2, 5, 8, 13]) {
      const items = leaves(count);
      const { root, total } = new SumTree(items);
      const tree = new SumTree(items);
      const at = { root, total, leaves: count };
      for (const [i, leaf] of items.entries()) {
        const path = tree.path(i);
        expect(verifySumPath({ tree: at, index: i, leaf, path })).to.equal(true);
        for (let j = 0; j < 2 ** path.length + 2; j++) {
          if (j !== i)
            expect(verifySumPath({ tree: at, index: j, leaf, path }), `${i} as ${j}`).to.equal(
              false,
            );
        }
        const more = { ...leaf, load: leaf.load + 1n };
        expect(verifySumPath({ tree: at, index: i, leaf: more, path })).to.equal(false);
        expect(
          verifySumPath({ tree: { ...at, total: total + 1n }, index: i, leaf, path }),
        ).to.equal(false);
        expect(
          verifySumPath({ tree: { ...at, total: total + 1n }, index: i, leaf: more, path }),
        ).to.equal(false);
        expect(verifySumPath({ tree: { ...at, leaves: i }, index: i, leaf, path })).to.equal(false);
        expect(verifySumPath({ tree: at, index: i, leaf, path: path.slice(1) })).to.equal(false);
        const shifted = [{ ...path[0]!, load: path[0]!.load - 1n }, ...path.slice(1)];
        expect(
          verifySumPath({ tree: at, index: i, leaf: more, path: shifted }),
          "load moved to a sibling",
        ).to.equal(false);
      }
    }
  });

  it("given paths one after the other, honest and not, then what is known already changes no answer", () => {
    for (const count of [1, 2, 7, 64, 100]) {
      const items = leaves(count);
      const tree = new SumTree(items);
      const root = { root: tree.root, total: tree.total, leaves: count };
      const paths = new SumPaths(root);
      let right = 0;
      for (let n = 0; n < 300; n++) {
        const at = random.int(count);
        let [index, leaf, path] = [at, items[at]!, tree.path(at)];
        const height = random.int(path.length);
        const sibling = path[height]!;
        switch (random.int(8)) {
          case 0:
            path = path.with(height, { ...sibling, load: sibling.load + 1n });
            break;
          case 1:
            path = path.with(height, { ...sibling, hash: random.bytes(32) });
            break;
          case 2:
            leaf = items[random.int(count)]!;
            break;
          case 3:
            index = random.int(count + 2) - 1;
            break;
          case 4:
            path = random.int(2) === 0 ? path.slice(1) : [...path, sibling];
            break;
          case 5:
            index = [at + 0.5, NaN, 2 ** 32 + at][random.int(3)]!;
            break;
        }
        const expected = verifySumPath({ tree: root, index, leaf, path });
        expect(paths.verify(index, leaf, path), `${count}, ${n}`).to.equal(expected);
        if (expected) right++;
      }
      expect(right).to.be.greaterThan(50);
    }
  });

  it("with a negative sibling that hides a load, refuse it", () => {
    const [a, b] = leaves(2) as [SumLeaf, SumLeaf];
    const tree = new SumTree([a, b]);
    const at = { root: tree.root, total: tree.total, leaves: 2 };
    expect(verifySumPath({ tree: at, index: 0, leaf: a, path: [{ ...b, load: -1n }] })).to.equal(
      false,
    );
  });

  it("asked for a row that does not exist, say so", () => {
    expectError(() => new SumTree(leaves(3)).path(4), "ledger/no-such-row");
    expectError(() => new SumTree(leaves(3)).path(-1), "ledger/no-such-row");
  });
});
