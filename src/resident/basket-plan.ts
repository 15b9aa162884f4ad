/**
 * Which coins a wallet withdraws in a month: a basket that follows from public numbers alone, not from
 * what the home uses. Two baskets before the first payment; then one a month, without the packs that the count
 * at the quarter's start leaves out; and what came to nothing before, once more.
 */
import { BASKETS_AT_START, skippedPacks, type Basket, type CoinStock } from "../ecash/index.js";
import { addPeriods } from "../sipster/index.js";
import type { BasketPlan, Books } from "./books.js";

/** Months from one count of the stock to the next. */
const COUNTED_EVERY = 3;

/** The plan of a wallet whose first withdrawal was in `month`: the first quarter follows it. */
export function firstPlan(month: number): BasketPlan {
  return { month, countFrom: addPeriods(month, 1 + COUNTED_EVERY), skips: [] };
}

/**
 * The coins to withdraw in `month` (YYYYMM), one entry a coin; the plan is written down with them.
 * Asked again in the same month: what came to nothing since, and packs that tokens are waiting for.
 */
export async function dueCoins(books: Books, basket: Basket, month: number): Promise<number[]> {
  const plan = await books.basketPlan();
  const packs = await duePacks(books, basket, { plan, month });
  const coins: number[] = [];
  for (const [denomination, count] of basket) {
    const { returned } = await books.numbers(denomination);
    const due = count * (packs.get(denomination) ?? 0) + returned.length;
    coins.push(...Array<number>(due).fill(denomination));
  }
  return coins;
}

async function duePacks(
  books: Books,
  basket: Basket,
  { plan, month }: { readonly plan: BasketPlan | null; readonly month: number },
): Promise<ReadonlyMap<number, number>> {
  const all = [...basket.keys()];
  if (plan === null) {
    books.putBasketPlan(firstPlan(month));
    return new Map(all.map((d) => [d, BASKETS_AT_START]));
  }
  const lacking = await lackingPacks(books, basket);
  if (plan.month >= month) return lacking;
  let { countFrom } = plan;
  const isCounting = month >= countFrom;
  const stock = isCounting ? await unassignedCoins(books) : new Map<number, number>();
  while (countFrom <= month) countFrom = addPeriods(countFrom, COUNTED_EVERY);
  const skips = new Map(isCounting ? skippedPacks({ stock, basket }) : plan.skips);
  const left = [...skips].map(([d, packs]) => [d, Math.max(0, packs - 1)] as const);
  books.putBasketPlan({ month, countFrom, skips: left });
  return new Map(
    all.map((d) => {
      const monthly = (skips.get(d) ?? 0) > 0 ? 0 : 1;
      return [d, Math.max(monthly, lacking.get(d) ?? 0)];
    }),
  );
}

/** Free coins whose number no token has. */
async function unassignedCoins(books: Books): Promise<CoinStock> {
  const stock = new Map<number, number>();
  for (const { denomination, number, record } of await books.coins()) {
    if (record.state !== "free") continue;
    if ((await books.tokenNumbered(denomination, number)) !== null) continue;
    stock.set(denomination, (stock.get(denomination) ?? 0) + 1);
  }
  return stock;
}

/** Whole packs that are missing for the tokens in the books: their numbers have not been withdrawn. */
async function lackingPacks(books: Books, basket: Basket): Promise<Map<number, number>> {
  const highest = new Map<number, number>();
  for (const { record } of await books.tokens()) {
    if (record.stage !== "waiting") continue;
    const { denomination, number } = record;
    highest.set(denomination, Math.max(highest.get(denomination) ?? 0, number + 1));
  }
  const packs = new Map<number, number>();
  for (const [denomination, count] of basket) {
    const { next } = await books.numbers(denomination);
    const missing = (highest.get(denomination) ?? 0) - next;
    if (missing > 0) packs.set(denomination, Math.ceil(missing / count));
  }
  return packs;
}
