/**
 * Logistic regression by iteratively reweighted least squares (Newton's method on the log-likelihood),
 * on standardised features, with a small quadratic penalty.
 */

/** Rows of features, one after the other, and the label of each row. */
export interface Examples {
  readonly width: number;
  readonly features: Float64Array;
  readonly labels: Uint8Array;
}

/** The log-odds of features that begin at `from`. */
export type LogOdds = (features: Float64Array, from?: number) => number;

const ITERATIONS = 12;
const PENALTY = 1e-3;

export function fitLogistic({ width, features, labels }: Examples): LogOdds {
  const rows = labels.length;
  const { mean, scale } = standardOf(features, width, rows);
  const size = width + 1;
  const weights = new Float64Array(size);
  const row = new Float64Array(size);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    for (let r = 0; r < rows; r++) {
      let z = weights[width]!;
      for (let k = 0; k < width; k++) {
        row[k] = (features[r * width + k]! - mean[k]!) * scale[k]!;
        z += weights[k]! * row[k]!;
      }
      row[width] = 1;
      const p = 1 / (1 + Math.exp(-z));
      const error = labels[r]! - p;
      const curvature = Math.max(1e-6, p * (1 - p));
      for (let a = 0; a < size; a++) {
        gradient[a] = gradient[a]! + error * row[a]!;
        const ca = curvature * row[a]!;
        for (let b = 0; b <= a; b++) hessian[a * size + b] = hessian[a * size + b]! + ca * row[b]!;
      }
    }
    for (let a = 0; a < size; a++) {
      gradient[a] = gradient[a]! - PENALTY * rows * (a < width ? weights[a]! : 0);
      hessian[a * size + a] = hessian[a * size + a]! + PENALTY * rows + 1e-9;
    }
    const step = solve(hessian, gradient, size);
    let largest = 0;
    for (let a = 0; a < size; a++) {
      const move = Math.max(-2, Math.min(2, step[a]!));
      weights[a] = weights[a]! + move;
      largest = Math.max(largest, Math.abs(move));
    }
    if (largest < 1e-4) break;
  }
  return (values, from = 0) => {
    let z = weights[width]!;
    for (let k = 0; k < width; k++) z += weights[k]! * (values[from + k]! - mean[k]!) * scale[k]!;
    return z;
  };
}

function standardOf(features: Float64Array, width: number, rows: number) {
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (let k = 0; k < width; k++) {
    let [sum, squares] = [0, 0];
    for (let r = 0; r < rows; r++) {
      const value = features[r * width + k]!;
      sum += value;
      squares += value * value;
    }
    mean[k] = sum / Math.max(1, rows);
    const variance = squares / Math.max(1, rows) - mean[k]! ** 2;
    scale[k] = variance > 1e-12 ? 1 / Math.sqrt(variance) : 0;
  }
  return { mean, scale };
}

/** Solves a symmetric positive system by Cholesky's decomposition; the lower triangle is given. */
function solve(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
  const lower = matrix.slice();
  const x = right.slice();
  for (let j = 0; j < size; j++) {
    for (let i = j; i < size; i++) {
      let sum = lower[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!;
      lower[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[j * size + j]!;
    }
  }
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i] = x[i]! - lower[i * size + k]! * x[k]!;
    x[i] = x[i]! / lower[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i] = x[i]! - lower[k * size + i]! * x[k]!;
    x[i] = x[i]! / lower[i * size + i]!;
  }
  return x;
}
