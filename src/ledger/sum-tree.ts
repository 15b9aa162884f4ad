/**
 * Positional Merkle-sum trees, as SumTree.sol verifies them. A node is
 * keccak256(left hash ‖ left load ‖ right hash ‖ right load), loads as 32-byte words, and its load is the
 * sum of the two. The depth follows from the number of leaves (at least 1), the side at each step from the
 * leaf's index, and leaves behind the last one are zero. So a leaf has one position, and a total is the sum
 * of what is beneath it. Binding the total needs both children's loads in the hash (Chalkias, Chatzigiannis,
 * Ji, *Broken Proofs of Solvency in Blockchain Custodial Wallets and Exchanges*, FC Workshops 2022).
 */
import { equalBytes, intToBytes } from "../algebra/index.js";
import { keccak256 } from "./keccak.js";
import { ledgerErrors } from "./errors.js";

/** A hash and what is beneath it. */
export interface SumLeaf {
  readonly hash: Uint8Array;
  readonly load: bigint;
}

/** An inner node: what its hash is of. */
export interface SumNode {
  readonly left: SumLeaf;
  readonly right: SumLeaf;
}

/** Siblings from a leaf up to the root. */
export type SumPath = readonly SumLeaf[];

const HASH_BYTES = 32;
const NODE_BYTES = 128;
const EMPTY: SumLeaf = { hash: new Uint8Array(32), load: 0n };

/** Orders byte strings of equal length as unsigned integers. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** Levels above the leaves: the least d ≥ 1 with 2^d ≥ `leaves`. */
export function treeDepth(leaves: number): number {
  let depth = 1;
  while (2 ** depth < leaves) depth++;
  return depth;
}

const scratch = new Uint8Array(NODE_BYTES);
const scratchView = new DataView(scratch.buffer);

function writeLoad(at: number, load: bigint): void {
  if (load < 0x1_0000_0000n) {
    scratch.fill(0, at, at + 28);
    scratchView.setUint32(at + 28, Number(load));
  } else {
    scratch.set(intToBytes(load, 32), at);
  }
}

function parent(left: SumLeaf, right: SumLeaf): SumLeaf {
  scratch.set(left.hash, 0);
  writeLoad(32, left.load);
  scratch.set(right.hash, 64);
  writeLoad(96, right.load);
  return { hash: keccak256(scratch), load: left.load + right.load };
}

/** Empty subtrees by their height. */
const empties: SumLeaf[] = [EMPTY];
function emptyTree(height: number): SumLeaf {
  for (let h = empties.length; h <= height; h++)
    empties.push(parent(empties[h - 1]!, empties[h - 1]!));
  return empties[height]!;
}

export class SumTree {
  /** From the leaves up to the root, without the empty subtrees at their ends. */
  readonly #levels: (readonly SumLeaf[])[];
  readonly #depth: number;
  readonly root: Uint8Array;
  readonly total: bigint;

  constructor(leaves: readonly SumLeaf[]) {
    this.#levels = [leaves];
    this.#depth = treeDepth(leaves.length);
    for (let height = 0; height < this.#depth; height++) {
      const level = this.#levels[height]!;
      const next: SumLeaf[] = [];
      for (let i = 0; i < level.length; i += 2) {
        next.push(parent(level[i]!, level[i + 1] ?? emptyTree(height)));
      }
      this.#levels.push(next);
    }
    const top = this.#levels.at(-1)![0] ?? emptyTree(this.#depth);
    this.root = top.hash;
    this.total = top.load;
  }

  /** The siblings of a position, up to the root. @throws ledger/no-such-row */
  path(index: number): SumPath {
    this.#check(index);
    return Array.from({ length: this.#depth }, (_, height) =>
      this.#at(height, (index >> height) ^ 1),
    );
  }

  /** The nodes from the root down towards a position. @throws ledger/no-such-row */
  nodes(index: number): SumNode[] {
    this.#check(index);
    return Array.from({ length: this.#depth }, (_, i) => {
      const height = this.#depth - 1 - i;
      const first = (index >> (height + 1)) << 1;
      return { left: this.#at(height, first), right: this.#at(height, first + 1) };
    });
  }

  #at(height: number, index: number): SumLeaf {
    return this.#levels[height]![index] ?? emptyTree(height);
  }

  #check(index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < 2 ** this.#depth) return;
    const rows = this.#levels[0]!.length;
    throw ledgerErrors.error("no-such-row", `row ${index} does not exist: there are ${rows}`, {
      index,
      rows,
    });
  }
}

