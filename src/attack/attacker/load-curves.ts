/**
 * Likelihood from load curves: outside knowledge says when each home uses its energy, the public policy
 * how long payments wait, so each account has a density of payment times. An order is owned by the account that has
 * the highest; two orders are of one home as far as one home's density is high at both.
 */
import { paymentWindow } from "../../resident/index.js";
import { addPeriods } from "../../sipster/index.js";
import type { LinkScore, OwnerScore } from "./claims.js";
import type { Seen } from "./seen.js";

const BIN = 6 * 3_600;
/** Bins from the period's beginning: two months and a half. */
const BINS = 300;
/** Below this share of the crowd's density a home's is not believed. */
const FLOOR = 0.02;

export interface LoadCurves {
  readonly owners: OwnerScore;
  readonly links: LinkScore;
  /** For each account, density over the crowd's at each bin. */
  readonly ratios: readonly Float64Array[];
  readonly bin: (order: number) => number;
}

/** `null` without outside knowledge. */
export function loadCurves(seen: Seen): LoadCurves | null {
  const { curves, at, denomination, public: pub } = seen;
  if (curves === null) return null;
  const largest = pub.denominations.at(-1)!;
  const { from } = pub.intervals;
  const densities = curves.map((curve) => densityOf(curve, seen));
  const crowd = new Float64Array(BINS);
  for (const d of densities) d.forEach((v, b) => (crowd[b] = crowd[b]! + v / densities.length));
  const ratios = densities.map((d) =>
    d.map((v, b) => (crowd[b]! > 0 ? Math.max(FLOOR, v / crowd[b]!) : 1)),
  );
  const joint = jointOf(ratios);
  const binOf = (time: number): number =>
    Math.max(0, Math.min(BINS - 1, Math.floor((time - from) / BIN)));
  const bins = Int32Array.from(at, binOf);
  // The smaller ones accrue together, when the period ends: their times say nothing.
  const tells = (i: number): boolean =>
    pub.emission === "as-it-accrues" && denomination[i] === largest;
  return {
    ratios,
    bin: (i) => bins[i]!,
    owners: (i, account) => (tells(i) ? Math.log(ratios[account]![bins[i]!]!) : 0),
    links: (i, j) => (tells(i) && tells(j) ? Math.log(joint[bins[i]! * BINS + bins[j]!]!) : 0),
  };
}

/** Density of the payments of a home's largest tokens, by bin. */
function densityOf(curve: Float32Array, { public: pub }: Seen): Float64Array {
  const { period } = pub;
  const { from, seconds } = pub.intervals;
  // Differences of a density that is constant between instants, by bin.
  const change = new Float64Array(BINS + 2);
  curve.forEach((share, i) => {
    if (share === 0) return;
    const token = { period, at: from + (i + 1) * seconds, firstSpendable: addPeriods(period, -1) };
    const window = paymentWindow(pub, token);
    const b0 = (window.from - from) / BIN;
    const b1 = Math.max((window.to - from) / BIN, b0 + 1e-3);
    spread(change, share / (b1 - b0), b0, b1);
  });
  return integrate(change);
}

/** Adds `height` between two places, in bins, to the second difference-free form: value and carry. */
function spread(change: Float64Array, height: number, from: number, to: number): void {
  const step = (place: number, sign: number): void => {
    const bin = Math.min(BINS, Math.max(0, Math.floor(place)));
    const within = Math.min(1, Math.max(0, place - bin));
    change[bin] = change[bin]! + sign * height * (1 - within);
    change[bin + 1] = change[bin + 1]! + sign * height * within;
  };
  step(from, 1);
  step(to, -1);
}

function integrate(change: Float64Array): Float64Array {
  const density = new Float64Array(BINS);
  let value = 0;
  for (let b = 0; b < BINS; b++) {
    value += change[b]!;
    density[b] = Math.max(0, value);
  }
  return density;
}

/** Mean over homes of the product of their ratios at two bins. */
function jointOf(ratios: readonly Float64Array[]): Float64Array {
  const joint = new Float64Array(BINS * BINS);
  for (const ratio of ratios) {
    for (let a = 0; a < BINS; a++) {
      const left = ratio[a]! / ratios.length;
      for (let b = 0; b <= a; b++) joint[a * BINS + b] = joint[a * BINS + b]! + left * ratio[b]!;
    }
  }
  for (let a = 0; a < BINS; a++)
    for (let b = 0; b < a; b++) joint[b * BINS + a] = joint[a * BINS + b]!;
  return joint;
}
