/** The fast implementation of BN254 against the independent one, operation by operation. */
import {
  BlindedMultiplier,
  createMclBn254,
  digestToG1,
  GROUP_ORDER,
  nobleBn254,
  randomScalar,
  randomWeights,
  type Bn254,
} from "../../src/algebra/index.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { medianMs, type Benchmark, type Row } from "../harness.js";

/** Microseconds of one operation, from `count` of them at a time. */
async function micros(count: number, operation: (i: number) => unknown): Promise<number> {
  const ms = await medianMs(() => {
    for (let i = 0; i < count; i++) operation(i);
    return count;
  });
  return ms * 1000;
}

async function measure(curve: Bn254, scale: number) {
  const { g1, g2 } = curve;
  const p = g1.mul(g1.generator, randomScalar(GROUP_ORDER));
  const scalars = Array.from({ length: 16 }, () => randomScalar(GROUP_ORDER));
  const blinded = new BlindedMultiplier(g1, scalars[0]!);
  const encoded = g1.encode(p);
  const digest = Array.from({ length: 16 }, (_, i) => keccak_256(Uint8Array.of(i)));
  const q = g2.mul(g2.generator, scalars[0]!);
  const points = Array.from({ length: 1000 }, () => p);
  const full = points.map(() => randomScalar(GROUP_ORDER));
  const short = randomWeights(1000);
  return {
    mul: await micros(8 * scale, (i) => g1.mul(p, scalars[i % 16]!)),
    mulSecret: await micros(8 * scale, (i) => g1.mulSecret(p, scalars[i % 16]!)),
    blinded: await micros(8 * scale, () => blinded.multiply(p)),
    add: await micros(200 * scale, () => g1.add(p, p)),
    decode: await micros(100 * scale, () => g1.decode(encoded)),
    digest: await micros(16 * scale, (i) => digestToG1(curve, digest[i % 16]!)),
    pairing: await micros(scale, () =>
      curve.pairingProductIsOne([
        [p, g2.generator],
        [p, q],
      ]),
    ),
    msmFull: await micros(1, () => g1.multiScalarMul(points, full)),
    msmShort: await micros(1, () => g1.multiScalarMul(points, short)),
  };
}

const benchmark: Benchmark = {
  name: "bn254",
  async run() {
    const mcl = await measure(await createMclBn254(), 10);
    const noble = await measure(nobleBn254, 1);
    const row = (what: string, key: keyof typeof mcl): Row => ({
      what,
      value: mcl[key],
      unit: "µs",
      comparedWith: { what: "noble", value: noble[key] },
    });
    return [
      row("G1 addition", "add"),
      row("G1 multiplication, public scalar", "mul"),
      row("G1 multiplication, fixed pattern", "mulSecret"),
      row("G1 multiplication, fixed pattern and blinded", "blinded"),
      row("G1 decoding with its checks", "decode"),
      row("digest to G1, one try", "digest"),
      row("product of two pairings", "pairing"),
      row("1,000-point sum, 254-bit scalars", "msmFull"),
      row("1,000-point sum, 128-bit weights", "msmShort"),
    ];
  },
};
export default benchmark;
