/** secp256k1 by mcl's WebAssembly: the implementation used everywhere but in audits. */
import { bytesToInt, intToBytes } from "../bytes.js";
import { algebraErrors } from "../errors.js";
import type { FixedBases, FixedBaseUse } from "../fixed-bases.js";
import { affineBuckets } from "../mcl/affine-buckets.js";
import { MclFixedBases } from "../mcl/fixed-bases-mcl.js";
import { MclGroup } from "../mcl/group-mcl.js";
import {
  FP_BYTES,
  FR_BYTES,
  loadMcl,
  MclCurve,
  type MclModule,
  type Pointer,
} from "../mcl/module.js";
import { pippenger } from "../mcl/pippenger.js";
import { oddMultiples, straus, TABLE_ENTRIES } from "../mcl/straus.js";
import {
  SECP256K1_ORDER,
  SECP256K1_POINT_BYTES,
  Secp256k1Point,
  type HintedPoint,
  type Secp256k1Group,
} from "./secp256k1.js";
import { checkSec1 } from "./encoding.js";
import { BETA, splitScalar } from "./glv.js";
import { nobleSecp256k1 } from "./secp256k1-noble.js";

const COORDINATE_BYTES = 32;
/** Scalars below this bound gain nothing from being split. */
const SHORT = 1n << 130n;
/** Up to this many points Straus's method is faster than the bucket method. */
const FEW = 48;

class MclSecp256k1Point extends Secp256k1Point {
  protected readonly secp256k1 = true;
  constructor(readonly jacobian: Uint8Array) {
    super();
  }
}

class MclSecp256k1Group extends MclGroup<Secp256k1Point> implements Secp256k1Group {
  readonly name = "secp256k1 (mcl)";
  readonly identity: Secp256k1Point = new MclSecp256k1Point(new Uint8Array(3 * FP_BYTES));
  readonly generator: Secp256k1Point;
  readonly #encoding: Pointer;
  readonly #beta: Pointer;
  readonly #scalar: Pointer;

