/**
 * The aggregator of one group: it adds ciphertexts as they arrive and decrypts sums only. It takes
 * contributions for the labels that it has opened and no others, each signed by its member; answers each with
 * a signed receipt; and has every message in its store before it answers.
 */
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes } from "../algebra/index.js";
import type { KeyPair } from "../envelope/index.js";
import { isSipsterError, type SipsterError } from "../errors/sipster-error.js";
import { MemoryStore, type Store, type Transaction } from "../store/index.js";
import { badDropSet, checkQuorum, readDropSet, writeDropSet, type DropSet } from "./drop-set.js";
import { aggregationErrors } from "./errors.js";
import type { KeyContext } from "./key-context.js";
import { labelBytes } from "./label.js";
import {
  decodeResidue,
  messageDigest,
  readFromMember,
  writeReceipt,
  type GroupPlace,
} from "./messages.js";
import type { PrfKey } from "./prf.js";
import { decrypt, decryptRepaired } from "./psa.js";
import type { Roster } from "./roster.js";
import { Tally } from "./tally.js";

/** Labels that take contributions or repairs at a time. */
export const MAX_OPEN_LABELS = 16;

/** What the aggregator learns of a label. */
export interface GroupSum {
  readonly label: bigint;
  /** Sum of the values of all who were present. */
  readonly sum: bigint;
  readonly present: number;
  /** Identifiers of those who were not. */
  readonly missing: readonly string[];
}

/** What became of a message: the receipt for it, or why it was not counted. */
export type Taken = { readonly receipt: Uint8Array } | { readonly error: SipsterError };

interface OpenLabel {
  readonly contributions: Tally;
  repair: { readonly message: Uint8Array; readonly shares: Tally } | undefined;
}

export interface AggregatorPlace extends GroupPlace {
  readonly identity: KeyPair;
  /**
   * From `KeyCollector`; `null` where the members do not trust the aggregator to say truly who is
   * missing: then no sum can be decrypted without one answer from each (`postDropSet`).
   */
  readonly keySum: PrfKey | null;
}

export class Aggregator {
  readonly #open = new Map<bigint, OpenLabel>();
  readonly #closed = new Set<bigint>();
  readonly #at: string;

  private constructor(
    private readonly place: AggregatorPlace,
    private readonly store: Store,
  ) {
    this.#at = `aggregation/aggregator/${bytesToHex(place.context.id)}`;
  }

  /** The aggregator, as an earlier process on the same store left it. */
  static async start(
    place: AggregatorPlace,
    store: Store = new MemoryStore(),
  ): Promise<Aggregator> {
    const aggregator = new Aggregator(place, store);
    await store.transaction((tx) => aggregator.#load(tx));
    return aggregator;
  }

  get roster(): Roster {
    return this.place.roster;
  }

  get context(): KeyContext {
    return this.place.context;
  }

  /**
   * Takes contributions for a label from here on.
   * @throws aggregation/label-out-of-range, label-closed, too-many-labels
   */
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
    await this.#keep(label, "state", "open");
    this.#open.set(label, this.#fresh());
  }

  /**
   * Counts the contributions that hold, and gives for each the signed receipt. One that was counted before
   * gets its receipt again. All are durable when the promise resolves.
   */
  async take(messages: readonly Uint8Array[]): Promise<Taken[]> {
    const { store, place } = this;
    const { results, counted } = await store.transaction(async (tx) => {
      const counted: { tally: Tally; member: number; value: bigint }[] = [];
      const results: Taken[] = [];
      for (const message of messages) {
        try {
          const { member, label, body } = readFromMember(place, "contribution", message);
          const open = this.#labelFor(label);
          const key = this.#key(label, `contribution/${member}`);
          const known = await tx.get(key);
          if (known === undefined) {
            const value = decodeResidue(body);
            if (open.repair !== undefined) throw closed(label);
            tx.put(key, message);
            counted.push({ tally: open.contributions, member, value });
          } else if (!equalBytes(known, message)) throw this.#duplicate(member, label);
          const contribution = messageDigest(message);
          const receipt = writeReceipt(place, { label, member, contribution }, place.identity);
          results.push({ receipt });
        } catch (error) {
          if (!isSipsterError(error)) throw error;
          results.push({ error });
        }
      }
      return { results, counted };
    });
    for (const { tally, member, value } of counted) tally.add(member, value);
    return results;
  }

  /** Identifiers of the members whose contribution has not arrived. @throws aggregation/label-closed, label-not-open */
  missing(label: bigint): string[] {
    return this.#names(this.#labelFor(label).contributions.absent());
  }

  /**
   * The sum, when all have contributed.
   * @throws aggregation/members-missing, no-key-sum, sum-inconsistent, label-closed, label-not-open
   */
  async close(label: bigint): Promise<GroupSum> {
    const { contributions } = this.#labelFor(label);
    const missing = this.missing(label);
    if (missing.length > 0) {
      throw aggregationErrors.error(
        "members-missing",
        `at label ${label} contributions are missing of ${missing.join(", ")}`,
        { label, missing: missing.join(" ") },
      );
    }
    const { keySum, roster, context } = this.place;
    if (keySum === null) {
      throw aggregationErrors.error(
        "no-key-sum",
        `label ${label} cannot be closed alone: this aggregator was not given the sum of the keys`,
        { label },
      );
    }
    const sum = decrypt(roster, keySum, context.id, label, contributions.sum);
    await this.#close(label);
    return { label, sum, present: contributions.count, missing };
  }

