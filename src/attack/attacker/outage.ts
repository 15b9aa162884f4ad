/** A known outage: whose wallet was off sent nothing meanwhile, and what it missed it sends in a later month. */
import type { OwnerScore } from "./claims.js";
import type { Labelled, Seen } from "./seen.js";

/** Before the outage, in it, between it and the end of the month's paying, and later. */
const STRETCHES = 4;
const DAY = 86_400;

/** How much more often those that were off send in each stretch, learned from runs of its own; `null` if nobody was. */
export function trainOutage(examples: readonly Labelled[]): ((seen: Seen) => OwnerScore) | null {
  const off = new Float64Array(STRETCHES).fill(1);
  const on = new Float64Array(STRETCHES).fill(1);
  for (const { seen, senders } of examples) {
    if (seen.outage === null) return null;
    const isOff = offOf(seen);
    senders.forEach((account, i) => {
      const counts = isOff.has(account) ? off : on;
      const stretch = stretchOf(seen, i);
      counts[stretch] = counts[stretch]! + 1;
    });
  }
  const total = (counts: Float64Array): number => counts.reduce((a, b) => a + b, 0);
  const [allOff, allOn] = [total(off), total(on)];
  const weight = off.map((n, s) => Math.log(n / allOff / (on[s]! / allOn)));
  return (seen) => {
    const isOff = offOf(seen);
    return (order, account) => (isOff.has(account) ? weight[stretchOf(seen, order)]! : 0);
  };
}

function offOf({ outage, accounts }: Seen): ReadonlySet<number> {
  const names = new Set(outage?.accounts);
  return new Set([...accounts.keys()].filter((i) => names.has(accounts[i]!.account)));
}

function stretchOf({ at, outage, public: { timetable } }: Seen, order: number): number {
  const { from, to } = outage!;
  const time = at[order]!;
  if (time < from) return 0;
  if (time < to) return 1;
  // The outage begins on the second paying day: see the day on which paying ends from there.
  const end = from + (timetable.paying.last - timetable.paying.first) * DAY;
  return time < end ? 2 : 3;
}
