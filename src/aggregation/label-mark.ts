/**
 * What a key has done, which must never be forgotten: the labels it has served with what it answered for
 * them, the functions it has answered, and whether its epoch has ended. It is durable before anything that depends
 * on it leaves the member: a power cut loses at most a label.
 */
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { bareHexField, countField, matching, readJson } from "../json/index.js";
import type { Store, Transaction } from "../store/index.js";
import { aggregationErrors } from "./errors.js";
import { labelBytes } from "./label.js";

const FORMAT = "sipster/label-mark@2";
/** Labels served that a member remembers, and so many it repairs: a day of quarter-hours. */
export const REMEMBERED_LABELS = 96;

const labelField = matching(/^(0|[1-9][0-9]{0,19})$/, "is not a label");

/** JSON under one key of the store; labels are decimal. */
const markField = v.strictObject({
  format: v.literal(FORMAT),
  /** `null` before the first. */
  lastLabel: v.nullable(labelField),
  labelsUsed: countField,
  /** The last labels served, ascending. */
  served: v.pipe(v.array(labelField), v.readonly()),
  /** The functions for which key shares were given. */
  functions: v.pipe(v.array(bareHexField), v.readonly()),
  /** Why the epoch has ended; `null` while it has not. */
  ended: v.nullable(v.string()),
});
type Mark = Readonly<v.InferOutput<typeof markField>>;

const messageField = v.nullable(bareHexField);

/** What is known of one label. */
const recordField = v.strictObject({
  contribution: messageField,
  receipt: messageField,
  dropSet: v.nullable(v.strictObject({ message: bareHexField, seenAt: countField })),
  objected: v.boolean(),
  repair: messageField,
});
type LabelRecord = Readonly<v.InferOutput<typeof recordField>>;

const NOTHING: LabelRecord = {
  contribution: null,
  receipt: null,
  dropSet: null,
  objected: false,
  repair: null,
};

/** A label's record as its transaction changes it. */
export interface LabelState {
  contribution: Uint8Array | null;
  receipt: Uint8Array | null;
  /** The drop-set for the label, and when this member saw it, in seconds. */
  dropSet: { readonly message: Uint8Array; readonly seenAt: number } | null;
  /** Someone objected to the drop-set. */
  objected: boolean;
  repair: Uint8Array | null;
}

export class LabelMark {
  private constructor(
    private readonly store: Store,
    private readonly place: string,
  ) {}

  /**
   * The mark of a new key, at a place of the store that is this key's alone. `also` is written in
   * the same transaction.
   * @throws aggregation/state-exists: a mark that begins again would let labels repeat
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
        served: [],
        functions: [],
        ended: null,
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
   * Takes a label for the key, the last of at most `cap`, and keeps the message that `make` gives for it.
   * @throws aggregation/label-out-of-range, label-used, key-spent, epoch-ended
   */
  take(label: bigint, cap: number, make: () => Uint8Array): Promise<Uint8Array> {
    labelBytes(label);
    return this.store.transaction(async (tx) => {
      const mark = await read(tx, this.place);
      refuseEnded(mark);
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
      const served = [...mark.served, `${label}`];
      if (served.length > REMEMBERED_LABELS) tx.delete(this.#labelKey(BigInt(served.shift()!)));
      write(tx, this.place, { ...mark, lastLabel: `${label}`, labelsUsed: labelsUsed + 1, served });
      const message = make();
      tx.put(this.#labelKey(label), encode({ ...NOTHING, contribution: bytesToHex(message) }));
      return message;
    });
  }

  /** No label up to this one is taken any more: it was closed without this member. */
  pass(label: bigint): Promise<void> {
    return this.#update((mark) =>
      mark.lastLabel !== null && BigInt(mark.lastLabel) >= label
        ? mark
        : { ...mark, lastLabel: `${label}` },
    );
  }

  /**
   * Runs `body` on the record of a label that this member served and remembers; its changes are kept.
   * @throws aggregation/label-not-served, epoch-ended, and what `body` throws, whose changes are then lost
   */
  atLabel<T>(label: bigint, body: (state: LabelState) => T): Promise<T> {
    return this.store.transaction(async (tx) => {
      const mark = await read(tx, this.place);
      refuseEnded(mark);
      const key = this.#labelKey(label);
      const kept = mark.served.includes(`${label}`) ? await tx.get(key) : undefined;
      if (kept === undefined) {
        throw aggregationErrors.error(
          "label-not-served",
          `label ${label} is not among the last ${REMEMBERED_LABELS} that this member served`,
          { label },
        );
      }
      const state = decode(kept);
      const result = body(state);
      tx.put(key, encode(toRecord(state)));
      return result;
    });
  }

  /** Did this member serve the label, and remember it? */
  async hasServed(label: bigint): Promise<boolean> {
    const { served } = await this.store.transaction((tx) => read(tx, this.place));
    return served.includes(`${label}`);
  }

  /** Contributions of the labels that this member remembers, ascending by label: to be sent again. */
  async contributions(): Promise<Uint8Array[]> {
    return this.store.transaction(async (tx) => {
      const { served } = await read(tx, this.place);
      const records = await Promise.all(served.map((l) => tx.get(this.#labelKey(BigInt(l)))));
      return records.flatMap((r) => decode(r!).contribution ?? []);
    });
  }

  /** Ends the epoch for good. */
  end(why: string): Promise<void> {
    return this.#update((mark) => ({ ...mark, ended: mark.ended ?? why }));
  }

  /** Why the epoch has ended; `null` while it has not. */
  async ended(): Promise<string | null> {
    return (await this.store.transaction((tx) => read(tx, this.place))).ended;
  }

  /**
   * Commits the key to a function, one of at most `most`. The same one again changes nothing.
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

  #labelKey(label: bigint): string {
    return `${this.place}/label/${label}`;
  }
}

function refuseEnded({ ended }: Mark): void {
  if (ended === null) return;
  throw aggregationErrors.error("epoch-ended", `the epoch has ended: ${ended}`, { why: ended });
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
  return readJson(markField, bytes, damaged);
}

function damaged(why: string, _field: string, cause: unknown): Error {
  return aggregationErrors.errorFrom({
    key: "state-damaged",
    message: `a record of the key's use ${why}`,
    cause,
  });
}

function encode(record: LabelRecord): Uint8Array {
  return utf8ToBytes(JSON.stringify(record));
}

function toRecord({ contribution, receipt, dropSet, objected, repair }: LabelState): LabelRecord {
  const hex = (bytes: Uint8Array | null): string | null =>
    bytes === null ? null : bytesToHex(bytes);
  return {
    contribution: hex(contribution),
    receipt: hex(receipt),
    dropSet:
      dropSet === null ? null : { message: bytesToHex(dropSet.message), seenAt: dropSet.seenAt },
    objected,
    repair: hex(repair),
  };
}

function decode(bytes: Uint8Array): LabelState {
  const record = readJson(recordField, bytes, damaged);
  const bytesOf = (hex: string | null): Uint8Array | null =>
    hex === null ? null : hexToBytes(hex);
  const { dropSet, objected } = record;
  return {
    contribution: bytesOf(record.contribution),
    receipt: bytesOf(record.receipt),
    dropSet:
      dropSet === null ? null : { message: hexToBytes(dropSet.message), seenAt: dropSet.seenAt },
    objected,
    repair: bytesOf(record.repair),
  };
}
