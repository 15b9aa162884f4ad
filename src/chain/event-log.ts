/**
 * Reading events from a node in ranges of blocks. Providers limit how many blocks or events one
 * question may span, each in its own words: a range that is refused is halved until it is answered.
 */
import type { Log, Provider } from "ethers";
import { isSipsterError } from "../errors/sipster-error.js";
import { chainErrors } from "./errors/errors.js";

export interface EventQuery {
  /** The contract. */
  readonly address: string;
  /** As in eth_getLogs: each entry one topic, a choice of topics, or any (`null`). */
  readonly topics: readonly (string | readonly string[] | null)[];
  readonly fromBlock: number;
  readonly toBlock: number;
}

export interface ReadOptions {
  /** Blocks to ask for at once, to begin with; 10,000 when absent. */
  readonly range?: number;
  /** Told the last block read. */
  readonly onProgress?: (block: number) => void;
}

/** How often a single block is asked for before giving up, with growing pauses. */
const TRIES = 4;
const FIRST_PAUSE = 100;
/** Questions answered in a row before a larger range is tried again. */
const ANSWERS_BEFORE_GROWTH = 8;

/**
 * The events that match, range by range, in the order of the chain.
 * @throws chain/events-refused, chain/unreachable
 */
export async function* readEvents(
  provider: Provider,
  query: EventQuery,
  { range = 10_000, onProgress }: ReadOptions = {},
): AsyncGenerator<readonly Log[]> {
  let size = range;
  let refusals = 0;
  let answered = 0;
  for (let from = query.fromBlock; from <= query.toBlock;) {
    const to = Math.min(query.toBlock, from + size - 1);
    let logs: Log[];
    try {
      logs = await provider.getLogs({
        address: query.address,
        topics: query.topics.map((t) => (typeof t === "string" || t === null ? t : [...t])),
        fromBlock: from,
        toBlock: to,
      });
    } catch (error) {
      if (isSipsterError(error)) throw error;
      if (size === 1 && ++refusals === TRIES) throw refused(from, error);
      size = Math.max(1, size >> 1);
      answered = 0;
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE * 2 ** refusals));
      continue;
    }
    yield logs.toSorted((a, b) => a.blockNumber - b.blockNumber || a.index - b.index);
    onProgress?.(to);
    from = to + 1;
    refusals = 0;
    // Not at once: a limit that was met holds, as a rule, for the next question as well.
    if (++answered % ANSWERS_BEFORE_GROWTH === 0) size = Math.min(range, size * 2);
  }
}

/** All events that match, in the order of the chain. @throws what {@link readEvents} throws */
export async function allEvents(
  provider: Provider,
  query: EventQuery,
  options?: ReadOptions,
): Promise<Log[]> {
  const logs: Log[] = [];
  for await (const part of readEvents(provider, query, options)) logs.push(...part);
  return logs;
}

function refused(block: number, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return chainErrors.errorFrom({
    key: "events-refused",
    message: `the node does not give the events of block ${block}: ${reason}`,
    details: { block },
    cause: error,
  });
}
