/**
 * Who may report. The registrar knows the meters; for each interval it computes every pseudonym and key they
 * can use, with the one category each may be used for, and one pseudonym of presence for each home. Sorted by
 * pseudonym, which hides whose they are, they are the leaves of a sum tree whose total is the number of homes;
 * its root is anchored two intervals before. So the control centre recognises a genuine report by one look-up,
 * cannot tell which meter sent it, and cannot sign one. Nor can the registrar, which has no meter's secret key.
 */
import { eip712Type, equalBytes, type HintedPoint } from "../algebra/index.js";
import type { Store } from "../store/index.js";
import { keccak256 } from "./keccak.js";
import { group, parsePublicKey, POINT_BYTES } from "./curve.js";
import { localCurve, type CurveWork } from "./curve-work.js";
import { ledgerErrors } from "./errors.js";
import { PuncturablePrf } from "./ggm.js";
import {
  firstLeaf,
  oneTimes,
  PSEUDONYM_BYTES,
  type IntervalNumber,
  type Pseudonym,
} from "./one-time-key.js";
import { HOME_SLOTS, PRESENCE, type Slot } from "./parcels.js";
import { decodeRecord, encodeRecord, keyNumber } from "./record.js";
import { compareBytes, SumTree, type SumLeaf, type SumPath } from "./sum-tree.js";

/** What a meter hands to the registrar at installation. */
export interface Enrolment {
  /** The meter's long-lived public key, 33 bytes. */
  readonly publicKey: Uint8Array;
  /** The meter's key tree: gives pseudonyms, and keys to anyone who has `publicKey`. */
  readonly tree: PuncturablePrf;
}

export interface EnrolmentEntry {
  readonly pseudonym: Pseudonym;
  readonly category: Slot;
  readonly key: Uint8Array;
  /** The y coordinate of the key, which spares a square root; nothing depends on it. */
  readonly keyY?: Uint8Array;
}

/** An entry at its position, with the path to the anchored root. */
export interface ProvedEntry {
  readonly index: number;
  readonly entry: EnrolmentEntry;
  readonly path: SumPath;
}

const ENTRY = eip712Type("Entry(uint32 interval,bytes32 pseudonym,uint8 category,bytes33 key)");

/** Keccak-256 of the fields packed in 102 bytes, as the contract packs them; presence counts a home. */
function entryLeaf(
  interval: IntervalNumber,
  { pseudonym, category, key }: EnrolmentEntry,
): SumLeaf {
  const packed = new Uint8Array(102);
  packed.set(ENTRY, 0);
  new DataView(packed.buffer).setUint32(32, interval);
  packed.set(pseudonym, 36);
  packed[68] = category;
  packed.set(key, 69);
  return { hash: keccak256(packed), load: category === PRESENCE ? 1n : 0n };
}

/** The reports that can be genuine in one interval. */
export class EnrolmentList {
  readonly entries: readonly EnrolmentEntry[];
  readonly #places: ReadonlyMap<string, number>;
  #tree: SumTree | undefined;
  #judged: { readonly fault: string | undefined } | undefined;

  /** `entries` in any order. */
  constructor(
    readonly interval: IntervalNumber,
    entries: readonly EnrolmentEntry[],
  ) {
    this.entries = entries.toSorted((a, b) => compareBytes(a.pseudonym, b.pseudonym));
    this.#places = new Map(this.entries.map((e, i) => [nameOf(e.pseudonym), i]));
  }

  get #planted(): SumTree {
    return (this.#tree ??= new SumTree(this.entries.map((e) => entryLeaf(this.interval, e))));
  }