/** The root of a tree without leaves. */
export const EMPTY_ROOT: Uint8Array = emptyTree(1).hash;

/** A tree as a statement names it. */
export interface SumRoot {
  readonly root: Uint8Array;
  readonly total: bigint;
  readonly leaves: number;
}

function isPlace({ leaves }: SumRoot, index: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < leaves;
}

/** Does the path lead from this leaf, at this position, to the root and its total? */
export function verifySumPath({
  tree,
  index,
  leaf,
  path,
}: {
  readonly tree: SumRoot;
  readonly index: number;
  readonly leaf: SumLeaf;
  readonly path: SumPath;
}): boolean {
  if (!isPlace(tree, index) || path.length !== treeDepth(tree.leaves)) return false;
  let node = leaf;
  let at = index;
  for (const sibling of path) {
    if (sibling.load < 0n || sibling.hash.length !== 32) return false;
    node = at % 2 === 0 ? parent(node, sibling) : parent(sibling, node);
    at = Math.floor(at / 2);
  }
  return equalBytes(node.hash, tree.root) && node.load === tree.total;
}

/**
 * Paths of one tree, of which each node is hashed once: what a path has shown is compared with the next one. The
 * answers are those of {@link verifySumPath}.
 */
export class SumPaths {
  /** By height, then position: nodes of the tree. With a node, everything beside the way from it to the root is here. */
  readonly #known: Map<number, SumLeaf>[] = [];

  constructor(private readonly tree: SumRoot) {}

  verify(index: number, leaf: SumLeaf, path: SumPath): boolean {
    const { root, total, leaves } = this.tree;
    if (!isPlace(this.tree, index) || path.length !== treeDepth(leaves)) return false;
    // From the leaf up, each node and its sibling.
    const shown: SumLeaf[] = [];
    let node = leaf;
    let at = index;
    for (const [height, sibling] of path.entries()) {
      const known = this.#known[height]?.get(at);
      if (known !== undefined) {
        if (!isSameNode(known, node) || !this.#isWayUp(height, at, path)) return false;
        this.#remember(index, shown);
        return true;
      }
      if (sibling.load < 0n || sibling.hash.length !== HASH_BYTES) return false;
      shown.push(node, sibling);
      node = at % 2 === 0 ? parent(node, sibling) : parent(sibling, node);
      at = Math.floor(at / 2);
    }
    if (!equalBytes(node.hash, root) || node.load !== total) return false;
    this.#remember(index, shown);
    return true;
  }

  #remember(index: number, shown: readonly SumLeaf[]): void {
    let at = index;
    for (let i = 0; i < shown.length; i += 2) {
      const level = (this.#known[i >> 1] ??= new Map<number, SumLeaf>());
      level.set(at, shown[i]!);
      level.set(siblingOf(at), shown[i + 1]!);
      at = Math.floor(at / 2);
    }
  }

  /** Are the siblings from this height on those of the tree? All are known there. */
  #isWayUp(height: number, at: number, path: SumPath): boolean {
    let place = at;
    for (let h = height; h < path.length; h++) {
      const known = this.#known[h]?.get(siblingOf(place));
      if (known === undefined || !isSameNode(known, path[h]!)) return false;
      place = Math.floor(place / 2);
    }
    return true;
  }
}

/** Positions may be beyond 2^31, where bit operations would make them negative. */
const siblingOf = (at: number): number => (at % 2 === 0 ? at + 1 : at - 1);

const isSameNode = (a: SumLeaf, b: SumLeaf): boolean =>
  a.load === b.load && equalBytes(a.hash, b.hash);
