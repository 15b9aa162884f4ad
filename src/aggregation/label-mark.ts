/**
 * What a key has done, which must never be forgotten: the labels it has served, the last drop-set
 * and the functions it has answered. Labels rise strictly, so a mark is enough. It is durable
 * before anything that depends on it leaves the member: a power cut loses at most a label.
 */
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Store, Transaction } from "../store/index.js";
import { aggregationErrors } from "./errors.js";
import { labelBytes } from "./label.js";

const FORMAT = "sipster/label-mark@1";

/** JSON under one key of the store; labels are decimal, digests hex. */
interface Mark {
  readonly format: typeof FORMAT;
  /** `null` before the first. */
  readonly lastLabel: string | null;
  readonly labelsUsed: number;
  /** The last label repaired, and for which drop-set. */
  readonly repaired: { readonly label: string; readonly dropSet: string } | null;
  /** The functions for which key shares were given. */
  readonly functions: readonly string[];
}

export class LabelMark {
  private constructor(
    private readonly store: Store,
    private readonly place: string,
  ) {}

  /**
   * The mark of a new key, at a place of the store that is this key's alone. `also` is written in
   * the same transaction.
   * @throws aggregation/state-exists: a mark that starts anew would let labels repeat
   */
  static async create(
    store: Store,
    place: string,
    also?: (tx: Transaction) => void,
  ): Promise<LabelMark> {
    await store.transaction(async (tx) => {
      if ((await tx.get(place)) !== undefined) {
        throw aggregationErrors.error("state-exists", `the store holds a mark for ${place}`, {
          place,
        });
      }
      write(tx, place, {
        format: FORMAT,
        lastLabel: null,
        labelsUsed: 0,
        repaired: null,
        functions: [],
      });
      also?.(tx);
    });
    return new LabelMark(store, place);
  }

  /** The mark that an earlier process left. @throws aggregation/state-missing */
  static async resume(store: Store, place: string): Promise<LabelMark> {
    await store.transaction((tx) => read(tx, place));
    return new LabelMark(store, place);
  }

  /**
   * Takes a label for the key, the last of at most `cap`.
   * @throws aggregation/label-out-of-range, label-used, key-spent
   */
  take(label: bigint, cap: number): Promise<void> {
    labelBytes(label);
    return this.#update((mark) => {
      const { lastLabel, labelsUsed } = mark;
      if (lastLabel !== null && label <= BigInt(lastLabel)) {
        throw aggregationErrors.error(
          "label-used",
          `label ${label} is not above ${lastLabel}, the last one used`,
          { label, lastLabel },
        );
      }
      if (labelsUsed >= cap) {
        throw aggregationErrors.error(
          "key-spent",
          `label ${label} would be number ${labelsUsed + 1} of a key that serves ${cap}`,
          { label, labelsUsed },
        );
      }
      return { ...mark, lastLabel: `${label}`, labelsUsed: labelsUsed + 1 };
    });
  }

  /**
   * Commits the key to one drop-set for a label. The same one again is no change; another one, or
   * one for an earlier label, is refused.
   * @throws aggregation/bad-drop-set for a label not yet served, second-drop-set
   */
  repair(label: bigint, dropSet: string): Promise<void> {
    return this.#update((mark) => {
      const { lastLabel, repaired } = mark;
      if (lastLabel === null || label > BigInt(lastLabel)) {
        throw aggregationErrors.error(
          "bad-drop-set",
          `the drop-set is for label ${label}, which this member has not yet served`,
          { label },
        );
      }
      if (repaired === null || label > BigInt(repaired.label)) {
        return { ...mark, repaired: { label: `${label}`, dropSet } };
      }
      if (label === BigInt(repaired.label) && dropSet === repaired.dropSet) return mark;
      throw aggregationErrors.error(
        "second-drop-set",
        label === BigInt(repaired.label)
          ? `label ${label} has been repaired for another drop-set`
          : `label ${label} is before ${repaired.label}, the last one repaired`,
        { label, repairedLabel: repaired.label },
      );
    });
  }

  /**
   * Commits the key to a function, one of at most `most`. The same one again is no change.
   * @throws aggregation/functions-spent
   */
  answerFunction(digest: string, most: number): Promise<void> {
    return this.#update((mark) => {
      if (mark.functions.includes(digest)) return mark;
      if (mark.functions.length >= most) {
        throw aggregationErrors.error(
          "functions-spent",
          `key shares were given for ${mark.functions.length} functions, the most this key answers`,
          { most },
        );
      }
      return { ...mark, functions: [...mark.functions, digest] };
    });
  }

  #update(change: (mark: Mark) => Mark): Promise<void> {
    return this.store.transaction(async (tx) => {
      const mark = await read(tx, this.place);
      const next = change(mark);
      if (next !== mark) write(tx, this.place, next);
    });
  }
}

function write(tx: Transaction, place: string, mark: Mark): void {
  tx.put(place, utf8ToBytes(JSON.stringify(mark)));
}

async function read(tx: Transaction, place: string): Promise<Mark> {
  const bytes = await tx.get(place);
  if (bytes === undefined) {
    throw aggregationErrors.error("state-missing", `the store holds no mark for ${place}`, {
      place,
    });
  }
  // Written by this code into a store that checks what it reads.
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as Mark;
}
