/**
 * The labels that an aggregator takes contributions for, with their books: contributions signed by members,
 * receipts signed by the aggregator, and the drop-set that ends the taking. Both schemes use it.
 *
 * Everything is in the store before it leaves, and whether a contribution came before the drop-set is decided
 * inside the store's transactions: an honest aggregator never signs a receipt and a drop-set that contradict
 * each other, however its calls overlap.
 */
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes } from "../algebra/index.js";
import type { KeyPair } from "../envelope/index.js";
import { isSipsterError, type SipsterError } from "../errors/sipster-error.js";
import type { Store, Transaction } from "../store/index.js";
import { checkQuorum, writeDropSet } from "./drop-set.js";
import { aggregationErrors } from "./errors.js";
import { labelBytes } from "./label.js";
import {
  messageDigest,
  readFromMember,
  writeReceipt,
  type ContributionKind,
  type GroupPlace,
} from "./messages.js";

/** Labels that take contributions or repairs at a time. */
export const MAX_OPEN_LABELS = 16;

/** What became of a message: the receipt for it, or why it was not counted. */
export type Taken = { readonly receipt: Uint8Array } | { readonly error: SipsterError };

export interface IntakePlace<V> extends GroupPlace {
  /** Of the aggregator. */
  readonly identity: KeyPair;
  readonly kind: ContributionKind;
  /** The value in the body of a contribution; throws a typed error for what is none. */
  readonly decode: (body: Uint8Array) => V;
  /** Least number present for a drop-set. */
  readonly quorum: number;
}

interface OpenLabel<V> {
  readonly values: Map<number, V>;
  dropSet: Uint8Array | undefined;
}

export class LabelIntake<V> {
  readonly #open = new Map<bigint, OpenLabel<V>>();
  readonly #closed = new Set<bigint>();
  readonly #at: string;

  private constructor(
    private readonly place: IntakePlace<V>,
    private readonly store: Store,
  ) {
    this.#at = `aggregation/aggregator/${bytesToHex(place.context.id)}`;
  }

