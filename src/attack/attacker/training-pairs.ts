/** Pairs of orders whose senders the attacker knows, because it ran the system itself. */
import type { Chance } from "../random.js";
import type { Labelled, Seen } from "./seen.js";

/** The largest denomination twice, once, or not at all: each leaks in its own way. */
export type PairKind = 0 | 1 | 2;

export function pairKind({ denomination, public: { denominations } }: Seen): {
  (i: number, j: number): PairKind;
} {
  const largest = denominations.at(-1)!;
  return (i, j) =>
    ((denomination[i] === largest ? 1 : 0) + (denomination[j] === largest ? 1 : 0)) as PairKind;
}

export interface TrainingPair {
  readonly example: number;
  readonly i: number;
  readonly j: number;
  readonly same: boolean;
}

/**
 * For each kind, about `count` pairs of one home and as many of two. A pair of two homes has the
 * denominations of a pair of one, so that denominations alone tell nothing.
 */
export function trainingPairs(
  examples: readonly Labelled[],
  count: number,
  chance: Chance,
): TrainingPair[][] {
  const pairs: TrainingPair[][] = [[], [], []];
  const each = Math.ceil(count / Math.max(1, examples.length));
  examples.forEach((labelled, example) => {
    const { seen, senders } = labelled;
    const kind = pairKind(seen);
    const { byHome, byDenomination } = indexOf(labelled);
    const homes = byHome.filter((own) => own.length > 1);
    const taken = [0, 0, 0];
    for (let tries = 0; tries < 12 * each && homes.length > 0; tries++) {
      // A home with more pairs is chosen more often: first an order of any, then one of the same home.
      const i = chance.below(senders.length);
      const own = byHome[senders[i]!]!;
      const j = own[chance.below(own.length)]!;
      if (i === j || seen.token[i] === seen.token[j]) continue;
      const k = kind(i, j);
      if (taken[k]! >= each) continue;
      const other = (d: number): number => {
        const all = byDenomination.get(d)!;
        return all[chance.below(all.length)]!;
      };
      const [a, b] = [other(seen.denomination[i]!), other(seen.denomination[j]!)];
      if (senders[a] === senders[b]) continue;
      taken[k] = taken[k]! + 1;
      pairs[k]!.push({ example, i, j, same: true }, { example, i: a, j: b, same: false });
    }
  });
  return pairs;
}

function indexOf({ seen, senders, units }: Labelled) {
  const byHome: number[][] = Array.from({ length: units.length }, () => []);
  const byDenomination = new Map<number, number[]>();
  senders.forEach((home, i) => {
    byHome[home]!.push(i);
    const d = seen.denomination[i]!;
    const all = byDenomination.get(d) ?? [];
    all.push(i);
    byDenomination.set(d, all);
  });
  return { byHome, byDenomination };
}