  /**
   * The signed statement of who is missing, to be posted where every member sees it. From here on the label
   * takes no contribution. Asked again, it is the same.
   * @throws aggregation/too-few-present, label-closed, label-not-open
   */
  async postDropSet(label: bigint): Promise<Uint8Array> {
    const open = this.#labelFor(label);
    if (open.repair === undefined) {
      const missing = open.contributions.absent();
      checkQuorum(this.roster, label, open.contributions.count);
      const message = writeDropSet(this.place, label, missing, this.place.identity);
      await this.#keep(label, "drop-set", message);
      open.repair = { message, shares: new Tally(this.roster.size) };
    }
    return open.repair.message;
  }

  /**
   * Counts a member's repair. The same again is no change.
   * @throws aggregation/wrong-roster, not-in-roster, bad-ciphertext, bad-drop-set, label-closed,
   *   label-not-open; envelope/malformed, wrong-place, bad-signature
   */
  async takeRepair(message: Uint8Array): Promise<void> {
    const { member, label, body } = readFromMember(this.place, "repair", message);
    const value = decodeResidue(body);
    const { contributions, repair } = this.#labelFor(label);
    if (repair === undefined) throw badDropSet(label, "has not been made");
    if (!contributions.has(member)) throw badDropSet(label, `has no share of member ${member}`);
    if (repair.shares.has(member)) return;
    repair.shares.add(member, value);
    await this.#keep(label, `repair/${member}`, message);
  }

  /**
   * The sum over those present, when each of them has sent its repair share.
   * @throws aggregation/repair-incomplete, sum-inconsistent, bad-drop-set, label-closed, label-not-open
   */
  async finishRepair(label: bigint): Promise<GroupSum> {
    const { contributions, repair } = this.#labelFor(label);
    if (repair === undefined) throw badDropSet(label, "has not been made");
    const { missing }: DropSet = readDropSet(this.place, repair.message);
    const silent = repair.shares.absent().filter((m) => contributions.has(m));
    if (silent.length > 0) {
      const names = this.#names(silent).join(", ");
      throw aggregationErrors.error(
        "repair-incomplete",
        `at label ${label} repair shares are missing of ${names}`,
        { label, missing: names },
      );
    }
    const { sum, count } = contributions;
    const value = decryptRepaired(this.roster, repair.shares.sum, label, sum, count);
    await this.#close(label);
    return { label, sum: value, present: count, missing: this.#names(missing) };
  }

  /** Gives a label up: a member objected, or failed before it answered. @throws aggregation/label-closed, label-not-open */
  async abandon(label: bigint): Promise<void> {
    this.#labelFor(label);
    await this.#close(label);
  }

  #fresh(): OpenLabel {
    return { contributions: new Tally(this.roster.size), repair: undefined };
  }

  #labelFor(label: bigint): OpenLabel {
    const open = this.#open.get(label);
    if (open !== undefined) return open;
    if (this.#closed.has(label)) throw closed(label);
    throw aggregationErrors.error("label-not-open", `label ${label} is not open`, { label });
  }

  async #close(label: bigint): Promise<void> {
    await this.store.transaction(async (tx) => {
      for (const [key] of await tx.list(this.#key(label, ""))) tx.delete(key);
      tx.put(this.#key(label, "state"), utf8ToBytes("closed"));
    });
    this.#open.delete(label);
    this.#closed.add(label);
  }

  #key(label: bigint, what: string): string {
    return `${this.#at}/${label}/${what}`;
  }

  #keep(label: bigint, what: string, value: Uint8Array | string): Promise<void> {
    const bytes = typeof value === "string" ? utf8ToBytes(value) : value;
    return this.store.transaction((tx) => {
      tx.put(this.#key(label, what), bytes);
      return Promise.resolve();
    });
  }

  /** Reads everything back. */
  async #load(tx: Transaction): Promise<void> {
    const entries = await tx.list(`${this.#at}/`);
    const parts = entries.map(([key, bytes]) => {
      const [label, what] = key.slice(this.#at.length + 1).split("/");
      return { label: BigInt(label!), what: what!, bytes };
    });
    for (const { label, what, bytes } of parts) {
      if (what !== "state") continue;
      if (Buffer.from(bytes).toString() === "closed") this.#closed.add(label);
      else this.#open.set(label, this.#fresh());
    }
    for (const { label, what, bytes } of parts) {
      const open = this.#open.get(label);
      if (open === undefined) continue;
      if (what === "drop-set") {
        open.repair = { message: bytes, shares: new Tally(this.roster.size) };
      } else if (what === "contribution") {
        const { member, body } = readFromMember(this.place, "contribution", bytes);
        open.contributions.add(member, decodeResidue(body));
      }
    }
    for (const { label, what, bytes } of parts) {
      const repair = this.#open.get(label)?.repair;
      if (what !== "repair" || repair === undefined) continue;
      const { member, body } = readFromMember(this.place, "repair", bytes);
      repair.shares.add(member, decodeResidue(body));
    }
  }

  #duplicate(member: number, label: bigint): Error {
    const { member: name } = this.roster.members[member]!;
    return aggregationErrors.error(
      "duplicate-contribution",
      `"${name}" has already been counted at label ${label}, with another contribution`,
      { member: name, label },
    );
  }

  #names(indices: readonly number[]): string[] {
    return indices.map((i) => this.roster.members[i]!.member);
  }
}

function closed(label: bigint): Error {
  return aggregationErrors.error("label-closed", `label ${label} is closed`, { label });
}
