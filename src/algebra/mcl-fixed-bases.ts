/**
 * Multiplication of fixed points by the signed comb (Hamburg, *Fast and compact elliptic-curve
 * cryptography*, IACR ePrint 2012/309, §3.3; after Lim and Lee, CRYPTO 1994). A scalar k is written
 * with L digits ±1: for odd group order, k ≡ Σ (2bᵢ − 1)·2ⁱ with b the bits of (k + 2^L − 1)/2. No
 * digit is zero, so each scalar costs the same additions and the identity never turns up as a
 * table entry. `teeth` digits at a time choose one entry; the doublings are shared by all terms.
 */
import { algebraErrors } from "./errors.js";
import { basesOf, type FixedBases, type FixedBaseUse } from "./fixed-bases.js";
import type { MclOperations } from "./mcl-group.js";
import type { MclModule, Pointer } from "./mcl-module.js";

/**
 * Digit i·rows·blocks + q·rows + r belongs to tooth i, block q, row r. A point takes
 * 2^teeth·blocks entries; a term costs rows·blocks additions, and all terms together rows doublings.
 */
interface Shape {
  readonly teeth: number;
  readonly blocks: number;
  readonly rows: number;
}

const SHAPES: Record<FixedBaseUse, Shape> = {
  single: { teeth: 10, blocks: 2, rows: 13 },
  vector: { teeth: 8, blocks: 1, rows: 32 },
};

/** What the comb needs to know of its group. */
export interface CombContext<P> {
  readonly module: MclModule;
  readonly op: MclOperations;
  /** Bytes of one point. */
  readonly size: number;
  readonly order: bigint;
  load(slot: Pointer, p: P): void;
  store(slot: Pointer): P;
}

export class MclFixedBases<P> implements FixedBases<P> {
  readonly #shape: Shape;
  readonly #tables: readonly Pointer[];
  /** 2^L − 1. */
  readonly #ones: bigint;
  /** 1/2 modulo the group order. */
  readonly #half: bigint;

  /** The tables stay in the memory of the instance for as long as the instance lives. */
  constructor(
    private readonly context: CombContext<P>,
    readonly points: readonly P[],
    use: FixedBaseUse,
  ) {
    this.#shape = SHAPES[use];
    const { teeth, blocks, rows } = this.#shape;
    this.#ones = (1n << BigInt(teeth * blocks * rows)) - 1n;
    this.#half = (context.order + 1n) / 2n;
    this.#tables = points.map((p) => buildTable(context, this.#shape, p));
  }

  multiScalarMul(scalars: readonly bigint[], indices?: readonly number[]): P {
    const { module, op, size } = this.context;
    const { blocks, rows } = this.#shape;
    const chosen = basesOf(this.points, scalars, indices);
    const terms = scalars.map((k, i) => this.#entries(k, this.#tables[chosen[i]!]!));
    return module.withBlock(size, (sum) => {
      module.bytes.fill(0, sum, sum + size);
      for (let row = 0; row < rows; row++) {
        op.dbl(sum, sum);
        for (const entries of terms) {
          for (let q = 0; q < blocks; q++) op.add(sum, sum, entries[row * blocks + q]!);
        }
      }
      for (const entries of terms) entries.fill(0);
      return this.context.store(sum);
    });
  }

  /** The table entries of k, top row first, the blocks of a row together. */
  #entries(k: bigint, table: Pointer): Uint32Array {
    const { teeth, blocks, rows } = this.#shape;
    const { size, order } = this.context;
    const words = new BigUint64Array(5);
    let rest = modulo((k + this.#ones) * this.#half, order);
    for (let i = 0; i < words.length; i++) {
      words[i] = rest;
      rest >>= 64n;
    }
    const bytes = new Uint8Array(words.buffer);
    const entries = new Uint32Array(rows * blocks);
    for (let row = 0; row < rows; row++) {
      for (let q = 0; q < blocks; q++) {
        let digits = 0;
        for (let tooth = 0; tooth < teeth; tooth++) {
          const bit = (tooth * blocks + q) * rows + row;
          digits |= ((bytes[bit >> 3]! >> (bit & 7)) & 1) << tooth;
        }
        entries[(rows - 1 - row) * blocks + q] = table + ((q << teeth) + digits) * size;
      }
    }
    words.fill(0n);
    return entries;
  }
}

/** All sums ±2^a·P ± 2^b·P …, one for each choice of signs, with z = 1. */
function buildTable<P>(context: CombContext<P>, shape: Shape, point: P): Pointer {
  const { module, op, size } = context;
  const { teeth, blocks, rows } = shape;
  const perBlock = 2 ** teeth;
  const table = module.allocate(blocks * perBlock * size);
  // The powers 2^(i·rows)·P and their doubles.
  const powers = teeth * blocks;
  module.withBlock(2 * powers * size, (block) => {
    const power = (i: number): Pointer => block + 2 * i * size;
    const double = (i: number): Pointer => power(i) + size;
    context.load(power(0), point);
    for (let i = 0; i < powers; i++) {
      op.dbl(double(i), power(i));
      if (i + 1 === powers) break;
      module.bytes.copyWithin(power(i + 1), double(i), double(i) + size);
      for (let r = 1; r < rows; r++) op.dbl(power(i + 1), power(i + 1));
    }
    op.normalizeVec(block, block, 2 * powers);
    for (let q = 0; q < blocks; q++) {
      const entry = (digits: number): Pointer => table + (q * perBlock + digits) * size;
      // All signs minus; then each entry differs from an earlier one in one sign.
      module.bytes.fill(0, entry(0), entry(1));
      for (let tooth = 0; tooth < teeth; tooth++) {
        op.sub(entry(0), entry(0), power(tooth * blocks + q));
      }
      for (let tooth = 0; tooth < teeth; tooth++) {
        for (let digits = 0; digits < 1 << tooth; digits++) {
          op.add(entry(digits + (1 << tooth)), entry(digits), double(tooth * blocks + q));
        }
      }
    }
  });
  op.normalizeVec(table, table, blocks * perBlock);
  if (op.isZero(table) === 1) {
    throw algebraErrors.error("identity-base", "the identity cannot be a fixed base");
  }
  return table;
}

function modulo(k: bigint, order: bigint): bigint {
  const r = k % order;
  return r < 0n ? r + order : r;
}
