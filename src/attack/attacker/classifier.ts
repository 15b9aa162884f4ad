/** A classifier of pairs: one logistic regression for each kind of pair, trained on runs of its own. */
import type { Chance } from "../random.js";
import type { LinkScore } from "./claims.js";
import { fitLogistic, type LogOdds } from "./logistic.js";
import { PAIR_FEATURES, pairFeatures, type PairFeatures } from "./pair-features.js";
import type { Labelled, Seen } from "./seen.js";
import { pairKind, trainingPairs, type TrainingPair } from "./training-pairs.js";

/** Pairs of one home that each kind is trained with, for each home of the examples. */
const PAIRS_OF_HOME = 20;

/** Something that describes pairs of what was seen with `width` numbers. */
export interface Describer {
  readonly width: number;
  of(seen: Seen): PairFeatures;
}

export const TIMES_AND_FIELDS: Describer = { width: PAIR_FEATURES, of: pairFeatures };

export type TrainedLinks = (seen: Seen) => LinkScore;

export function trainLinks(
  { width, of }: Describer,
  examples: readonly Labelled[],
  chance: Chance,
): TrainedLinks {
  const count = PAIRS_OF_HOME * examples.reduce((n, { units }) => n + units.length, 0);
  const features = examples.map(({ seen }) => of(seen));
  const models = trainingPairs(examples, count, chance).map((pairs) =>
    pairs.length < 20 * width ? null : fit(pairs, features, width),
  );
  return (seen) => {
    const describe = of(seen);
    const kind = pairKind(seen);
    const row = new Float64Array(width);
    return (i, j) => {
      const model = models[kind(i, j)];
      if (model === null || model === undefined) return 0;
      describe(i, j, row, 0);
      return model(row);
    };
  };
}

function fit(
  pairs: readonly TrainingPair[],
  features: readonly PairFeatures[],
  width: number,
): LogOdds {
  const rows = new Float64Array(pairs.length * width);
  pairs.forEach(({ example, i, j }, r) => features[example]!(i, j, rows, r * width));
  const labels = Uint8Array.from(pairs, ({ same }) => (same ? 1 : 0));
  return fitLogistic({ width, features: rows, labels });
}
