/**
 * The month after the one that is attacked: its payments lie in the same log. An event that puts payments
 * off moves them among these.
 */
import { startOfDay } from "../../resident/index.js";
import { addPeriods } from "../../sipster/index.js";
import { Chance } from "../random.js";
import { tokensOf } from "./accrual.js";
import type { EventName } from "./mishaps.js";
import type { Scenario } from "./scenario.js";
import { walletMonth, type WalletMonth } from "./wallet-month.js";

/** Events after which a payment may be made a month later. */
const PUTTING_OFF: ReadonlySet<EventName> = new Set(["known-outage", "late-return", "restore"]);

/** The following month of each home, undisturbed; none if the event puts nothing off. */
export function followingMonths(scenario: Scenario): WalletMonth[] {
  const { population, habits, seed, period, event, homes } = scenario;
  if (!PUTTING_OFF.has(event)) return [];
  const next = addPeriods(period, 1);
  const later = startOfDay(next, 1) - startOfDay(period, 1);
  const last = startOfDay(addPeriods(next, 1), 1);
  return homes.map((home, i) => {
    const use = population.following(home, new Chance(seed, "following", i));
    const tokens = tokensOf(use, population, scenario).map((token) => ({
      ...token,
      at: Math.min(token.at + later, last),
    }));
    const { below } = new Chance(seed, "following wallet", i);
    return walletMonth({ habits, home: { period: next, tokens }, below });
  });
}