  /**
   * Why nobody should admit reports by this list; undefined if it is sound. Each home has its slots, no more and no
   * fewer, so that homes are counted; and each pseudonym one entry, or a row of one would contradict the other.
   */
  get fault(): string | undefined {
    return (this.#judged ??= { fault: this.#findFault() }).fault;
  }

  #findFault(): string | undefined {
    const counts = new Map<Slot, number>();
    for (const { category, key, pseudonym } of this.entries) {
      counts.set(category, (counts.get(category) ?? 0) + 1);
      const isShaped = key.length === POINT_BYTES && pseudonym.length === PSEUDONYM_BYTES;
      if (!isShaped) return "an entry has a pseudonym or a key of another length";
    }
    if (this.#places.size !== this.entries.length) return "a pseudonym has two entries";
    const isEven = HOME_SLOTS.every((slot) => {
      const ofHome = HOME_SLOTS.filter((s) => s === slot).length;
      return (counts.get(slot) ?? 0) === this.homes * ofHome;
    });
    const isWhole = isEven && this.entries.length === this.homes * HOME_SLOTS.length;
    return isWhole ? undefined : "its entries are not those of whole homes";
  }

  /** What is anchored with the page two intervals before. */
  get root(): Uint8Array {
    return this.#planted.root;
  }

  /** Number of homes: of the entries of presence. */
  get homes(): number {
    return Number(this.#planted.total);
  }

  /** The entry of a pseudonym; undefined if it is not enrolled. */
  entryOf(pseudonym: Pseudonym): EnrolmentEntry | undefined {
    return this.entries[this.#places.get(nameOf(pseudonym)) ?? -1];
  }

  /** The nodes from the root down towards the first entry. */
  nodes(): ReturnType<SumTree["nodes"]> {
    return this.#planted.nodes(0);
  }

  /** The entry of a pseudonym alone, or the one or two between which it would be. */
  around(pseudonym: Pseudonym): ProvedEntry[] {
    const place = this.#places.get(nameOf(pseudonym));
    if (place !== undefined) return [this.#prove(place)];
    const after = this.entries.findIndex((e) => compareBytes(e.pseudonym, pseudonym) > 0);
    const places = after === -1 ? [this.entries.length - 1] : [after - 1, after];
    return places.filter((i) => i >= 0).map((i) => this.#prove(i));
  }

  #prove(index: number): ProvedEntry {
    return { index, entry: this.entries[index]!, path: this.#planted.path(index) };
  }
}

interface Enrolled {
  readonly publicKey: Uint8Array;
  readonly key: HintedPoint;
  readonly tree: PuncturablePrf;
  /** The first interval in which it reports. */
  readonly from: IntervalNumber;
  /** The first interval in which it does not report any more; undefined for none. */
  excludedFrom: IntervalNumber | undefined;
}

/** As the store has it. */
interface EnrolledRecord {
  readonly publicKey: Uint8Array;
  readonly tree: Uint8Array;
  readonly from: IntervalNumber;
  readonly excludedFrom: IntervalNumber | undefined;
}

const METERS = "ledger/registrar/meter/";

export class Registrar {
  /** The last interval of which this process made a list. */
  #listed: IntervalNumber = -1;

  private constructor(
    private readonly store: Store,
    private readonly meters: Enrolled[],
    private readonly curve: CurveWork,
  ) {}

  /** Starts with the meters that the store holds. @throws ledger/record-damaged, ledger/bad-key */
  static async open(store: Store, curve: CurveWork = localCurve): Promise<Registrar> {
    const kept = await store.transaction((tx) => tx.list(METERS));
    const meters = kept.map(([, bytes]): Enrolled => {
      const { tree, ...record } = decodeRecord(bytes) as EnrolledRecord;
      const key = hintedKey(record.publicKey);
      return { ...record, key, tree: PuncturablePrf.fromBytes(tree) };
    });
    return new Registrar(store, meters, curve);
  }

  /**
   * Returns the meter's number, when it is kept.
   * @param from the first interval in which it reports: after the last whose enrolment is anchored, so that the lists
   * that are anchored can be made again when the process ended.
   * @throws ledger/bad-key if the public key is not a point; ledger/known-meter if it is enrolled; ledger/list-made;
   * ledger/other-process
   */
  async enrol({ publicKey, tree }: Enrolment, from: IntervalNumber): Promise<number> {
    const key = hintedKey(publicKey);
    const known = this.meters.findIndex((meter) => equalBytes(meter.publicKey, publicKey));
    if (known !== -1) {
      const message = `the meter is enrolled under the number ${known}`;
      throw ledgerErrors.error("known-meter", message, { meter: known });
    }
    this.#requireNoList(from);
    const number = this.meters.length;
    const place = METERS + keyNumber(number);
    const record = { publicKey, tree: tree.toBytes(), from, excludedFrom: undefined };
    await this.store.transaction(async (tx) => {
      if ((await tx.get(place)) !== undefined) {
        throw ledgerErrors.error("other-process", `another process has enrolled meter ${number}`);
      }
      tx.put(place, encodeRecord(record));
    });
    this.meters.push({ ...record, key, tree: tree.clone() });
    return number;
  }

  /**
   * Leaves a faulty meter out from an interval on, of which no list was made yet. Everyone sees it: the home count in
   * the anchored terms falls.
   * @throws ledger/unknown-meter, ledger/list-made
   */
  async exclude(meter: number, from: IntervalNumber): Promise<void> {
    const enrolled = this.meters[meter];
    if (enrolled === undefined) {
      throw ledgerErrors.error("unknown-meter", `no meter has the number ${meter}`, { meter });
    }
    this.#requireNoList(from);
    await this.#change([meter], () => ({ excludedFrom: from }));
    enrolled.excludedFrom = from;
  }

  /** Forgets every interval before this one in the store too: its lists cannot be made again. */
  async forgetBefore(interval: IntervalNumber): Promise<void> {
    const bound = firstLeaf(interval);
    for (const { tree } of this.meters) tree.punctureBefore(bound);
    await this.#change([...this.meters.keys()], (kept) => {
      const tree = PuncturablePrf.fromBytes(kept.tree);
      tree.punctureBefore(bound);
      return { tree: tree.toBytes() };
    });
  }

  /**
   * Changes what the store has of meters. It has their trees as they were given, but for what is forgotten for good:
   * the lists that are anchored can be made again when the process ended.
   */
  async #change(
    numbers: readonly number[],
    change: (kept: EnrolledRecord) => Partial<EnrolledRecord>,
  ): Promise<void> {
    await this.store.transaction(async (tx) => {
      for (const number of numbers) {
        const key = METERS + keyNumber(number);
        const kept = decodeRecord((await tx.get(key))!) as EnrolledRecord;
        tx.put(key, encodeRecord({ ...kept, ...change(kept) }));
      }
    });
  }

  #requireNoList(from: IntervalNumber): void {
    if (from > this.#listed) return;
    const message = `the list of interval ${this.#listed} is made: ${from} is too early for a change`;
    throw ledgerErrors.error("list-made", message, { from, listed: this.#listed });
  }

  /**
   * The list of an interval; everything before it is forgotten by this process. A meter with a pseudonym of one that
   * was enrolled before it is left out, as one that is excluded.
   * @throws ledger/interval-range, ledger/leaf-gone if a later list was made already
   */
  async list(interval: IntervalNumber): Promise<EnrolmentList> {
    const meters = this.meters.flatMap(({ key, tree, from, excludedFrom }) => {
      tree.punctureBefore(firstLeaf(interval));
      if (interval < from || (excludedFrom !== undefined && interval >= excludedFrom)) return [];
      return [{ key, names: oneTimes({ tree, interval, count: HOME_SLOTS.length }) }];
    });
    // From here on nobody may change who is on it.
    this.#listed = Math.max(this.#listed, interval);
    const keys = await this.curve.tweakedKeys(
      meters.map(({ key, names }) => ({ key, tweaks: names.map(({ tweak }) => tweak) })),
    );
    const homes = meters.map(({ names }, home) =>
      names.map(({ pseudonym }, i): EnrolmentEntry => {
        const { encoded: key, y: keyY } = keys[home]![i]!;
        return { pseudonym, category: HOME_SLOTS[i]!, key, keyY };
      }),
    );
    const list = new EnrolmentList(interval, homes.flat());
    return list.fault === undefined ? list : new EnrolmentList(interval, withoutDoubles(homes));
  }
}

/** @throws ledger/bad-key if the public key is not a point */
function hintedKey(publicKey: Uint8Array): HintedPoint {
  return group.encodeHinted([parsePublicKey(publicKey)])[0]!;
}

/** The entries of each home that shares no pseudonym with one before it. */
function withoutDoubles(homes: readonly (readonly EnrolmentEntry[])[]): EnrolmentEntry[] {
  const taken = new Set<string>();
  return homes.flatMap((entries) => {
    const names = entries.map(({ pseudonym }) => nameOf(pseudonym));
    if (names.some((name) => taken.has(name))) return [];
    for (const name of names) taken.add(name);
    return entries;
  });
}

/** A map key for bytes: one character a byte. */
export function nameOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