  /** The labels as an earlier process on the same store left them. */
  static async start<V>(place: IntakePlace<V>, store: Store): Promise<LabelIntake<V>> {
    const intake = new LabelIntake(place, store);
    await store.transaction((tx) => intake.#load(tx));
    return intake;
  }

  /** Labels that are open, in no order. */
  get labels(): readonly bigint[] {
    return [...this.#open.keys()];
  }

  /** @throws aggregation/label-out-of-range, label-closed, too-many-labels */
  async openLabel(label: bigint): Promise<void> {
    labelBytes(label);
    if (this.#closed.has(label)) throw closed(label);
    if (this.#open.has(label)) return;
    if (this.#open.size >= MAX_OPEN_LABELS) {
      throw aggregationErrors.error(
        "too-many-labels",
        `${MAX_OPEN_LABELS} labels are open, label ${label} would be one more`,
        { label, open: MAX_OPEN_LABELS },
      );
    }
    this.#open.set(label, { values: new Map(), dropSet: undefined });
    try {
      await this.keep(label, "state", utf8ToBytes("open"));
    } catch (error) {
      this.#open.delete(label);
      throw error;
    }
  }

  /**
   * Counts the contributions that hold, and gives for each the signed receipt. One that was counted before
   * gets its receipt again. All are durable when the promise resolves.
   */
  async take(messages: readonly Uint8Array[]): Promise<Taken[]> {
    const { results, counted } = await this.store.transaction(async (tx) => {
      const counted: { open: OpenLabel<V>; member: number; value: V }[] = [];
      const results: Taken[] = [];
      for (const message of messages) {
        try {
          const { receipt, added } = await this.#takeOne(tx, message);
          if (added !== null) counted.push(added);
          results.push({ receipt });
        } catch (error) {
          if (!isSipsterError(error)) throw error;
          results.push({ error });
        }
      }
      return { results, counted };
    });
    for (const { open, member, value } of counted) open.values.set(member, value);
    return results;
  }

  /** Values by member. @throws aggregation/label-closed, label-not-open */
  values(label: bigint): ReadonlyMap<number, V> {
    return this.#labelFor(label).values;
  }

  /** Indices of members whose contribution has not arrived. @throws aggregation/label-closed, label-not-open */
  missing(label: bigint): number[] {
    const { values } = this.#labelFor(label);
    return [...this.place.roster.members.keys()].filter((m) => !values.has(m));
  }

  /** The drop-set that was posted, if one was. @throws aggregation/label-closed, label-not-open */
  dropSet(label: bigint): Uint8Array | undefined {
    return this.#labelFor(label).dropSet;
  }

  /**
   * The signed statement of who is missing. From here on the label takes no contribution. Asked again, it
   * is the same. @throws aggregation/too-few-present, label-closed, label-not-open
   */
  async postDropSet(label: bigint): Promise<Uint8Array> {
    const { roster, identity, quorum } = this.place;
    const open = this.#labelFor(label);
    open.dropSet ??= await this.store.transaction(async (tx) => {
      const key = this.#key(label, "drop-set");
      const posted = await tx.get(key);
      if (posted !== undefined) return posted;
      const prefix = this.#key(label, "contribution/");
      const present = new Set(
        (await tx.list(prefix)).map(([entry]) => Number(entry.slice(prefix.length))),
      );
      checkQuorum({ label, present: present.size, size: roster.size, quorum });
      const missing = [...roster.members.keys()].filter((m) => !present.has(m));
      const message = writeDropSet({ place: this.place, label, missing, aggregator: identity });
      tx.put(key, message);
      return message;
    });
    return open.dropSet;
  }

  /** The label takes nothing any more; its messages are deleted. @throws aggregation/label-closed, label-not-open */
  async close(label: bigint): Promise<void> {
    this.#labelFor(label);
    await this.store.transaction(async (tx) => {
      for (const [key] of await tx.list(this.#key(label, ""))) tx.delete(key);
      tx.put(this.#key(label, "state"), utf8ToBytes("closed"));
    });
    this.#open.delete(label);
    this.#closed.add(label);
  }

  /** Keeps something else about an open label, until it is closed. */
  keep(label: bigint, what: string, value: Uint8Array): Promise<void> {
    return this.store.transaction((tx) => {
      tx.put(this.#key(label, what), value);
      return Promise.resolve();
    });
  }

  /** What was kept under names that begin with `prefix`. */
  kept(label: bigint, prefix: string): Promise<Uint8Array[]> {
    return this.store.transaction(async (tx) =>
      (await tx.list(this.#key(label, prefix))).map(([, bytes]) => bytes),
    );
  }

  async #takeOne(tx: Transaction, message: Uint8Array) {
    const { place } = this;
    const { member, label, body } = readFromMember(place, place.kind, message);
    const open = this.#labelFor(label);
    const key = this.#key(label, `contribution/${member}`);
    const known = await tx.get(key);
    const receipt = (): Uint8Array => {
      const contribution = messageDigest(message);
      return writeReceipt(place, { label, member, contribution }, place.identity);
    };
    if (known !== undefined) {
      if (!equalBytes(known, message)) throw this.#duplicate(member, label);
      return { receipt: receipt(), added: null };
    }
    const value = place.decode(body);
    if ((await tx.get(this.#key(label, "drop-set"))) !== undefined) throw closed(label);
    tx.put(key, message);
    return { receipt: receipt(), added: { open, member, value } };
  }

  #labelFor(label: bigint): OpenLabel<V> {
    const open = this.#open.get(label);
    if (open !== undefined) return open;
    if (this.#closed.has(label)) throw closed(label);
    throw aggregationErrors.error("label-not-open", `label ${label} is not open`, { label });
  }

  #key(label: bigint, what: string): string {
    return `${this.#at}/${label}/${what}`;
  }

  /** Reads everything back. */
  async #load(tx: Transaction): Promise<void> {
    const entries = (await tx.list(`${this.#at}/`)).map(([key, bytes]) => {
      const [label, what] = key.slice(this.#at.length + 1).split("/");
      return { label: BigInt(label!), what: what!, bytes };
    });
    for (const { label, what, bytes } of entries) {
      if (what !== "state") continue;
      if (Buffer.from(bytes).toString() === "closed") this.#closed.add(label);
      else this.#open.set(label, { values: new Map(), dropSet: undefined });
    }
    for (const { label, what, bytes } of entries) {
      const open = this.#open.get(label);
      if (open === undefined) continue;
      if (what === "drop-set") open.dropSet = bytes;
      else if (what === "contribution") {
        const { member, body } = readFromMember(this.place, this.place.kind, bytes);
        open.values.set(member, this.place.decode(body));
      }
    }
  }

  #duplicate(member: number, label: bigint): Error {
    const { member: name } = this.place.roster.members[member]!;
    return aggregationErrors.error(
      "duplicate-contribution",
      `"${name}" has already been counted at label ${label}, with another contribution`,
      { member: name, label },
    );
  }
}

function closed(label: bigint): Error {
  return aggregationErrors.error("label-closed", `label ${label} is closed`, { label });
}
