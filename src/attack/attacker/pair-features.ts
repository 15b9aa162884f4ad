/** Features of a pair of orders, for the classifier: everything that their times and fields may tell. */
import { crowdPlaces } from "./fields.js";
import type { Seen } from "./seen.js";

/** Cosines over the place in the crowd; products of the first few with each other. */
const WAVES = 6;
const CROSSED = 4;
const DAY = 86_400;
const WEEK = 7 * DAY;
/** Scales of closeness, in seconds. */
const SCALES = [600, 3_600, 6 * 3_600, DAY, 3 * DAY, 8 * DAY];

export const PAIR_FEATURES = WAVES + (CROSSED * (CROSSED - 1)) / 2 + 6 + 1 + SCALES.length + 1 + 2;

/** Writes the features of a pair into `out`, from `from` on. */
export type PairFeatures = (i: number, j: number, out: Float64Array, from: number) => void;

export function pairFeatures(seen: Seen): PairFeatures {
  const { at, mark, coin } = seen;
  const count = at.length;
  const waves = wavesOf(seen);
  const turns = turnsOf(at);
  const sharing = new Map<number, number>();
  for (const m of mark) sharing.set(m, (sharing.get(m) ?? 0) + 1);
  return (i, j, out, from) => {
    let k = from;
    for (let w = 0; w < WAVES; w++) out[k++] = waves[i * WAVES + w]! * waves[j * WAVES + w]!;
    for (let v = 0; v < CROSSED; v++) {
      for (let w = 0; w < v; w++) {
        out[k++] =
          waves[i * WAVES + v]! * waves[j * WAVES + w]! +
          waves[i * WAVES + w]! * waves[j * WAVES + v]!;
      }
    }
    for (let t = 0; t < 6; t++) out[k++] = turns[i * 6 + t]! * turns[j * 6 + t]!;
    const gap = Math.abs(at[i]! - at[j]!);
    out[k++] = Math.log1p(gap);
    for (const scale of SCALES) out[k++] = Math.exp(-gap / scale);
    out[k++] = mark[i] === mark[j] ? Math.log(count / sharing.get(mark[i]!)!) : 0;
    out[k++] = gap === 0 ? 1 : 0;
    out[k++] = coin[i] === coin[j] ? 1 : 0;
  };
}

/** Cosines of each order's place among the orders of its kind: the largest denomination, and the rest. */
function wavesOf({ at, denomination, public: { denominations } }: Seen): Float64Array {
  const largest = denominations.at(-1)!;
  const waves = new Float64Array(at.length * WAVES);
  for (const isLargest of [true, false]) {
    const mine = Array.from(at.keys()).filter((i) => (denomination[i] === largest) === isLargest);
    const places = crowdPlaces(Float64Array.from(mine, (i) => at[i]!));
    mine.forEach((i, n) => {
      const u = (places[n]! + 0.5) / mine.length;
      for (let w = 0; w < WAVES; w++) {
        waves[i * WAVES + w] = Math.SQRT2 * Math.cos((w + 1) * Math.PI * u);
      }
    });
  }
  return waves;
}

/** Sine and cosine of the time of day, its double, and the time of the week. */
function turnsOf(at: Float64Array): Float64Array {
  const turns = new Float64Array(at.length * 6);
  at.forEach((time, i) => {
    [time / DAY, (2 * time) / DAY, time / WEEK].forEach((turn, t) => {
      turns[i * 6 + 2 * t] = Math.SQRT2 * Math.cos(2 * Math.PI * turn);
      turns[i * 6 + 2 * t + 1] = Math.SQRT2 * Math.sin(2 * Math.PI * turn);
    });
  });
  return turns;
}
