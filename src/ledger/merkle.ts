/**
 * Merkle trees that OpenZeppelin's `MerkleProof` verifies: an inner node is Keccak-256 of the sorted
 * pair, and an odd node at the end of a level moves up unchanged. Leaves are hashes of inputs longer
 * than two nodes (rows.ts), so no inner node can be passed off as a leaf.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { equalBytes } from "../algebra/index.js";
import { ledgerErrors } from "./errors.js";

/** The root of a tree without leaves. */
export const EMPTY_ROOT: Uint8Array = new Uint8Array(32);

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

export class MerkleTree {
  /** From the leaves up to the root. */
  readonly #levels: (readonly Uint8Array[])[];

  constructor(leaves: readonly Uint8Array[]) {
    this.#levels = [leaves];
    for (let level = leaves; level.length > 1;) {
      const next: Uint8Array[] = [];
      for (let i = 0; i < level.length; i += 2) {
        next.push(i + 1 < level.length ? parent(level[i]!, level[i + 1]!) : level[i]!);
      }
      this.#levels.push(next);
      level = next;
    }
  }

  get leaves(): readonly Uint8Array[] {
    return this.#levels[0]!;
  }

  get root(): Uint8Array {
    return this.#levels.at(-1)![0] ?? EMPTY_ROOT;
  }

  /** The siblings from a leaf up to the root. @throws ledger/no-such-row */
  proof(index: number): Uint8Array[] {
    const rows = this.leaves.length;
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
    return siblings;
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
