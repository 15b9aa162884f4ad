/**
 * Joint likelihood over assignments, by Gibbs sampling: for small crowds, where pairs judged one by one
 * waste what they say together. Two orders are linked as often as the samples give them to one home.
 *
 * With load curves an order goes to a home in proportion to the home's density at its time and to how
 * many orders the home has. Without them homes are nameless, and an order goes where the pairs that the
 * classifier sees fit best.
 */
import type { Chance } from "../random.js";
import type { LinkScore } from "./claims.js";
import type { LoadCurves } from "./load-curves.js";
import type { Seen } from "./seen.js";

/** Larger crowds take too long, and hide single homes anyway. */
export const LARGEST_CROWD = 21;
const MOST_ORDERS = 700;
const BURN_IN = 20;
const SAMPLES = 40;

type Weights = (order: number, assigned: Int32Array, out: Float64Array) => void;

/** `null` for crowds that are too large. */
export function jointLinks(
  seen: Seen,
  evidence: { readonly curves: LoadCurves | null; readonly pairs: LinkScore },
  chance: Chance,
): LinkScore | null {
  const homes = seen.accounts.length;
  const orders = seen.at.length;
  if (homes > LARGEST_CROWD || orders > MOST_ORDERS) return null;
  const sizes = new Float64Array(homes);
  const weights =
    evidence.curves === null
      ? byPairs(evidence.pairs, sizes, orders)
      : byCurves(evidence.curves, sizes);
  const together = sample({ homes, orders, sizes, weights }, chance);
  // Ties of rare samples are broken by what the pair says alone.
  return (i, j) => together[i * orders + j]! + 1e-6 * Math.tanh(evidence.pairs(i, j));
}

function byCurves(curves: LoadCurves, sizes: Float64Array): Weights {
  return (order, _, out) => {
    for (let h = 0; h < out.length; h++) {
      out[h] = Math.log(sizes[h]! + 1) + curves.owners(order, h);
    }
  };
}

/** The mean of the pairs' log-odds with a home's members, counted as a few of them. */
function byPairs(pairs: LinkScore, sizes: Float64Array, orders: number): Weights {
  const odds = new Float64Array(orders * orders);
  for (let i = 0; i < orders; i++) {
    for (let j = 0; j < i; j++) odds[i * orders + j] = odds[j * orders + i] = pairs(i, j);
  }
  return (order, assigned, out) => {
    out.fill(0);
    for (let j = 0; j < orders; j++) {
      if (j === order) continue;
      const home = assigned[j]!;
      out[home] = out[home]! + odds[order * orders + j]!;
    }
    for (let h = 0; h < out.length; h++) out[h] = out[h]! + Math.log(sizes[h]! + 1);
  };
}

/** How often each two orders are of one home, over the samples. */
function sample(
  {
    homes,
    orders,
    sizes,
    weights,
  }: {
    readonly homes: number;
    readonly orders: number;
    readonly sizes: Float64Array;
    readonly weights: Weights;
  },
  chance: Chance,
): Float32Array {
  const assigned = new Int32Array(orders);
  for (let i = 0; i < orders; i++) {
    assigned[i] = chance.below(homes);
    sizes[assigned[i]!] = sizes[assigned[i]!]! + 1;
  }
  const together = new Float32Array(orders * orders);
  const logs = new Float64Array(homes);
  for (let round = 0; round < BURN_IN + SAMPLES; round++) {
    for (let i = 0; i < orders; i++) {
      sizes[assigned[i]!] = sizes[assigned[i]!]! - 1;
      weights(i, assigned, logs);
      assigned[i] = pick(logs, chance);
      sizes[assigned[i]!] = sizes[assigned[i]!]! + 1;
    }
    if (round < BURN_IN) continue;
    for (let i = 0; i < orders; i++) {
      for (let j = 0; j < orders; j++) {
        if (assigned[i] === assigned[j]) together[i * orders + j] = together[i * orders + j]! + 1;
      }
    }
  }
  return together;
}

/** An index with the chance that its logarithm of a weight gives it. */
function pick(logs: Float64Array, chance: Chance): number {
  let most = -Infinity;
  for (const value of logs) most = Math.max(most, value);
  let total = 0;
  for (const value of logs) total += Math.exp(value - most);
  let left = chance.unit() * total;
  for (let h = 0; h < logs.length; h++) {
    left -= Math.exp(logs[h]! - most);
    if (left < 0) return h;
  }
  return logs.length - 1;
}