  constructor(module: MclModule) {
    super(module, "G1", SECP256K1_ORDER);
    this.#encoding = module.allocate(FP_BYTES);
    this.#beta = module.allocate(FP_BYTES);
    this.#scalar = module.allocate(FR_BYTES);
    module.bytes.set(intToBytes(BETA, 32).reverse(), this.#encoding);
    module.fn._mclBnFp_setLittleEndian!(this.#beta, this.#encoding, 32);
    this.generator = this.decode(nobleSecp256k1.encode(nobleSecp256k1.generator));
  }

  encode(p: Secp256k1Point): Uint8Array {
    this.load(this.slotA, p);
    // mcl compresses like SEC 1 but for the order of x's bytes; the identity is all zero.
    this.module.fn._mclBnG1_serialize!(this.#encoding, SECP256K1_POINT_BYTES, this.slotA);
    const out = this.module.bytes.slice(this.#encoding, this.#encoding + SECP256K1_POINT_BYTES);
    out.subarray(1).reverse();
    return out;
  }

  decode(bytes: Uint8Array): Secp256k1Point {
    if (checkSec1(bytes) === "identity") return this.identity;
    const slot = this.#encoding;
    this.module.bytes.set(bytes, slot);
    this.module.bytes.subarray(slot + 1, slot + SECP256K1_POINT_BYTES).reverse();
    const read = this.module.fn._mclBnG1_deserialize!(this.slotA, slot, SECP256K1_POINT_BYTES);
    if (read !== SECP256K1_POINT_BYTES) {
      throw algebraErrors.error(
        "point-not-on-curve",
        `no point of secp256k1 has x = ${bytesToInt(bytes.subarray(1))}`,
      );
    }
    return this.store(this.slotA);
  }

  decodeHinted(bytes: Uint8Array, y: Uint8Array): Secp256k1Point {
    if (checkSec1(bytes) === "identity") return this.identity;
    const { fn } = this.module;
    // A y that is not below p is seen by its first bytes nearly always; the rare others pay the square root.
    const isUsable = y.length === COORDINATE_BYTES && (y[0]! & y[1]!) !== 0xff;
    if (!isUsable || (y[31]! & 1) !== (bytes[0]! & 1)) return this.decode(bytes);
    const { slotA } = this;
    this.#loadCoordinate(slotA, bytes.subarray(1));
    this.#loadCoordinate(slotA + FP_BYTES, y);
    fn._mclBnFp_setInt32!(slotA + 2 * FP_BYTES, 1);
    return fn._mclBnG1_isValid!(slotA) === 1 ? this.store(slotA) : this.decode(bytes);
  }

  encodeHinted(points: readonly Secp256k1Point[]): HintedPoint[] {
    const { module, op, size } = this;
    return module.withBlock(points.length * size, (block) => {
      points.forEach((p, i) => this.load(block + i * size, p));
      op.normalizeVec(block, block, points.length);
      return points.map((_, i) => {
        const encoded = new Uint8Array(SECP256K1_POINT_BYTES);
        const y = new Uint8Array(COORDINATE_BYTES);
        this.#storeCoordinate(block + i * size, encoded.subarray(1));
        this.#storeCoordinate(block + i * size + FP_BYTES, y);
        encoded[0] = 2 + (y[31]! & 1);
        return { encoded, y };
      });
    });
  }

  #loadCoordinate(slot: Pointer, bigEndian: Uint8Array): void {
    this.module.bytes.set(bigEndian, this.#encoding);
    this.module.bytes.subarray(this.#encoding, this.#encoding + COORDINATE_BYTES).reverse();
    this.module.fn._mclBnFp_setLittleEndian!(slot, this.#encoding, COORDINATE_BYTES);
  }

  /** Writes a coordinate to the end of `target`, big-endian. */
  #storeCoordinate(slot: Pointer, target: Uint8Array): void {
    const { bytes, fn } = this.module;
    // It writes as many bytes as the value needs, and says how many.
    const length = fn._mclBnFp_getLittleEndian!(this.#encoding, FP_BYTES, slot);
    target.set(
      bytes.slice(this.#encoding, this.#encoding + length).reverse(),
      COORDINATE_BYTES - length,
    );
  }

  /** As in every group, with scalars of full length halved by the endomorphism first. */
  override multiScalarMul(
    points: readonly Secp256k1Point[],
    scalars: readonly bigint[],
  ): Secp256k1Point {
    const count = this.checkedCount(points, scalars);
    if (count === 0) return this.identity;
    const reduced = scalars.map((k) => this.reduce(k));
    return count <= FEW ? this.#sumOfFew(points, reduced) : this.#sumOfMany(points, reduced);
  }

  /** By Straus's method; the table of φ(P) comes from that of P at one field multiplication an entry. */
  #sumOfFew(points: readonly Secp256k1Point[], scalars: readonly bigint[]): Secp256k1Point {
    const { module, op, size } = this;
    const count = points.length;
    const tableBytes = TABLE_ENTRIES * size;
    return module.withBlock(count * size + 2 * count * tableBytes, (block) => {
      points.forEach((p, i) => this.load(block + i * size, p));
      const tables = block + count * size;
      oddMultiples(module, op, size, block, count, tables);
      const halves: bigint[] = [];
      let images = tables + count * tableBytes;
      const split = scalars.map((k, i) => {
        if (k < SHORT) return k;
        const [k1, k2] = splitScalar(k);
        halves.push(k2);
        const table = tables + i * tableBytes;
        module.bytes.copyWithin(images, table, table + tableBytes);
        for (let end = images + tableBytes; images < end; images += size) this.#applyPhi(images);
        return k1;
      });
      straus(module, op, size, tables, [...split, ...halves], this.slotR);
      return this.store(this.slotR);
    });
  }

  #sumOfMany(points: readonly Secp256k1Point[], scalars: readonly bigint[]): Secp256k1Point {
    const { module, op, size } = this;
    const count = points.length;
    return module.withBlock(2 * count * size, (block) => {
      points.forEach((p, i) => this.load(block + i * size, p));
      // Points with z = 1 take the cheaper mixed addition.
      op.normalizeVec(block, block, count);
      const halves: bigint[] = [];
      let image = block + count * size;
      const split = scalars.map((k, i) => {
        if (k < SHORT) return k;
        const [k1, k2] = splitScalar(k);
        halves.push(k2 < 0n ? -k2 : k2);
        const p = block + i * size;
        module.bytes.copyWithin(image, p, p + size);
        this.#applyPhi(image);
        if (k1 < 0n) op.neg(p, p);
        if (k2 < 0n) op.neg(image, image);
        image += size;
        return k1 < 0n ? -k1 : k1;
      });
      const all = [...split, ...halves];
      if (!affineBuckets(module, op, block, all, this.slotR)) {
        pippenger(module, op, size, block, all, this.slotR);
      }
      return this.store(this.slotR);
    });
  }

  /** φ in place. */
  #applyPhi(p: Pointer): void {
    this.module.fn._mclBnFp_mul!(p, p, this.#beta);
  }

  invertScalar(k: bigint): bigint {
    const { bytes, fn } = this.module;
    const slot = this.#encoding;
    bytes.set(intToBytes(this.reduce(k), FR_BYTES).reverse(), slot);
    fn._mclBnFr_setLittleEndian!(this.#scalar, slot, FR_BYTES);
    fn._mclBnFr_inv!(this.#scalar, this.#scalar);
    // It writes as many bytes as the value needs, and says how many.
    const length = fn._mclBnFr_getLittleEndian!(slot, FR_BYTES, this.#scalar);
    return bytesToInt(bytes.slice(slot, slot + length).reverse());
  }

  fixedBases(points: readonly Secp256k1Point[], use: FixedBaseUse): FixedBases<Secp256k1Point> {
    const { module, op, order } = this;
    const context = {
      module,
      op,
      order,
      load: (slot: Pointer, p: Secp256k1Point) => this.load(slot, p),
      store: (slot: Pointer) => this.store(slot),
    };
    return new MclFixedBases(context, points, use);
  }

  hashToCurve(message: Uint8Array, domainSeparationTag: string): Secp256k1Point {
    const point = nobleSecp256k1.hashToCurve(message, domainSeparationTag);
    return this.decode(nobleSecp256k1.encode(point));
  }

  protected wrap(jacobian: Uint8Array): Secp256k1Point {
    return new MclSecp256k1Point(jacobian);
  }

  protected unwrap(p: Secp256k1Point): Uint8Array {
    if (p instanceof MclSecp256k1Point) return p.jacobian;
    throw algebraErrors.error(
      "foreign-point",
      "a secp256k1 point of another implementation was given to mcl",
    );
  }
}

/** A new instance, with WebAssembly memory of its own. @throws algebra/engine-failed */
export async function createMclSecp256k1(): Promise<Secp256k1Group> {
  return new MclSecp256k1Group(await loadMcl(MclCurve.SECP256K1));
}
