/**
 * Amounts as tokens, and which tokens: a meter counts the tokens of each denomination, so the tokens
 * of a period follow from its units and from the counters where it began.
 */
import type { Denominations } from "./denominations.js";
import { sipsterErrors } from "./errors.js";
import type { TokenGenerator } from "./suite.js";
import type { GeneratedToken, Token } from "./token.js";

/** A token and its place among all tokens of its denomination that the meter ever made, from 0. */
export interface NumberedToken {
  readonly token: Token;
  readonly number: number;
}

/**
 * The number of a meter's first token of each denomination; 0 where none is given. A meter that takes
 * another's place goes on where that one ended: a number is one token's and one coin's, in any meter.
 */
export type FirstNumbers = ReadonlyMap<number, number>;

/** More tokens than a meter makes: what is left of its counters' six bytes is enough for a life. */
const MOST_FIRST_NUMBER = 2 ** 40;

/** Counters of a new meter. @throws sipster/bad-first-number */
export function firstCounters(denominations: Denominations, first: FirstNumbers): number[] {
  return denominations.map((denomination) => {
    const number = first.get(denomination) ?? 0;
    if (Number.isInteger(number) && number >= 0 && number <= MOST_FIRST_NUMBER) return number;
    const what = `tokens of ${denomination} units cannot begin with number ${number}`;
    throw sipsterErrors.error("bad-first-number", what, { denomination, number });
  });
}

/** How many tokens of each denomination, in their order, express `units` as `breakDown` does. */
export function tokenCounts(units: bigint, denominations: Denominations): number[] {
  let rest = units;
  const counts = denominations.toReversed().map((denomination) => {
    const count = rest / BigInt(denomination);
    rest -= count * BigInt(denomination);
    return Number(count);
  });
  return counts.reverse();
}

/** Counters after the tokens that `units` need beyond those of `emitted`. */
export function countersAfter(
  counters: readonly number[],
  denominations: Denominations,
  { emitted, units }: { readonly emitted: bigint; readonly units: bigint },
): number[] {
  const before = tokenCounts(emitted, denominations);
  const after = tokenCounts(units, denominations);
  return counters.map((n, i) => n + after[i]! - before[i]!);
}

/** Counters before the tokens of these amounts, given the counters after them. */
export function countersBefore(
  counters: readonly number[],
  denominations: Denominations,
  amounts: readonly bigint[],
): number[] {
  const all = amounts.map((units) => tokenCounts(units, denominations));
  return counters.map((n, i) => all.reduce((sum, counts) => sum - counts[i]!, n));
}

/**
 * The tokens of an amount, largest denomination first, from the counters on.
 * @param after how many of the first tokens to leave out
 */
export function* tokensOfAmount(
  generate: TokenGenerator,
  denominations: Denominations,
  amount: { readonly counters: readonly number[]; readonly units: bigint; readonly after: number },
): Generator<GeneratedToken & NumberedToken> {
  const counts = tokenCounts(amount.units, denominations);
  let skip = amount.after;
  for (let i = denominations.length - 1; i >= 0; i--) {
    for (let n = skip; n < counts[i]!; n++) {
      const number = amount.counters[i]! + n;
      yield { ...generate(BigInt(number), denominations[i]!), number };
    }
    skip = Math.max(0, skip - counts[i]!);
  }
}
