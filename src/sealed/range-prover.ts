/** Making range proofs; the statement and its source are in `range-proof.ts`. */
import { commit, type Opening } from "./commitment.js";
import { sealedErrors } from "./errors.js";
import { proveInnerProduct } from "./inner-product.js";
import {
  bitChallenges,
  polynomialChallenge,
  productChallenge,
  rangeTranscript,
  type RangeProof,
  type RangeStatement,
} from "./range-proof.js";
import { inRange, layoutBits, rangeDigits, type BitLayout } from "./ranges.js";
import { innerProduct, mod, powers, randomScalars } from "./scalars.js";
import { Base, leftBase, rightBase, type Point, type SealedSystem } from "./system.js";

/** What is proved, and what the prover knows of it. */
export interface RangeWitness extends RangeStatement {
  readonly opening: Opening;
}

/**
 * One proof that each value lies in its range; `context` says what for (see `transcripts.ts`).
 * The commitments are computed with a pattern of group operations that is the same for all values;
 * the scalar arithmetic is BigInt and not constant-time, on fresh blinding factors.
 * @throws sealed/value-out-of-range, sealed/wrong-opening, sealed/bad-range
 */
export function proveRanges(
  system: SealedSystem,
  context: Uint8Array,
  witnesses: readonly RangeWitness[],
): RangeProof {
  layoutBits(witnesses.map((w) => w.range));
  for (const witness of witnesses) checkWitness(system, witness);
  return proveUnchecked(system, context, witnesses);
}

/** As {@link proveRanges}, but a false witness gives a proof that does not hold. For tests of soundness. */
export function proveUnchecked(
  system: SealedSystem,
  context: Uint8Array,
  witnesses: readonly RangeWitness[],
): RangeProof {
  const layout = layoutBits(witnesses.map((w) => w.range));
  const n = layout.length;
  const bits = bitsOf(layout, witnesses);
  const [alpha, rho, tau1, tau2, ...random] = randomScalars(4 + 2 * n) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const sLeft = random.slice(0, n);
  const sRight = random.slice(n);

  const transcript = rangeTranscript(system, context, witnesses);
  const a = commitBits(system, bits, alpha);
  const s = system
    .bases(n)
    .multiScalarMul(
      [rho, ...sLeft, ...sRight],
      [Base.Blinding, ...sLeft.map((_, i) => leftBase(i)), ...sRight.map((_, i) => rightBase(i))],
    );
  const { y, z } = bitChallenges({ system, transcript, a, s });

  // l(X) = aL − z + sL·X,  r(X) = yⁿ ∘ (aR + z + sR·X) + d, with aR = aL − 1.
  const yPowers = powers(y, n);
  const zPowers = powers(z, witnesses.length + 2);
  const l0 = bits.map((bit) => mod(BigInt(bit) - z));
  const r0 = bits.map((bit, i) =>
    mod(yPowers[i]! * (BigInt(bit) - 1n + z) + zPowers[layout.owner[i]! + 2]! * layout.weights[i]!),
  );
  const r1 = sRight.map((v, i) => mod(v * yPowers[i]!));
  const [t1, t2] = system.commitment.multiScalarMuls([
    { scalars: [innerProduct(l0, r1) + innerProduct(sLeft, r0), tau1] },
    { scalars: [innerProduct(sLeft, r1), tau2] },
  ]) as [Point, Point];
  const x = polynomialChallenge({ system, transcript, t1, t2 });

  const left = l0.map((v, i) => mod(v + sLeft[i]! * x));
  const right = r0.map((v, i) => mod(v + r1[i]! * x));
  const tHat = innerProduct(left, right);
  const blindings = witnesses.map((w) => w.opening.blinding);
  const tauX = mod((tau2 * x + tau1) * x + innerProduct(blindings, zPowers.slice(2)));
  const mu = mod(alpha + rho * x);
  const w = productChallenge({ system, transcript, tHat, tauX, mu });
  const proof = proveInnerProduct({
    system,
    transcript,
    w,
    rightCoefficients: powers(system.group.invertScalar(y), n),
    left,
    right,
  });
  return { a, s, t1, t2, tHat, tauX, mu, innerProduct: proof };
}

function checkWitness(system: SealedSystem, { commitment, range, opening }: RangeWitness): void {
  if (!inRange(opening.value, range)) {
    throw sealedErrors.error(
      "value-out-of-range",
      `a value to be proved is not in [${range.lo}, ${range.hi}]`,
      { lo: range.lo, hi: range.hi },
    );
  }
  if (!system.group.equals(commit(system, opening), commitment)) {
    throw sealedErrors.error("wrong-opening", "a commitment does not hold the value to be proved");
  }
}

function bitsOf(layout: BitLayout, witnesses: readonly RangeWitness[]): (0 | 1)[] {
  const bits = witnesses.flatMap(({ range, opening }) => rangeDigits(range, opening.value));
  while (bits.length < layout.length) bits.push(0);
  return bits;
}

/** A = α·J + Σ aLᵢ·Gᵢ + Σ aRᵢ·Hᵢ: for each bit either Gᵢ or −Hᵢ: one addition in both cases. */
function commitBits(system: SealedSystem, bits: readonly (0 | 1)[], alpha: bigint): Point {
  const { group } = system;
  const bases = system.bases(bits.length);
  const terms = bits.map((bit, i) => {
    const choice = [system.negatedRightBase(i), bases.points[leftBase(i)]!] as const;
    return choice[bit];
  });
  return group.add(group.sum(terms), bases.multiScalarMul([alpha], [Base.Blinding]));
}
