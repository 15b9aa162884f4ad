/** Checking range proofs, alone or many together; the statement and its source are in `range-proof.ts`. */
import { bisect } from "../algebra/index.js";
import { Equations } from "./equations.js";
import { foldedCoefficients, roundChallenge } from "./inner-product.js";
import {
  bitChallenges,
  polynomialChallenge,
  productChallenge,
  rangeTranscript,
  type RangeProof,
  type RangeStatement,
} from "./range-proof.js";
import { layoutBits, type BitLayout } from "./ranges.js";
import { inverses, mod, powers } from "./scalars.js";
import { Base, leftBase, rightBase, type SealedSystem } from "./system.js";

/** A proof with what it claims. */
export interface RangeClaim {
  readonly context: Uint8Array;
  readonly statements: readonly RangeStatement[];
  readonly proof: RangeProof;
}

/** Does the proof hold? @throws sealed/bad-range */
export function verifyRanges(system: SealedSystem, claim: RangeClaim): boolean {
  return rangesHold(system, [claim]);
}

/**
 * The indices of the claims whose proofs do not hold, none if all do: one multi-scalar
 * multiplication for all, and about 2·log₂ of them for each bad one. @throws sealed/bad-range
 */
export function findBadRanges(system: SealedSystem, claims: readonly RangeClaim[]): number[] {
  return bisect(claims, (part) => rangesHold(system, part));
}

function rangesHold(system: SealedSystem, claims: readonly RangeClaim[]): boolean {
  const equations = new Equations(system);
  return addRangeEquations(system, equations, claims) && equations.hold();
}

/** A claim with the challenges of its transcript. */
interface Challenged {
  readonly claim: RangeClaim;
  readonly layout: BitLayout;
  readonly y: bigint;
  readonly z: bigint;
  readonly x: bigint;
  readonly w: bigint;
  /** x₁ … of the inner-product argument. */
  readonly rounds: readonly bigint[];
}

/**
 * Adds the equations of the claims. False if a proof has the wrong number of rounds for its
 * statement. @throws sealed/bad-range
 */
export function addRangeEquations(
  system: SealedSystem,
  equations: Equations,
  claims: readonly RangeClaim[],
): boolean {
  const challenged: Challenged[] = [];
  for (const claim of claims) {
    const layout = layoutBits(claim.statements.map((s) => s.range));
    if (2 ** claim.proof.innerProduct.rounds.length !== layout.length) return false;
    challenged.push(replay(system, claim, layout));
  }
  // One inversion for all claims.
  const all = inverses(
    challenged.flatMap(({ y, rounds }) => [y, ...rounds]),
    (k) => system.group.invertScalar(k),
  );
  let next = 0;
  for (const c of challenged) {
    const [yInverse, ...roundInverses] = all.slice(next, next + 1 + c.rounds.length);
    next += 1 + c.rounds.length;
    addPolynomialEquation(equations, c);
    addVectorEquation({ equations, challenged: c, yInverse: yInverse!, roundInverses });
  }
  return true;
}

/** Draws the challenges as the prover did. */
function replay(system: SealedSystem, claim: RangeClaim, layout: BitLayout): Challenged {
  const { context, statements, proof } = claim;
  const transcript = rangeTranscript(system, context, statements);
  const { y, z } = bitChallenges({ system, transcript, a: proof.a, s: proof.s });
  const x = polynomialChallenge({ system, transcript, t1: proof.t1, t2: proof.t2 });
  const { tHat, tauX, mu } = proof;
  const w = productChallenge({ system, transcript, tHat, tauX, mu });
  const rounds = proof.innerProduct.rounds.map((r) => roundChallenge(system, transcript, r));
  return { claim, layout, y, z, x, w, rounds };
}

/** dᵢ = z^(2+j)·wᵢ, for the value j to which bit i belongs. */
function weighted(layout: BitLayout, zPowers: readonly bigint[]): bigint[] {
  return layout.weights.map((weight, i) => mod(zPowers[layout.owner[i]! + 2]! * weight));
}

/** §4.2 (65): t̂·H′ + τ·J = Σ z^(2+j)·(Vⱼ − loⱼ·H′) + δ·H′ + x·T1 + x²·T2. */
function addPolynomialEquation(equations: Equations, { claim, layout, y, z, x }: Challenged): void {
  const { statements, proof } = claim;
  const zPowers = powers(z, statements.length + 2);
  const sum = (terms: readonly bigint[]): bigint => terms.reduce((total, v) => total + v, 0n);
  const delta = (z - z * z) * sum(powers(y, layout.length)) - z * sum(weighted(layout, zPowers));
  const equation = equations.equation();
  let value = delta - proof.tHat;
  statements.forEach(({ commitment, range }, j) => {
    equation.point(commitment, zPowers[j + 2]!);
    value -= zPowers[j + 2]! * range.lo;
  });
  equation
    .base(Base.Value, mod(value))
    .base(Base.Blinding, -proof.tauX)
    .point(proof.t1, x)
    .point(proof.t2, mod(x * x));
}

/**
 * §4.2 (66) to (68) with the inner-product argument unrolled (§3.1):
 * A + x·S − z·ΣGᵢ + Σ(z + y⁻ⁱ·dᵢ)·Hᵢ − μ·J + w·(t̂ − ab)·Q + Σ(xⱼ²·Lⱼ + xⱼ⁻²·Rⱼ)
 * = Σ a·sᵢ·Gᵢ + Σ b·y⁻ⁱ·sᵢ⁻¹·Hᵢ.
 */
function addVectorEquation({
  equations,
  challenged: { claim, layout, z, x, w, rounds },
  yInverse,
  roundInverses,
}: {
  readonly equations: Equations;
  readonly challenged: Challenged;
  readonly yInverse: bigint;
  readonly roundInverses: readonly bigint[];
}): void {
  const { proof, statements } = claim;
  const { a, b } = proof.innerProduct;
  const equation = equations
    .equation()
    .point(proof.a, 1n)
    .point(proof.s, x)
    .base(Base.Blinding, -proof.mu)
    .base(Base.InnerProduct, mod(w * mod(proof.tHat - a * b)));
  proof.innerProduct.rounds.forEach(({ l, r }, j) => {
    equation.point(l, mod(rounds[j]! * rounds[j]!));
    equation.point(r, mod(roundInverses[j]! * roundInverses[j]!));
  });
  const d = weighted(layout, powers(z, statements.length + 2));
  const folded = foldedCoefficients(rounds, roundInverses);
  const yInversePowers = powers(yInverse, layout.length);
  folded.forEach((s, i) => {
    const inverseOfS = folded[layout.length - 1 - i]!;
    equation.base(leftBase(i), -z - a * s);
    equation.base(rightBase(i), z + yInversePowers[i]! * mod(d[i]! - b * inverseOfS));
  });
}
