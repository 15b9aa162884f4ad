/**
 * The aggregator of one group: it adds ciphertexts and decrypts sums only. It takes contributions for the
 * labels that it has opened and no others (`label-intake.ts`), and repairs where members are missing.
 */
import { equalBytes } from "../algebra/index.js";
import { MemoryStore, type Store } from "../store/index.js";
import { badDropSet, readDropSet } from "./drop-set.js";
import { aggregationErrors } from "./errors.js";
import type { KeyContext } from "./key-context.js";
import { LabelIntake, type IntakePlace, type Taken } from "./label-intake.js";
import { decodeResidue, readFromMember } from "./messages.js";
import type { PrfKey } from "./prf.js";
import { decrypt, decryptRepaired } from "./psa.js";
import type { Roster } from "./roster.js";

/** What the aggregator learns of a label. */
export interface GroupSum {
  readonly label: bigint;
  /** Sum of the values of all who were present. */
  readonly sum: bigint;
  readonly present: number;
  /** Identifiers of those who were not. */
  readonly missing: readonly string[];
}

export interface AggregatorPlace extends Pick<
  IntakePlace<bigint>,
  "roster" | "context" | "identity"
> {
  /**
   * From `KeyCollection`; `null` where the members do not trust the aggregator to say truly who is
   * missing: then no sum can be decrypted without one answer from each (`postDropSet`).
   */
  readonly keySum: PrfKey | null;
}

export class Aggregator {
  /** Repairs by label and member. */
  readonly #repairs = new Map<bigint, Map<number, Uint8Array>>();

  private constructor(
    private readonly place: AggregatorPlace,
    private readonly intake: LabelIntake<bigint>,
  ) {}

  /** The aggregator, as an earlier process on the same store left it. */
  static async start(
    place: AggregatorPlace,
    store: Store = new MemoryStore(),
  ): Promise<Aggregator> {
    const { quorum } = place.roster;
    const taking = { ...place, kind: "contribution", decode: decodeResidue, quorum } as const;
    const intake = await LabelIntake.start(taking, store);
    const aggregator = new Aggregator(place, intake);
    for (const label of intake.labels) {
      for (const message of await intake.kept(label, "repair/")) {
        const { member, body } = readFromMember(place, "repair", message);
        aggregator.#repairsOf(label).set(member, body);
      }
    }
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
  openLabel(label: bigint): Promise<void> {
    return this.intake.openLabel(label);
  }

  /**
   * Counts the contributions that hold, and gives for each the signed receipt. One that was counted before
   * gets its receipt again. All are durable when the promise resolves.
   */
  take(messages: readonly Uint8Array[]): Promise<Taken[]> {
    return this.intake.take(messages);
  }

  /** Identifiers of the members whose contribution has not arrived. @throws aggregation/label-closed, label-not-open */
  missing(label: bigint): string[] {
    return this.#names(this.intake.missing(label));
  }

  /**
   * The sum, when all have contributed.
   * @throws aggregation/members-missing, no-key-sum, sum-inconsistent, label-closed, label-not-open
   */
  async close(label: bigint): Promise<GroupSum> {
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
    const values = this.intake.values(label);
    const sum = decrypt({
      bounds: roster,
      keySum,
      context: context.id,
      label,
      ciphertextSum: total(values.values()),
    });
    await this.#close(label);
    return { label, sum, present: values.size, missing };
  }

  /**
   * The signed statement of who is missing, to be posted where every member sees it. From here on the label
   * takes no contribution. Asked again, it is the same.
   * @throws aggregation/too-few-present, label-closed, label-not-open
   */
  postDropSet(label: bigint): Promise<Uint8Array> {
    return this.intake.postDropSet(label);
  }

  /**
   * Counts a member's repair. The same again changes nothing.
   * @throws aggregation/wrong-roster, not-in-roster, bad-ciphertext, bad-drop-set, duplicate-contribution,
   *   label-closed, label-not-open; envelope/malformed, wrong-place, bad-signature
   */
  async takeRepair(message: Uint8Array): Promise<void> {
    const { member, label, body } = readFromMember(this.place, "repair", message);
    decodeResidue(body);
    const present = this.intake.values(label);
    if (this.intake.dropSet(label) === undefined) throw badDropSet(label, "has not been made");
    if (!present.has(member)) throw badDropSet(label, `has no share of member ${member}`);
    const repairs = this.#repairsOf(label);
    const known = repairs.get(member);
    if (known !== undefined) {
      if (equalBytes(known, body)) return;
      const [name] = this.#names([member]);
      throw aggregationErrors.error(
        "duplicate-contribution",
        `"${name}" has already sent another repair at label ${label}`,
        { member: name!, label },
      );
    }
    await this.intake.keep(label, `repair/${member}`, message);
    repairs.set(member, body);
  }

  /**
   * The sum over those present, when each of them has sent its repair share.
   * @throws aggregation/repair-incomplete, sum-inconsistent, bad-drop-set, label-closed, label-not-open
   */
  async finishRepair(label: bigint): Promise<GroupSum> {
    const values = this.intake.values(label);
    const dropSet = this.intake.dropSet(label);
    if (dropSet === undefined) throw badDropSet(label, "has not been made");
    const { missing } = readDropSet(this.place, dropSet);
    const repairs = this.#repairsOf(label);
    const silent = [...values.keys()].filter((m) => !repairs.has(m)).sort((a, b) => a - b);
    if (silent.length > 0) {
      const names = this.#names(silent).join(", ");
      throw aggregationErrors.error(
        "repair-incomplete",
        `at label ${label} repair shares are missing of ${names}`,
        { label, missing: names },
      );
    }
    const shares = total([...repairs.values()].map(decodeResidue));
    const present = values.size;
    const sum = decryptRepaired({
      bounds: this.roster,
      prfSum: shares,
      label,
      ciphertextSum: total(values.values()),
      present,
    });
    await this.#close(label);
    return { label, sum, present, missing: this.#names(missing) };
  }

  /** Gives a label up: a member objected, or failed before it answered. @throws aggregation/label-closed, label-not-open */
  abandon(label: bigint): Promise<void> {
    return this.#close(label);
  }

  async #close(label: bigint): Promise<void> {
    await this.intake.close(label);
    this.#repairs.delete(label);
  }

  #repairsOf(label: bigint): Map<number, Uint8Array> {
    let repairs = this.#repairs.get(label);
    if (repairs === undefined) this.#repairs.set(label, (repairs = new Map()));
    return repairs;
  }

  #names(indices: readonly number[]): string[] {
    return indices.map((i) => this.roster.members[i]!.member);
  }
}

function total(values: Iterable<bigint>): bigint {
  let sum = 0n;
  for (const value of values) sum += value;
  return sum;
}
