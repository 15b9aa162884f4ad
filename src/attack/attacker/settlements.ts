/**
 * First in, first out: a settlement is matched to the payments shortly before it (the heuristic that
 * linked withdrawals of mixers to deposits). How much each gap counts is learned from runs of its own.
 */
import type { OwnerScore } from "./claims.js";
import type { Labelled, Seen } from "./seen.js";

/** Upper ends of the gaps' classes, in seconds. */
const GAPS = [0, 600, 1_800, 3_601, 10_800, 43_200, 86_400, 2 * 86_400, 4 * 86_400, Infinity];
/** Orders a view of a learning run is sampled with. */
const SAMPLE = 20_000;

export type TrainedOwners = (seen: Seen) => OwnerScore;

function classOf(gap: number): number {
  return GAPS.findIndex((end) => gap <= end);
}

export function trainSettlements(examples: readonly Labelled[]): TrainedOwners {
  const own = new Float64Array(GAPS.length).fill(1);
  const other = new Float64Array(GAPS.length).fill(1);
  for (const { seen, senders } of examples) {
    const stride = Math.max(1, Math.floor(senders.length / SAMPLE));
    for (let i = 0; i < senders.length; i += stride) {
      const stranger =
        (senders[i]! + 1 + (i % Math.max(1, seen.accounts.length - 1))) % seen.accounts.length;
      const gap = (account: number): number => seen.settledAt[account]! - seen.at[i]!;
      const mine = classOf(gap(senders[i]!));
      own[mine] = own[mine]! + 1;
      const theirs = classOf(gap(stranger));
      other[theirs] = other[theirs]! + 1;
    }
  }
  const total = (counts: Float64Array): number => counts.reduce((a, b) => a + b, 0);
  const [all, others] = [total(own), total(other)];
  const weight = own.map((n, c) => Math.log(n / all / (other[c]! / others)));
  return ({ settledAt, at }) =>
    (i, account) =>
      weight[classOf(settledAt[account]! - at[i]!)]!;
}
