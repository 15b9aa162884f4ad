/** A relay that tells the gateway when each client's requests went out: the channel is broken. */
import type { LinkScore } from "./claims.js";
import type { Seen } from "./seen.js";

/** `null` if the relay keeps its times to itself. */
export function relayLinks({ at, clients }: Seen): LinkScore | null {
  if (!clients.some(({ times }) => times !== undefined)) return null;
  const clientAt = new Map<number, number>();
  clients.forEach(({ times = [] }, client) => {
    for (const time of times) clientAt.set(time, client);
  });
  const sender = Int32Array.from(at, (time) => clientAt.get(time) ?? -1);
  return (i, j) => (sender[i] !== -1 && sender[i] === sender[j] ? 1 : 0);
}
