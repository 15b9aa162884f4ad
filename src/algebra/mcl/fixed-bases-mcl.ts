/**
 * Multiplication of fixed points by the signed comb (Hamburg, *Fast and compact elliptic-curve
 * cryptography*, IACR ePrint 2012/309, §3.3; after Lim and Lee, CRYPTO 1994). A scalar k is written
 * with L digits ±1: for odd group order, k ≡ Σ (2bᵢ − 1)·2ⁱ with b the bits of (k + 2^L − 1)/2. No
 * digit is zero, so each scalar costs the same additions and the identity never turns up as a
 * table entry. `teeth` digits at a time choose one entry; the entries of all terms in one row are
 * added in affine coordinates, and the rows are put together by doubling.
 */
import { algebraErrors } from "../errors.js";
import { basesOf, type FixedBases, type FixedBaseSum, type FixedBaseUse } from "../fixed-bases.js";
import { AFFINE_BYTES, withAffineSums, type PointGroups } from "./affine-sums.js";
import type { MclOperations } from "./operations.js";
import { FP_BYTES, type MclModule, type Pointer } from "./module.js";

/**
 * Digit i·rows·blocks + q·rows + r belongs to tooth i, block q, row r. A point takes
 * 2^teeth·blocks entries; a term costs rows·blocks additions, and all terms together rows doublings.
 * A row has at most 32 digits of a tooth and block.
 */
interface Shape {
  readonly teeth: number;
  readonly blocks: number;
  readonly rows: number;
}

const SHAPES: Record<FixedBaseUse, Shape> = {
  single: { teeth: 10, blocks: 13, rows: 2 },
  vector: { teeth: 10, blocks: 1, rows: 26 },
};

/** What the comb needs to know of its group, which is G1 of its curve. */
export interface CombContext<P> {
  readonly module: MclModule;
  readonly op: MclOperations;
  readonly order: bigint;
  load(slot: Pointer, p: P): void;
  store(slot: Pointer): P;
}

/** Bytes of a point in Jacobian coordinates. */
const JACOBIAN_BYTES = 3 * FP_BYTES;

export class MclFixedBases<P> implements FixedBases<P> {
  readonly #shape: Shape;
  readonly #tables: readonly Pointer[];
  /** 2^L − 1. */
  readonly #ones: bigint;
  /** 1/2 modulo the group order. */
  readonly #half: bigint;
  /** Room for a scalar, with zeros above, and for the digits of its rows. */
  readonly #words = new BigUint64Array(6);
  readonly #digits: Uint32Array;

  /**
   * The tables stay in the memory of the instance for as long as the instance lives. `known` are
   * tables made before for the first points.
   */
  constructor(
    private readonly context: CombContext<P>,
    readonly points: readonly P[],
    private readonly use: FixedBaseUse,
    known: readonly Pointer[] = [],
  ) {
    this.#shape = SHAPES[use];
    const { teeth, blocks, rows } = this.#shape;
    this.#ones = (1n << BigInt(teeth * blocks * rows)) - 1n;
    this.#half = (context.order + 1n) / 2n;
    this.#digits = new Uint32Array(rows);
    this.#tables = points.map((p, i) => known[i] ?? buildTable(context, this.#shape, p));
  }

