/**
 * The aggregator of one group: it adds ciphertexts as they arrive, keeps one integer and one bit a
 * member for each open label, and decrypts sums only.
 */
import { badDropSet, checkQuorum, signDropSet, type DropSet } from "./drop-set.js";
import type { KeyPair } from "../envelope/index.js";
import { aggregationErrors } from "./errors.js";
import { checkContext, type KeyContext } from "./key-share.js";
import type { Contribution, RepairShare } from "./member.js";
import { P } from "./parameters.js";
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

/** A sum, not reduced, and who is in it. */
class Tally {
  sum = 0n;
  count = 0;
  readonly #in: Uint8Array;

  constructor(size: number) {
    this.#in = new Uint8Array(size);
  }

  has(member: number): boolean {
    return this.#in[member] === 1;
  }

  /** False if the member is in it already. */
  add(member: number, value: bigint): boolean {
    if (this.has(member)) return false;
    this.#in[member] = 1;
    this.count++;
    this.sum += value;
    return true;
  }

  /** Members of the group that are not in it, ascending. */
  absent(): number[] {
    const absent: number[] = [];
    if (this.count === this.#in.length) return absent;
    for (let m = 0; m < this.#in.length; m++) if (this.#in[m] === 0) absent.push(m);
    return absent;
  }
}

interface OpenLabel {
  readonly contributions: Tally;
  repair: { readonly dropSet: DropSet; readonly shares: Tally } | undefined;
}

export class Aggregator {
  readonly #open = new Map<bigint, OpenLabel>();
  readonly #closed = new Set<bigint>();

  /**
   * @param keySum from `KeyCollector`; `null` where the members do not trust the aggregator to say
   *   truly who is missing: then no sum can be decrypted without one answer from each (`declareMissing`)
   */
  constructor(
    readonly roster: Roster,
    readonly context: KeyContext,
    private readonly identity: KeyPair,
    private readonly keySum: PrfKey | null,
  ) {}

  /** @throws aggregation/wrong-roster, bad-ciphertext, label-closed, duplicate-contribution */
  add(contribution: Contribution): void {
    const { member, label, ciphertext } = contribution;
    checkContext(this.context, contribution.context, "the contribution");
    this.#checkPart(member, ciphertext);
    const open = this.#labelFor(label);
    if (open.repair !== undefined) throw closed(label);
    if (!open.contributions.add(member, ciphertext)) throw this.#duplicate(member, label);
  }

  /** Identifiers of the members whose contribution has not arrived. @throws aggregation/label-closed */
  missing(label: bigint): string[] {
    return this.#names(this.#labelFor(label).contributions.absent());
  }

  /**
   * The sum, when all have contributed.
   * @throws aggregation/members-missing, no-key-sum, sum-inconsistent, label-closed
   */
  close(label: bigint): GroupSum {
    const { contributions } = this.#labelFor(label);
    const missing = this.missing(label);
    if (missing.length > 0) {
      throw aggregationErrors.error(
        "members-missing",
        `at label ${label} contributions are missing of ${missing.join(", ")}`,
        { label, missing: missing.join(" ") },
      );
    }
    if (this.keySum === null) {
      throw aggregationErrors.error(
        "no-key-sum",
        `label ${label} cannot be closed alone: this aggregator was not given the sum of the keys`,
        { label },
      );
    }
    const sum = decrypt(this.roster, this.keySum, this.context.id, label, contributions.sum);
    this.#close(label);
    return { label, sum, present: contributions.count, missing };
  }

  /**
   * The signed statement of who is missing, for all who are present. From here on the label takes
   * no contribution.
   * @throws aggregation/too-few-present, label-closed
   */
  declareMissing(label: bigint): DropSet {
    const open = this.#labelFor(label);
    if (open.repair === undefined) {
      const missing = open.contributions.absent();
      checkQuorum(this.roster, label, open.contributions.count);
      const dropSet = signDropSet(this.context, label, missing, this.identity);
      open.repair = { dropSet, shares: new Tally(this.roster.size) };
    }
    return open.repair.dropSet;
  }

  /** @throws aggregation/wrong-roster, bad-ciphertext, bad-drop-set, duplicate-contribution, label-closed */
  addRepair(share: RepairShare): void {
    const { member, label, masked } = share;
    checkContext(this.context, share.context, "the repair share");
    this.#checkPart(member, masked);
    const { contributions, repair } = this.#labelFor(label);
    if (repair === undefined) throw badDropSet(label, "has not been made");
    if (!contributions.has(member)) throw badDropSet(label, `has no share of member ${member}`);
    if (!repair.shares.add(member, masked)) throw this.#duplicate(member, label);
  }

  /**
   * The sum over those present, when each of them has sent its repair share.
   * @throws aggregation/repair-incomplete, sum-inconsistent, bad-drop-set, label-closed
   */
  finishRepair(label: bigint): GroupSum {
    const { contributions, repair } = this.#labelFor(label);
    if (repair === undefined) throw badDropSet(label, "has not been made");
    const absent = contributions.absent();
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
    this.#close(label);
    return { label, sum: value, present: count, missing: this.#names(absent) };
  }

  #labelFor(label: bigint): OpenLabel {
    if (this.#closed.has(label)) throw closed(label);
    let open = this.#open.get(label);
    if (open === undefined) {
      open = { contributions: new Tally(this.roster.size), repair: undefined };
      this.#open.set(label, open);
    }
    return open;
  }

  #close(label: bigint): void {
    this.#open.delete(label);
    this.#closed.add(label);
  }

  #checkPart(member: number, value: bigint): void {
    if (this.roster.members[member] === undefined || value < 0n || value >= P) {
      throw aggregationErrors.error(
        "bad-ciphertext",
        `member ${member} is not in the roster, or its value is not below 2^85`,
        { member },
      );
    }
  }

  #duplicate(member: number, label: bigint): Error {
    const { member: name } = this.roster.members[member]!;
    return aggregationErrors.error(
      "duplicate-contribution",
      `"${name}" has already been counted at label ${label}`,
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
