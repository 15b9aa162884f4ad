/** Intervals by resampling clusters with replacement (Efron's percentile method). */
import { Chance } from "../random.js";
import type { Part } from "./score.js";

export interface Measured {
  readonly value: number;
  /** 95 %. */
  readonly interval: readonly [number, number];
}

const RESAMPLES = 1_000;

/** The weighted mean of the parts, its interval over clusters; `null` without parts. */
export function measured(parts: readonly Part[], seed: string): Measured | null {
  if (parts.length === 0) return null;
  const clusters = new Map<string, { sum: number; weight: number }>();
  for (const { cluster, sum, weight } of parts) {
    const known = clusters.get(cluster) ?? { sum: 0, weight: 0 };
    clusters.set(cluster, { sum: known.sum + sum, weight: known.weight + weight });
  }
  const all = [...clusters.values()];
  const chance = new Chance(seed, "bootstrap");
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let [sum, weight] = [0, 0];
    for (let n = 0; n < all.length; n++) {
      const one = all[chance.below(all.length)]!;
      sum += one.sum;
      weight += one.weight;
    }
    return sum / weight;
  }).sort();
  const at = (q: number): number => means[Math.floor(q * (RESAMPLES - 1))]!;
  const sum = parts.reduce((s, p) => s + p.sum, 0);
  const weight = parts.reduce((s, p) => s + p.weight, 0);
  return { value: sum / weight, interval: [at(0.025), at(0.975)] };
}
