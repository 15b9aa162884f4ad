/** Polynomials over the scalars: Shamir's sharing (Communications of the ACM, 1979). */
import { inverse, inverses, mod } from "./scalars.js";

/** f(x), coefficients from the constant term up. */
export function evaluate(coefficients: readonly bigint[], x: bigint): bigint {
  return coefficients.reduceRight((sum, c) => mod(sum * x + c), 0n);
}

/** λᵢ with Σ λᵢ·f(xᵢ) = f(0) for every polynomial of degree below the number of points. */
export function lagrangeAtZero(xs: readonly bigint[]): bigint[] {
  return xs.map((xi, i) => {
    let numerator = 1n;
    let denominator = 1n;
    xs.forEach((xj, j) => {
      if (j === i) return;
      numerator = mod(numerator * xj);
      denominator = mod(denominator * (xj - xi));
    });
    return mod(numerator * inverse(denominator));
  });
}

/** The coefficients of the one polynomial of degree below n through n points with distinct x. */
export function interpolate(
  points: readonly { readonly x: bigint; readonly y: bigint }[],
): bigint[] {
  const result = points.map(() => 0n);
  const denominators = points.map(({ x }, i) =>
    points.reduce((product, other, j) => (j === i ? product : mod(product * (x - other.x))), 1n),
  );
  const scales = inverses(denominators);
  points.forEach(({ y }, i) => {
    // Π (X − xⱼ) over j ≠ i, times yᵢ/Π (xᵢ − xⱼ).
    let product = [1n];
    points.forEach(({ x }, j) => {
      if (j === i) return;
      const shifted = [0n, ...product];
      product.forEach((c, k) => {
        shifted[k] = mod(shifted[k]! - c * x);
      });
      product = shifted;
    });
    product.forEach((c, k) => {
      result[k] = mod(result[k]! + c * scales[i]! * y);
    });
  });
  return result;
}
