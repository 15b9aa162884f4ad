/** BN254 by mcl's WebAssembly (curve BN_SNARK1): the implementation used everywhere but in audits. */
import { FIELD_PRIME, G1Point, G2Point, GROUP_ORDER, type Bn254, type G1Group } from "./bn254.js";
import { decodeCoordinates, G1_BYTES, G2_BYTES } from "./encoding.js";
import { bytesToInt, intToBytes } from "../bytes.js";
import { algebraErrors } from "../errors.js";
import { GT_BYTES, MclGtGroup } from "./gt-mcl.js";
import type { FixedBases, FixedBaseUse } from "../fixed-bases.js";
import { affineBuckets } from "../mcl/affine-buckets.js";
import { MclFixedBases } from "../mcl/fixed-bases-mcl.js";
import { MclGroup } from "../mcl/group-mcl.js";
import { FP_BYTES, loadMcl, MclCurve, type MclModule, type Pointer } from "../mcl/module.js";

/** Where affine buckets overtake Jacobian ones. */
const MANY = 100;

class MclG1Point extends G1Point {
  protected readonly g1 = true;
  constructor(readonly jacobian: Uint8Array) {
    super();
  }
}

class MclG2Point extends G2Point {
  protected readonly g2 = true;
  constructor(readonly jacobian: Uint8Array) {
    super();
  }
}

/** Base-field elements between big-endian bytes and mcl's Montgomery form. */
class FieldCodec {
  readonly #buffer: Pointer;
  constructor(private readonly module: MclModule) {
    this.#buffer = module.allocate(FP_BYTES);
  }

