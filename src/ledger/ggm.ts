/**
 * The pseudo-random function of Goldreich, Goldwasser and Micali (*How to Construct Random
 * Functions*, J. ACM 33(4), 1986) on 32-bit inputs, which can forget: a puncturable PRF in the sense
 * of Boneh and Waters (*Constrained Pseudorandom Functions and Their Applications*, ASIACRYPT 2013).
 * What is kept is the seeds of the largest subtrees without a forgotten leaf: one at first, at most
 * 32 when leaves are forgotten in order, as here. No forgotten leaf can be computed from them.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { sha256 } from "../channel/onion/index.js";
import { ledgerErrors } from "./errors.js";
import { TAGS } from "./tags.js";

export const GGM_DEPTH = 32;
const LEAVES = 2 ** GGM_DEPTH;
const SEED_BYTES = 32;
const SUBTREE_BYTES = 4 + 1 + SEED_BYTES;

/** A subtree of `leaves` leaves (a power of two) from leaf `first` on, and the secret at its root. */
export interface GgmSubtree {
  readonly first: number;
  readonly leaves: number;
  readonly seed: Uint8Array;
}

const prefixes = [0, 1].map((bit) => concatBytes(TAGS.ggm, Uint8Array.of(bit)));

function halves({ first, leaves, seed }: GgmSubtree): [GgmSubtree, GgmSubtree] {
  const half = leaves / 2;
  return [
    { first, leaves: half, seed: sha256(prefixes[0]!, seed) },
    { first: first + half, leaves: half, seed: sha256(prefixes[1]!, seed) },
  ];
}

export class PuncturablePrf {
  /** In the order of their leaves. */
  #kept: GgmSubtree[];

  private constructor(kept: readonly GgmSubtree[]) {
    this.#kept = kept.map((t) => ({ ...t, seed: t.seed.slice() }));
  }

  /** The whole tree under a secret of 32 bytes. @throws ledger/bad-seed */
  static fromRoot(root: Uint8Array): PuncturablePrf {
    if (root.length !== SEED_BYTES) {
      throw ledgerErrors.error(
        "bad-seed",
        `the root of a key tree has ${SEED_BYTES} bytes, not ${root.length}`,
        { bytes: root.length },
      );
    }
    return new PuncturablePrf([{ first: 0, leaves: LEAVES, seed: root }]);
  }

  /** What is left of a tree: as {@link toBytes} gave it. @throws ledger/record-damaged */
  static fromBytes(bytes: Uint8Array): PuncturablePrf {
    if (bytes.length % SUBTREE_BYTES !== 0) {
      const message = `${bytes.length} bytes are not a key tree`;
      throw ledgerErrors.error("record-damaged", message, { bytes: bytes.length });
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const kept: GgmSubtree[] = [];
    for (let at = 0; at < bytes.length; at += SUBTREE_BYTES) {
      const seed = bytes.slice(at + SUBTREE_BYTES - SEED_BYTES, at + SUBTREE_BYTES);
      kept.push({ first: view.getUint32(at), leaves: 2 ** bytes[at + 4]!, seed });
    }
    return new PuncturablePrf(kept);
  }

  /** What is kept, for the store: first leaf (4) ‖ height (1) ‖ seed (32) of each subtree. All of it is secret. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#kept.length * SUBTREE_BYTES);
    const view = new DataView(bytes.buffer);
    for (const [i, { first, leaves, seed }] of this.#kept.entries()) {
      view.setUint32(i * SUBTREE_BYTES, first);
      bytes[i * SUBTREE_BYTES + 4] = Math.log2(leaves);
      bytes.set(seed, (i + 1) * SUBTREE_BYTES - SEED_BYTES);
    }
    return bytes;
  }

  /** An independent copy, for anyone who must compute leaves that another is about to forget. */
  clone(): PuncturablePrf {
    return new PuncturablePrf(this.#kept);
  }

  /** What is kept, all of it secret. */
  kept(): readonly GgmSubtree[] {
    return this.#kept;
  }

  /** The 32 bytes at each of `count` neighbouring leaves. @throws ledger/leaf-gone */
  evaluateRange(first: number, count: number): Uint8Array[] {
    const out: Uint8Array[] = [];
    const visit = (tree: GgmSubtree): void => {
      if (tree.first >= first + count || tree.first + tree.leaves <= first) return;
      if (tree.leaves === 1) out.push(tree.seed.slice());
      else halves(tree).forEach(visit);
    };
    this.#kept.forEach(visit);
    if (out.length !== count) {
      throw ledgerErrors.error(
        "leaf-gone",
        `some of the ${count} leaves from ${first} on are punctured or do not exist`,
        { first, count },
      );
    }
    return out;
  }

  /** Punctures every leaf below `bound`. */
  punctureBefore(bound: number): void {
    for (;;) {
      const tree = this.#kept[0];
      if (tree === undefined || tree.first >= bound) return;
      const replacement = tree.first + tree.leaves <= bound ? [] : halves(tree);
      tree.seed.fill(0);
      this.#kept.splice(0, 1, ...replacement);
    }
  }
}
