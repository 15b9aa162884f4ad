/**
 * Merkle trees that OpenZeppelin's `MerkleProof` verifies: an inner node is Keccak-256 of the sorted
 * pair, and an odd node at the end of a level moves up unchanged. Leaves are hashes of inputs longer
 * than two nodes (rows.ts), so no inner node can be passed off as a leaf.
 *
 * Trees are chained: the root of a page is the parent of its tree and of the root of the page before,
 * so it commits to every row that was ever published, and a proof ends with the root before.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { equalBytes } from "../algebra/index.js";
import { ledgerErrors } from "./errors.js";

/** Stands for the tree of no leaves, and for the root before the first one. */
export const ZERO_ROOT: Uint8Array = new Uint8Array(32);

/** Orders byte strings of equal length as unsigned integers. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

function parent(a: Uint8Array, b: Uint8Array): Uint8Array {
  const pair = new Uint8Array(64);
  const ordered = compareBytes(a, b) < 0;
  pair.set(ordered ? a : b, 0);
  pair.set(ordered ? b : a, 32);
  return keccak_256(pair);
}

export class ChainedTree {
  /** From the leaves up to the top of this page's own tree. */
  readonly #levels: (readonly Uint8Array[])[];
  readonly root: Uint8Array;

  /** @param previousRoot root of the page before; {@link ZERO_ROOT} for the first. */
  constructor(
    leaves: readonly Uint8Array[],
    private readonly previousRoot: Uint8Array,
  ) {
    this.#levels = [leaves];
    for (let level = leaves; level.length > 1;) {
      const next: Uint8Array[] = [];
      for (let i = 0; i < level.length; i += 2) {
        next.push(i + 1 < level.length ? parent(level[i]!, level[i + 1]!) : level[i]!);
      }
      this.#levels.push(next);
      level = next;
    }
    this.root = parent(this.#levels.at(-1)![0] ?? ZERO_ROOT, previousRoot);
  }

  /** The siblings from a leaf up to the root. @throws ledger/no-such-row */
  proof(index: number): Uint8Array[] {
    const rows = this.#levels[0]!.length;
    if (!Number.isInteger(index) || index < 0 || index >= rows) {
      throw ledgerErrors.error("no-such-row", `row ${index} does not exist: there are ${rows}`, {
        index,
        rows,
      });
    }
    const siblings: Uint8Array[] = [];
    let at = index;
    for (const level of this.#levels.slice(0, -1)) {
      const sibling = level[at ^ 1];
      if (sibling !== undefined) siblings.push(sibling);
      at >>= 1;
    }
    return [...siblings, this.previousRoot];
  }
}

/** Does the proof lead from the leaf to the root? */
export function verifyProof(
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  return equalBytes(proof.reduce(parent, leaf), root);
}
