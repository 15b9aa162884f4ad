/**
 * The attacks on what a town leaves: its tables have no times, so what is left is what orders share, the
 * order in which the database wrote them where it tells, and what accounts were charged.
 */
import type { KeptOrder, TownView } from "../view/town.js";
import type { ClaimsByAttack, LinkScore } from "./claims.js";
import { fieldsAttack } from "./fields.js";

/** Orders and accounts are named by their places in the view. */
export function attackTown({ orders, accounts }: TownView): ClaimsByAttack {
  const sold = orders.reduce((sum, { denomination }) => sum + denomination, 0);
  const homes = Math.max(1, accounts.length);
  const equal = new Float64Array(accounts.length).fill(sold / homes);
  const charged = accounts.reduce((sum, account) => sum + account.charged, 0);
  const byWithdrawal = Float64Array.from(accounts, (account) =>
    charged === 0 ? sold / homes : (sold * account.charged) / charged,
  );
  const fields = sharedFields(orders);
  const written = writtenTogether(orders);
  const both: LinkScore = (i, j) => 10 * fields(i, j) + (written?.(i, j) ?? 0);
  return new Map([
    ["totals", { bills: equal }],
    ["fields", { links: fields }],
    ...(written === null ? [] : [["written", { links: written }] as const]),
    ["withdrawals", { bills: byWithdrawal }],
    ["combined", { links: both, bills: byWithdrawal }],
  ]);
}

/** Orders that share a coin, or a mark that few share: their times are all the same, since none is kept. */
function sharedFields(orders: readonly KeptOrder[]): LinkScore {
  const numbers = new Map<string, number>();
  const numberOf = (name: string): number => {
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return numbers.get(name)!;
  };
  return fieldsAttack({
    at: new Float64Array(orders.length),
    mark: Int32Array.from(orders, ({ mark }) => numberOf(`mark ${mark}`)),
    coin: Int32Array.from(orders, ({ coin }) => numberOf(`coin ${coin}`)),
  });
}

/** Orders that were written to the database one after the other; `null` where nothing tells it. */
function writtenTogether(orders: readonly KeptOrder[]): LinkScore | null {
  if (orders.every(({ written }) => written === null)) return null;
  const places = Float64Array.from(orders, ({ written }) => written ?? Number.NaN);
  return (i, j) => {
    const gap = Math.abs(places[i]! - places[j]!);
    return Number.isNaN(gap) ? 0 : -Math.log1p(gap) / Math.log(orders.length + 2);
  };
}
