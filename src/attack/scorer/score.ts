/**
 * How right an attacker's claims are. The scorer alone has the truth; the attacker's functions get
 * nothing but places in what it saw.
 */
import { Chance } from "../random.js";
import type { Truth } from "../truth.js";

/** What the scorer needs of a view: the public columns, and the attacker's order of accounts. */
export interface ScoredView {
  readonly denomination: Int32Array;
  readonly token: Int32Array;
  readonly accounts: readonly { readonly account: string }[];
  readonly largest: number;
}

export type ScoredTruth = Pick<Truth, "senders" | "accounts" | "units"> &
  Partial<Pick<Truth, "following">>;

/** One home's part in a measure: its sum, and the weight that the sum is over. */
export interface Part {
  readonly home: number;
  readonly cluster: string;
  readonly sum: number;
  readonly weight: number;
}

/** Pairs of a view that are scored, as many of each home as its share of all pairs. */
const PAIRS = 60_000;
/** Orders of each home that are ranked; homes that are named. */
const ORDERS_OF_HOME = 6;
const NAMED_HOMES = 50;
const TRIES = 30;
/** Pairs of two homes that each pair of one is compared with. */
const STRANGERS = 6;

export interface Scorer {
  /**
   * 2·AUC − 1 of "are these two payments of one home", against pairs of two homes with the same
   * denominations; over all pairs, or those of the largest denomination. Of both months.
   */
  links(score: (i: number, j: number) => number, of: "all" | "largest"): Part[];
  /** 1 − 2·(mean normalised rank of the true home): 0 for a guess, 1 if always first. Of the month. */
  ranks(score: (order: number, account: number) => number): Part[];
  /** How often the order that is claimed for a home with most confidence is the home's. */
  names(score: (order: number, account: number) => number): Part[];
  /** Absolute error of the bills over the mean bill. */
  bills(guess: Float64Array): Part[];
  /** Share of the error of the public guess that a guess takes away. */
  beyondTotals(guess: Float64Array, totals: Float64Array): Part[];
}

export function scorer(view: ScoredView, truth: ScoredTruth, seed: string): Scorer {
  return new ViewScorer(view, truth, seed);
}

class ViewScorer implements Scorer {
  /** For each home, the place of its account in the view. */
  readonly #rows: readonly number[];
  /** For each home, its orders. */
  readonly #byHome: readonly (readonly number[])[];
  readonly #byDenomination = new Map<number, number[]>();
  readonly #following: ReadonlySet<number>;

