/**
 * One month of a neighbourhood on a virtual clock: what every party holds at its end, as files, and the
 * truth apart.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { addPeriods } from "../../sipster/index.js";
import { startOfDay, uniform } from "../../resident/index.js";
import { Chance } from "../random.js";
import type { Files } from "../view/files.js";
import { tokensOf } from "./accrual.js";
import { followingMonths } from "./following-month.js";
import { mishapsOf } from "./mishaps.js";
import { OpaqueOrders } from "./opaque-orders.js";
import { moneyBoundOf, useToPayment } from "./prices-paid.js";
import { sizeClasses } from "./purchases.js";
import type { Scenario, Sent, Town } from "./scenario.js";
import type { Truth } from "../truth.js";
import { viewOf } from "./view-of.js";
import { walletMonth, type WalletMonth } from "./wallet-month.js";

export interface Simulated {
  readonly view: Files;
  readonly truth: Truth;
}

export function simulate(scenario: Scenario): Simulated {
  const { homes, habits, event, seed, population, period, denominations, emission } = scenario;
  const chance = new Chance(seed, "month");
  const mishaps = mishapsOf({ event, habits, homes: homes.length, period, chance });
  const accounts = homes.map(() => accountOf(chance));
  const tokens = homes.map((home) => tokensOf(home, population, { denominations, emission }));
  const months = tokens.map((own, i) => {
    const { below } = new Chance(seed, "wallet", i);
    return walletMonth({ habits, home: { period, tokens: own }, below, mishap: mishaps.get(i) });
  });
  const sent = ordersOf(
    [months, followingMonths(scenario)],
    new OpaqueOrders(new Chance(seed, "bytes")),
    chance,
  );
  scenario.tamper?.(sent, chance);
  const withheld = event === "withheld-answer" ? withhold(sent, scenario, chance) : null;
  sent.sort((a, b) => a.at - b.at);
  const classes = sizeClasses(homes, denominations, emission);
  const town: Town = { scenario, accounts, months, sent, classes, mishaps };
  return {
    view: viewOf(town, chance),
    truth: {
      format: "sipster/attack-truth@1",
      accounts,
      origins: homes.map(({ origin }) => origin),
      senders: sent.map(({ home }) => home),
      following: [...sent.keys()].filter((i) => sent[i]!.isFollowing),
      units: homes.map(({ owed }) => owed.at(-1)!),
      touched: [...mishaps.keys()],
      withheld: withheld === null ? null : sent.indexOf(withheld),
      delayDays: useToPayment(homes, months, population),
      receipts: tokens.reduce((sum, own) => sum + own.length, 0) / homes.length,
      moneyBound: moneyBoundOf(homes, classes, habits),
    },
  };
}

function accountOf(chance: Chance): string {
  const bytes = new Uint8Array(20);
  chance.fill(bytes, 0, 20);
  return `0x${bytesToHex(bytes)}`;
}

/**
 * In random order, so that requests of one second arrive in no home's order.
 * @param months of each home: the attacked one, and the following one if there is one
 */
function ordersOf(
  months: readonly (readonly WalletMonth[])[],
  orders: OpaqueOrders,
  chance: Chance,
): Sent[] {
  const sent = months.flatMap((homes, n) =>
    homes.flatMap(({ paid }, home) =>
      paid.flatMap((token) => {
        const [first, ...later] = token.sent;
        const content = orders.make(token.denomination, first!);
        const of = { home, isFollowing: n > 0 };
        const again = later.map((at) => ({ ...of, at, content: orders.again(content, at) }));
        return [{ ...of, at: first!, content }, ...again];
      }),
    ),
  );
  return chance.shuffled(sent);
}

/** The utility leaves one order unanswered: it comes again, and then stands on the board for all to see. */
function withhold(sent: Sent[], { period, habits }: Scenario, chance: Chance): Sent {
  const posting = startOfDay(addPeriods(period, 1), habits.timetable.posting);
  const victim = sent[chance.below(sent.length)]!;
  const again = uniform({ from: victim.at + 3_600, to: posting }, chance.below);
  if (victim.at + 3_600 < posting) sent.push({ ...victim, at: again });
  return victim;
}
