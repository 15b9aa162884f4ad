/** What the residents of a demonstration do: withdraw coins, pay their tokens. */
import { constantBasket } from "../../ecash/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import type { DemoFolder } from "./folder.js";
import type { DemoHome, MeteredMonth } from "./home.js";
import type { DemoSettings } from "./options.js";
import type { Progress } from "./progress.js";
import type { DemoUtility } from "./utility.js";

/** Homes that pay at the same time: their orders reach the counter mixed. */
const PAYING_TOGETHER = 64;

/** Homes that withdraw at the same time: one computes while others wait for the chain and the mint. */
const WITHDRAWING_TOGETHER = 4;

/** @returns units of one withdrawal, and how many homes needed a further one */
export async function pay(
  options: DemoSettings,
  folder: DemoFolder,
  progress: Progress,
  period: string,
  utility: DemoUtility,
  town: readonly DemoHome[],
  months: readonly MeteredMonth[],
): Promise<{ basketUnits: bigint; extraBaskets: number }> {
  const basket = constantBasket(options.denominations, basketFor(months));
  const basketUnits = basket.reduce((sum, d) => sum + BigInt(d), 0n);
  await progress.step(
    "withdraw",
    "withdrawing coins",
    async () => {
      await together(town, WITHDRAWING_TOGETHER, async ({ purse, place }) => {
        // One basket a month, whatever is left of the last one.
        const mark = `${place}/resident/withdrew-${period}`;
        const resumed = await purse.resume(utility.withdraw);
        if (resumed === 0 && folder.read(mark) === null) {
          await purse.withdraw(basket, utility.withdraw);
        }
        folder.write(mark, `${basketUnits} units\n`);
      });
    },
    () => `every home withdrew the same ${basket.length} coins, worth ${basketUnits} units`,
  );
  let extraBaskets = 0;
  await progress.step(
    "pay",
    "paying tokens",
    () =>
      together(town, PAYING_TOGETHER, async ({ resident, purse }, i) => {
        await resident.accept(months[i]!.tokens);
        for (;;) {
          try {
            await resident.pay(utility.service);
            return;
          } catch (error) {
            if (!isSipsterError(error, "resident/no-coin")) throw error;
            // A bill above the basket: visible to the mint, as a second withdrawal.
            extraBaskets++;
            await purse.withdraw(basket, utility.withdraw);
          }
        }
      }),
    () => "every token has a receipt, and every receipt was verified",
  );
  return { basketUnits, extraBaskets };
}

/**
 * Units in a basket: twice the neighbourhood's mean, which is public (the total is on no home's bill),
 * rounded up to two digits, so that most homes never need a second one.
 */
function basketFor(months: readonly MeteredMonth[]): bigint {
  const total = months.reduce((sum, m) => sum + m.units, 0n);
  const twice = (2n * total) / BigInt(months.length) + 1n;
  const scale = 10n ** BigInt(Math.max(0, twice.toString().length - 2));
  return ((twice + scale - 1n) / scale) * scale;
}

/** Runs `work` for every item, at most `limit` at a time. */
async function together<T>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: limit }, async () => {
      for (const [i, item] of queue) await work(item, i);
    }),
  );
}
