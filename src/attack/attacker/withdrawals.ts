/**
 * Withdrawals as sums of payments. A coin pays a token of its own denomination, so the payments that sum
 * to a withdrawal are as many of each denomination as it has coins: whose coins of a denomination are more
 * than those of its size class has more of these payments.
 */
import type { OwnerScore } from "./claims.js";
import type { Seen } from "./seen.js";

/** Log of an account's coins of the order's denomination over the mean of its class: 0 for equal baskets. */
export function withdrawalOwners({ accounts, denomination }: Seen): OwnerScore {
  const last = accounts.map(({ withdrawals }) => withdrawals.at(-1)?.coins ?? {});
  const classes = new Map<string, number[]>();
  accounts.forEach(({ sizeClass }, i) => {
    classes.set(sizeClass, [...(classes.get(sizeClass) ?? []), i]);
  });
  const known = new Map<number, Float64Array>();
  const sharesOf = (d: number): Float64Array => {
    const shares = new Float64Array(accounts.length);
    for (const members of classes.values()) {
      const mean = members.reduce((sum, i) => sum + (last[i]![d] ?? 0), 0) / members.length;
      for (const i of members) shares[i] = Math.log(((last[i]![d] ?? 0) + 0.5) / (mean + 0.5));
    }
    return shares;
  };
  return (order, account) => {
    const d = denomination[order]!;
    let shares = known.get(d);
    if (shares === undefined) known.set(d, (shares = sharesOf(d)));
    return shares[account]!;
  };
}
