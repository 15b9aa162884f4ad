/** What became of a damaged file: the same readings, fewer of them with a word, or a refusal. */
import { expect } from "chai";
import { isSipsterError } from "../../../src/errors/sipster-error.js";
import {
  readReadings,
  type Home,
  type ReadingSet,
  type ReadOptions,
  type Source,
} from "../../../src/readings/index.js";

export interface Outcome {
  readonly set?: ReadingSet;
  /** Code and message, where it is refused. */
  readonly refused?: string;
}

/** @throws what is not an error of the room */
export async function outcomeOf(
  source: Source | readonly Source[],
  options: ReadOptions = {},
): Promise<Outcome> {
  try {
    return { set: await readReadings(source, options) };
  } catch (error) {
    if (!isSipsterError(error) || !error.code.startsWith("readings/")) throw error;
    return { refused: `${error.code} ${error.message}` };
  }
}

/** Each reading as one text, in both directions. */
export function readingsOf({ homes }: ReadingSet): string[] {
  const rows = ({ id, intervals, exported }: Home): string[] =>
    [intervals, exported].flatMap((series, k) =>
      [...series].map((i) => `${id} ${k} ${i.start} ${i.seconds} ${i.wattHours} ${i.quality}`),
    );
  return homes.flatMap(rows);
}

/** What a set says that the whole file did not. */
export function saidOf(set: ReadingSet, whole: ReadingSet): string {
  const before = new Set(whole.oddities.map((o) => o.message));
  return set.oddities.flatMap((o) => (before.has(o.message) ? [] : [o.message])).join("; ");
}

export type Verdict = "same" | "fewer, and said" | "refused";

/**
 * A damaged file may give the same readings; fewer, where the set says that some are gone; or be refused.
 * Any other reading is one that no meter made.
 */
export function expectHonest(whole: ReadingSet, got: Outcome, what: string): Verdict {
  if (got.set === undefined) return "refused";
  const [before, after] = [new Set(readingsOf(whole)), readingsOf(got.set)];
  const invented = after.filter((row) => !before.has(row));
  expect(invented.slice(0, 3), `${what}: readings that no meter made`).to.deep.equal([]);
  if (after.length === before.size) return "same";
  expect(saidOf(got.set, whole), `${what}: readings are gone without a word`).to.match(
    /\bgaps?\b|\bend\b|\bbegin\b|without data|no reading|taken as missing/,
  );
  return "fewer, and said";
}

/** Every way in which neighbours of a list change places, or one is lost or comes twice. */
export function* shuffled<T>(all: readonly T[]): Generator<readonly [what: string, rest: T[]]> {
  for (const [i, one] of all.entries()) {
    yield [`${i} is lost`, all.toSpliced(i, 1)];
    yield [`${i} comes twice`, all.toSpliced(i, 0, one)];
    if (i > 0) yield [`${i - 1} and ${i} change places`, all.toSpliced(i - 1, 2, one, all[i - 1]!)];
  }
}