  extended(more: readonly P[]): FixedBases<P> {
    return new MclFixedBases(this.context, [...this.points, ...more], this.use, this.#tables);
  }

  multiScalarMul(scalars: readonly bigint[], indices?: readonly number[]): P {
    return this.multiScalarMuls([{ scalars, ...(indices && { indices }) }])[0]!;
  }

  multiScalarMuls(sums: readonly FixedBaseSum[]): P[] {
    const { module } = this.context;
    const { blocks, rows } = this.#shape;
    const perTerm = rows * blocks;
    // Groups are the rows of the first sum from the top, then those of the second, and so on.
    const sizes = new Uint32Array(sums.length * rows);
    const terms = sums.reduce((n, { scalars }) => n + scalars.length, 0);
    const entries = new Uint32Array(terms * perTerm);
    let first = 0;
    sums.forEach(({ scalars, indices }, s) => {
      const chosen = basesOf(this.points, scalars, indices);
      const perRow = scalars.length * blocks;
      sizes.fill(perRow, s * rows, (s + 1) * rows);
      scalars.forEach((k, i) => {
        this.#entries(k, this.#tables[chosen[i]!]!, entries, first + i * blocks, perRow);
      });
      first += perRow * rows;
    });
    const results =
      withAffineSums(module, entries, sizes, (rows) => this.#joinRows(sums.length, rows)) ??
      this.#joinRows(sums.length, { points: entries, sizes });
    entries.fill(0);
    return results;
  }

  /** Writes the table entries of k, top row first, each row `perRow` places after the one before. */
  #entries(k: bigint, table: Pointer, entries: Uint32Array, first: number, perRow: number): void {
    const { teeth, blocks, rows } = this.#shape;
    const scratch = this.#digits;
    let rest = modulo((k + this.#ones) * this.#half, this.context.order);
    for (let i = 0; i < 4; i++) {
      this.#words[i] = rest;
      rest >>= 64n;
    }
    const words = new Uint32Array(this.#words.buffer);
    const top = first + (rows - 1) * perRow;
    for (let q = 0; q < blocks; q++) {
      scratch.fill(q << teeth);
      for (let tooth = 0; tooth < teeth; tooth++) {
        // The digits of one tooth in one block are `rows` bits that follow each other.
        const at = (tooth * blocks + q) * rows;
        const shift = at & 31;
        const low = words[at >> 5]! >>> shift;
        const high = shift === 0 ? 0 : words[(at >> 5) + 1]! << (32 - shift);
        const bits = low | high;
        for (let row = 0; row < rows; row++) scratch[row]! |= ((bits >>> row) & 1) << tooth;
      }
      for (let row = 0; row < rows; row++) {
        entries[top - row * perRow + q] = table + scratch[row]! * AFFINE_BYTES;
      }
    }
    this.#words.fill(0n);
    scratch.fill(0);
  }

  /** Σ 2^row·(the row's points) for each sum. */
  #joinRows(count: number, { points, sizes }: PointGroups): P[] {
    const { rows } = this.#shape;
    let at = 0;
    return Array.from({ length: count }, (_, s) =>
      this.#horner(
        Array.from({ length: rows }, (_unused, row) => {
          const from = at;
          at += sizes[s * rows + row]!;
          return points.subarray(from, at);
        }),
      ),
    );
  }

  /** Σ 2^(last − row)·(the affine points of that row). */
  #horner(rows: readonly Uint32Array[]): P {
    const { module, op } = this.context;
    return module.withBlock(2 * JACOBIAN_BYTES, (sum) => {
      const term = sum + JACOBIAN_BYTES;
      module.fn._mclBnFp_setInt32!(term + AFFINE_BYTES, 1);
      module.bytes.fill(0, sum, sum + JACOBIAN_BYTES);
      for (const points of rows) {
        op.dbl(sum, sum);
        for (const p of points) {
          module.bytes.copyWithin(term, p, p + AFFINE_BYTES);
          op.add(sum, sum, term);
        }
      }
      return this.context.store(sum);
    });
  }
}

/** All sums ±2^a·P ± 2^b·P …, one for each choice of signs, in affine coordinates. */
function buildTable<P>(context: CombContext<P>, shape: Shape, point: P): Pointer {
  const { module, op } = context;
  const { teeth, blocks, rows } = shape;
  const size = JACOBIAN_BYTES;
  const perBlock = 2 ** teeth;
  const table = module.allocate(blocks * perBlock * AFFINE_BYTES);
  // The powers 2^(i·rows)·P and their doubles.
  const powers = teeth * blocks;
  module.withBlock((2 * powers + perBlock) * size, (block) => {
    const power = (i: number): Pointer => block + 2 * i * size;
    const double = (i: number): Pointer => power(i) + size;
    context.load(power(0), point);
    if (op.isZero(power(0)) === 1) {
      throw algebraErrors.error("identity-base", "the identity cannot be a fixed base");
    }
    for (let i = 0; i < powers; i++) {
      op.dbl(double(i), power(i));
      if (i + 1 === powers) break;
      module.bytes.copyWithin(power(i + 1), double(i), double(i) + size);
      for (let r = 1; r < rows; r++) op.dbl(power(i + 1), power(i + 1));
    }
    op.normalizeVec(block, block, 2 * powers);
    const entry = (digits: number): Pointer => block + (2 * powers + digits) * size;
    for (let q = 0; q < blocks; q++) {
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
      op.normalizeVec(entry(0), entry(0), perBlock);
      for (let digits = 0; digits < perBlock; digits++) {
        const to = table + (q * perBlock + digits) * AFFINE_BYTES;
        module.bytes.copyWithin(to, entry(digits), entry(digits) + AFFINE_BYTES);
      }
    }
  });
  return table;
}

function modulo(k: bigint, order: bigint): bigint {
  const r = k % order;
  return r < 0n ? r + order : r;
}
