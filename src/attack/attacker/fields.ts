/**
 * Grouping by fields and bursts: orders that share a coin, or a mark that few share, or that come close
 * together where few others come.
 */
import type { LinkScore } from "./claims.js";
import type { Seen } from "./seen.js";

/** Shared values that fewer orders have count for more. */
export function fieldsAttack({ at, mark, coin }: Pick<Seen, "at" | "mark" | "coin">): LinkScore {
  const count = at.length;
  const sharing = new Map<number, number>();
  for (const m of mark) sharing.set(m, (sharing.get(m) ?? 0) + 1);
  const place = crowdPlaces(at);
  return (i, j) => {
    const burst = -Math.log1p(Math.abs(place[i]! - place[j]!)) / Math.log(count + 2);
    const rare = mark[i] === mark[j] ? Math.log(count / sharing.get(mark[i]!)!) : 0;
    return burst + rare + (coin[i] === coin[j] ? 100 : 0);
  };
}

/** The place of each order among all, those of one second at one place. */
export function crowdPlaces(at: Float64Array): Float64Array {
  const order = Array.from(at.keys()).sort((a, b) => at[a]! - at[b]!);
  const place = new Float64Array(at.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && at[order[to]!] === at[order[from]!]) to++;
    for (let k = from; k < to; k++) place[order[k]!] = (from + to - 1) / 2;
    from = to;
  }
  return place;
}
