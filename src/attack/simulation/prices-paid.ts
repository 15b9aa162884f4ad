/** What a policy costs: how late the money comes, and how much of it lies in coins. */
import { BASKETS_AT_START, coinsWorth } from "../../ecash/index.js";
import type { Habits } from "./habits.js";
import type { Population, SimulatedHome } from "./population.js";
import { classIndexOf, type SizeClass } from "./purchases.js";
import type { WalletMonth } from "./wallet-month.js";

const DAY = 86_400;

/**
 * Median days from the use of a unit to its payment. Units are paid in the order in which they are
 * used: each token pays for those after the token before.
 */
export function useToPayment(
  homes: readonly SimulatedHome[],
  months: readonly WalletMonth[],
  { bounds, stepSeconds }: Pick<Population, "bounds" | "stepSeconds">,
): number {
  const delays: { readonly days: number; readonly units: number }[] = [];
  homes.forEach(({ owed }, h) => {
    let [from, i] = [0, 0];
    for (const { denomination, sent } of months[h]!.paid) {
      // The middle of the token's units stands for all of them.
      const middle = from + Math.ceil(denomination / 2);
      while (i < owed.length - 1 && owed[i]! < middle) i++;
      const used = bounds.from / 1000 + (i + 1) * stepSeconds;
      delays.push({ days: (sent[0]! - used) / DAY, units: denomination });
      from += denomination;
    }
  });
  delays.sort((a, b) => a.days - b.days);
  const half = delays.reduce((sum, { units }) => sum + units, 0) / 2;
  let sum = 0;
  return delays.find(({ units }) => (sum += units) >= half)?.days ?? 0;
}

/**
 * Units in coins when the month is paid (the baskets at the start and that of the month, less what was
 * paid), over the bill that nine in ten homes of the class do not exceed: mean of the homes.
 */
export function moneyBoundOf(
  homes: readonly SimulatedHome[],
  classes: readonly SizeClass[],
  { buysByNeed }: Habits,
): number {
  const bound = homes.reduce((sum, home) => {
    const { basket, bill90 } = classes[classIndexOf(home)]!;
    const paid = home.owed.at(-1)!;
    const worth = coinsWorth(basket);
    const bought = BASKETS_AT_START * worth + (buysByNeed ? paid : worth);
    return sum + Math.max(0, bought - paid) / Math.max(1, bill90);
  }, 0);
  return bound / homes.length;
}