  constructor(
    private readonly view: ScoredView,
    private readonly truth: ScoredTruth,
    private readonly seed: string,
  ) {
    const rowOf = new Map(view.accounts.map(({ account }, row) => [account, row]));
    this.#rows = truth.accounts.map((account) => rowOf.get(account)!);
    const byHome: number[][] = truth.accounts.map(() => []);
    truth.senders.forEach((home, i) => {
      byHome[home]!.push(i);
      const d = view.denomination[i]!;
      if (!this.#byDenomination.has(d)) this.#byDenomination.set(d, []);
      this.#byDenomination.get(d)!.push(i);
    });
    this.#byHome = byHome;
    this.#following = new Set(truth.following);
  }

  links(score: (i: number, j: number) => number, of: "all" | "largest"): Part[] {
    const { view, seed } = this;
    const chance = new Chance(seed, "pairs", of);
    const isScored = (i: number): boolean => of === "all" || view.denomination[i] === view.largest;
    const scored = this.#byHome.map((all) => all.filter(isScored));
    const pairsOf = (own: readonly number[]): number => (own.length * (own.length - 1)) / 2;
    const rate = Math.min(1, PAIRS / scored.reduce((sum, own) => sum + pairsOf(own), 0));
    return scored.flatMap((own, home) => {
      const pairs = pairsOf(own);
      const count = Math.ceil(rate * pairs);
      let [sum, compared] = [0, 0];
      for (let n = 0; n < count; n++) {
        const [i, j] = pairOf(own, chance);
        if (view.token[i] === view.token[j]) continue;
        const mine = score(i, j);
        for (let s = 0; s < STRANGERS; s++) {
          const other = this.#stranger(i, j, chance);
          if (other === null) continue;
          sum += Math.sign(mine - score(...other));
          compared++;
        }
      }
      if (compared === 0) return [];
      return [{ home, cluster: this.#cluster(home), sum: (sum / compared) * pairs, weight: pairs }];
    });
  }

  ranks(score: (order: number, account: number) => number): Part[] {
    const rows = this.#rows;
    const chance = new Chance(this.seed, "ranks");
    if (rows.length < 2) return [];
    return this.#byHome.flatMap((all, home) => {
      const own = all.filter((order) => !this.#following.has(order));
      if (own.length === 0) return [];
      const orders = Array.from({ length: ORDERS_OF_HOME }, () => own[chance.below(own.length)]!);
      const mean =
        orders.reduce(
          (sum, order) => sum + rankOf({ score, order, row: rows[home]!, accounts: rows.length }),
          0,
        ) / orders.length;
      return [{ home, cluster: this.#cluster(home), sum: 1 - 2 * mean, weight: 1 }];
    });
  }

  names(score: (order: number, account: number) => number): Part[] {
    const chance = new Chance(this.seed, "names");
    const chosen = chance.shuffled([...this.#rows.keys()]).slice(0, NAMED_HOMES);
    return chosen.map((home) => {
      const row = this.#rows[home]!;
      let [most, ties, right] = [-Infinity, 0, 0];
      this.truth.senders.forEach((sender, i) => {
        if (this.#following.has(i)) return;
        const value = score(i, row);
        if (value > most) [most, ties, right] = [value, 0, 0];
        if (value < most) return;
        ties++;
        if (sender === home) right++;
      });
      return { home, cluster: this.#cluster(home), sum: ties === 0 ? 0 : right / ties, weight: 1 };
    });
  }

  bills(guess: Float64Array): Part[] {
    const { units } = this.truth;
    const mean = units.reduce((a, b) => a + b, 0) / units.length;
    return units.map((bill, home) => ({
      home,
      cluster: this.#cluster(home),
      sum: Math.abs(guess[this.#rows[home]!]! - bill) / mean,
      weight: 1,
    }));
  }

  beyondTotals(guess: Float64Array, totals: Float64Array): Part[] {
    return this.truth.units.map((bill, home) => {
      const row = this.#rows[home]!;
      const error = Math.abs(totals[row]! - bill);
      const sum = error - Math.abs(guess[row]! - bill);
      return { home, cluster: this.#cluster(home), sum, weight: error };
    });
  }

  #cluster(home: number): string {
    return `${this.seed} ${home}`;
  }

  /** Two orders of two homes, with the denominations of these two. */
  #stranger(i: number, j: number, chance: Chance): [number, number] | null {
    const [mine, theirs] = [i, j].map((k) => this.#byDenomination.get(this.view.denomination[k]!)!);
    for (let tries = 0; tries < TRIES; tries++) {
      const a = mine![chance.below(mine!.length)]!;
      const b = theirs![chance.below(theirs!.length)]!;
      if (this.truth.senders[a] !== this.truth.senders[b]) return [a, b];
    }
    return null;
  }
}

function pairOf(own: readonly number[], chance: Chance): [number, number] {
  const a = chance.below(own.length);
  const b = (a + 1 + chance.below(own.length - 1)) % own.length;
  return [own[a]!, own[b]!];
}

/** Share of the other accounts that are ranked before the true one; ties count half. */
function rankOf({
  score,
  order,
  row,
  accounts,
}: {
  readonly score: (order: number, account: number) => number;
  readonly order: number;
  readonly row: number;
  readonly accounts: number;
}): number {
  const mine = score(order, row);
  let before = 0;
  for (let other = 0; other < accounts; other++) {
    if (other === row) continue;
    const value = score(order, other);
    before += value > mine ? 1 : value === mine ? 0.5 : 0;
  }
  return before / (accounts - 1);
}