  /** `bytes` encodes an integer below the field prime. */
  write(slot: Pointer, bytes: Uint8Array): void {
    const memory = this.module.bytes;
    for (let i = 0; i < 32; i++) memory[this.#buffer + i] = bytes[31 - i]!;
    this.module.fn._mclBnFp_setLittleEndian!(slot, this.#buffer, 32);
  }

  writeOne(slot: Pointer): void {
    this.module.fn._mclBnFp_setInt32!(slot, 1);
  }

  read(slot: Pointer, out: Uint8Array, offset: number): void {
    // It writes as many bytes as the value needs, and says how many.
    const length = this.module.fn._mclBnFp_getLittleEndian!(this.#buffer, FP_BYTES, slot);
    const memory = this.module.bytes;
    for (let i = 0; i < length; i++) out[offset + 31 - i] = memory[this.#buffer + i]!;
  }
}

class MclG1Group extends MclGroup<G1Point> implements G1Group {
  readonly name = "BN254 G1 (mcl)";
  readonly generator: G1Point;
  readonly identity: G1Point = new MclG1Point(new Uint8Array(3 * FP_BYTES));
  readonly #field: FieldCodec;
  readonly #three: Pointer;

  constructor(module: MclModule) {
    super(module, "G1", GROUP_ORDER);
    this.#field = new FieldCodec(module);
    this.#three = module.allocate(FP_BYTES);
    module.fn._mclBnFp_setInt32!(this.#three, 3);
    const generator = new Uint8Array(G1_BYTES);
    generator[31] = 1;
    generator[63] = 2;
    this.generator = this.decode(generator);
  }

  encode(p: G1Point): Uint8Array {
    const out = new Uint8Array(G1_BYTES);
    this.load(this.slotA, p);
    if (this.op.isZero(this.slotA) === 1) return out;
    this.op.normalize(this.slotA, this.slotA);
    this.#field.read(this.slotA, out, 0);
    this.#field.read(this.slotA + FP_BYTES, out, 32);
    return out;
  }

  decode(bytes: Uint8Array): G1Point {
    const coordinates = decodeCoordinates(bytes, G1_BYTES, "G1");
    if (coordinates === null) return this.identity;
    this.#field.write(this.slotA, coordinates[0]!);
    this.#field.write(this.slotA + FP_BYTES, coordinates[1]!);
    this.#field.writeOne(this.slotA + 2 * FP_BYTES);
    if (this.op.isValid(this.slotA) !== 1) {
      throw algebraErrors.error(
        "point-not-on-curve",
        `G1 point with x = ${bytesToInt(coordinates[0]!)} is not on the curve`,
      );
    }
    return this.store(this.slotA);
  }

  liftX(x: Uint8Array, yOdd: boolean): G1Point | null {
    if (x.length !== 32) {
      throw algebraErrors.error("bad-length", `an x coordinate has 32 bytes, not ${x.length}`);
    }
    if (bytesToInt(x) >= FIELD_PRIME) {
      throw algebraErrors.error("coordinate-out-of-range", "x is not below the field prime");
    }
    const { fn } = this.module;
    const X = this.slotA;
    const Y = this.slotA + FP_BYTES;
    this.#field.write(X, x);
    fn._mclBnFp_sqr!(Y, X);
    fn._mclBnFp_mul!(Y, Y, X);
    fn._mclBnFp_add!(Y, Y, this.#three);
    if (fn._mclBnFp_squareRoot!(Y, Y) !== 0) return null;
    if ((fn._mclBnFp_isOdd!(Y) === 1) !== yOdd) fn._mclBnFp_neg!(Y, Y);
    this.#field.writeOne(this.slotA + 2 * FP_BYTES);
    return this.store(this.slotA);
  }

  fixedBases(points: readonly G1Point[], use: FixedBaseUse): FixedBases<G1Point> {
    const { module, op, order } = this;
    const context = {
      module,
      op,
      order,
      load: (slot: Pointer, p: G1Point) => this.load(slot, p),
      store: (slot: Pointer) => this.store(slot),
    };
    return new MclFixedBases(context, points, use);
  }

  /** From some hundreds of points on, buckets summed in affine coordinates are faster. */
  protected override sumProducts(block: Pointer, scalars: readonly bigint[]): void {
    const { module, slotR } = this;
    if (scalars.length < MANY || !affineBuckets(module, this.op, block, scalars, slotR)) {
      super.sumProducts(block, scalars);
    }
  }

  protected wrap(jacobian: Uint8Array): G1Point {
    return new MclG1Point(jacobian);
  }

  protected unwrap(p: G1Point): Uint8Array {
    if (p instanceof MclG1Point) return p.jacobian;
    throw algebraErrors.error(
      "foreign-point",
      "a G1 point of another implementation was given to mcl",
    );
  }
}

class MclG2Group extends MclGroup<G2Point> {
  readonly name = "BN254 G2 (mcl)";
  readonly generator: G2Point;
  readonly identity: G2Point = new MclG2Point(new Uint8Array(6 * FP_BYTES));
  readonly #field: FieldCodec;

  constructor(module: MclModule) {
    super(module, "G2", GROUP_ORDER);
    this.#field = new FieldCodec(module);
    this.generator = this.decode(G2_GENERATOR);
  }

  encode(p: G2Point): Uint8Array {
    const out = new Uint8Array(G2_BYTES);
    this.load(this.slotA, p);
    if (this.op.isZero(this.slotA) === 1) return out;
    this.op.normalize(this.slotA, this.slotA);
    // mcl keeps real before imaginary parts.
    this.#field.read(this.slotA + FP_BYTES, out, 0);
    this.#field.read(this.slotA, out, 32);
    this.#field.read(this.slotA + 3 * FP_BYTES, out, 64);
    this.#field.read(this.slotA + 2 * FP_BYTES, out, 96);
    return out;
  }

  decode(bytes: Uint8Array): G2Point {
    const coordinates = decodeCoordinates(bytes, G2_BYTES, "G2");
    if (coordinates === null) return this.identity;
    const [xImaginary, xReal, yImaginary, yReal] = coordinates;
    this.#field.write(this.slotA, xReal!);
    this.#field.write(this.slotA + FP_BYTES, xImaginary!);
    this.#field.write(this.slotA + 2 * FP_BYTES, yReal!);
    this.#field.write(this.slotA + 3 * FP_BYTES, yImaginary!);
    this.module.bytes.fill(0, this.slotA + 4 * FP_BYTES, this.slotA + 6 * FP_BYTES);
    this.#field.writeOne(this.slotA + 4 * FP_BYTES);
    this.module.fn._mclBn_verifyOrderG2!(0);
    if (this.op.isValid(this.slotA) !== 1) {
      throw algebraErrors.error("point-not-on-curve", "the G2 point is not on the twist");
    }
    if (this.op.isValidOrder(this.slotA) !== 1) {
      throw algebraErrors.error(
        "point-not-in-subgroup",
        "the G2 point is on the twist but its order is not the group order",
      );
    }
    return this.store(this.slotA);
  }

  protected wrap(jacobian: Uint8Array): G2Point {
    return new MclG2Point(jacobian);
  }

  protected unwrap(p: G2Point): Uint8Array {
    if (p instanceof MclG2Point) return p.jacobian;
    throw algebraErrors.error(
      "foreign-point",
      "a G2 point of another implementation was given to mcl",
    );
  }
}

/** P2 of EIP-197. */
const G2_GENERATOR = Uint8Array.from([
  ...intToBytes(0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2n, 32),
  ...intToBytes(0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6edn, 32),
  ...intToBytes(0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975bn, 32),
  ...intToBytes(0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daan, 32),
]);

/** A new instance, with WebAssembly memory of its own. @throws algebra/engine-failed */
export async function createMclBn254(): Promise<Bn254> {
  const module = await loadMcl(MclCurve.BN254);
  const g1 = new MclG1Group(module);
  const g2 = new MclG2Group(module);
  const gt = new MclGtGroup(module, (out) => {
    pairing([[g1.generator, g2.generator]], out);
  });
  const gtSlot = module.allocate(GT_BYTES);

  /** Π e(aᵢ, bᵢ) into `out`. */
  function pairing(pairs: readonly (readonly [G1Point, G2Point])[], out: Pointer): void {
    // A pair with an identity contributes the factor 1; mcl's vector loop does not expect it.
    const factors = pairs.filter(([a, b]) => !g1.isIdentity(a) && !g2.isIdentity(b));
    if (factors.length === 0) {
      module.fn._mclBnGT_setInt32!(out, 1);
      return;
    }
    const g1Bytes = 3 * FP_BYTES;
    const g2Bytes = 6 * FP_BYTES;
    module.withBlock(factors.length * (g1Bytes + g2Bytes), (block) => {
      const g2Block = block + factors.length * g1Bytes;
      factors.forEach(([a, b], i) => {
        module.bytes.set((a as MclG1Point).jacobian, block + i * g1Bytes);
        module.bytes.set((b as MclG2Point).jacobian, g2Block + i * g2Bytes);
      });
      module.fn._mclBn_millerLoopVec!(out, block, g2Block, factors.length);
      module.fn._mclBn_finalExp!(out, out);
    });
  }

  return {
    name: "mcl",
    g1,
    g2,
    gt,
    pairingProduct: (pairs) => {
      pairing(pairs, gtSlot);
      return gt.take(gtSlot);
    },
    pairingProductIsOne: (pairs) => {
      pairing(pairs, gtSlot);
      return module.fn._mclBnGT_isOne!(gtSlot) === 1;
    },
  };
}
