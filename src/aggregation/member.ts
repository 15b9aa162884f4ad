/** A member of a group: encrypts one value a label, and helps once a label when others are missing. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { bytesToInt } from "../algebra/index.js";
import { badDropSet, checkDropSet, dropSetDigest, type DropSet } from "./drop-set.js";
import type { DurableState } from "./durable-state.js";
import { aggregationErrors } from "./errors.js";
import { shake256 } from "./kernel.js";
import type { KeyContext } from "./key-share.js";
import { labelBytes } from "./label.js";
import type { PairwiseSecrets } from "./pairwise.js";
import { LABELS_PER_KEY, P } from "./parameters.js";
import { prf, type PrfKey } from "./prf.js";
import { checkValue, encrypt } from "./psa.js";
import type { Roster } from "./roster.js";
import { tagged, tags } from "./tags.js";

/** What a member has done with its key, all that must survive a restart. */
export type MemberState = {
  /** Decimal; `null` before the first. */
  readonly lastLabel: string | null;
  readonly labelsUsed: number;
  /** The last label repaired, and the drop-set it was repaired for. */
  readonly repairedLabel: string | null;
  readonly repairedFor: string | null;
};

export const freshMemberState: MemberState = {
  lastLabel: null,
  labelsUsed: 0,
  repairedLabel: null,
  repairedFor: null,
};

/** One member's encrypted value. */
export interface Contribution {
  readonly context: Uint8Array;
  readonly member: number;
  readonly label: bigint;
  /** Below 2^85; 11 bytes with `encodeCiphertext`. */
  readonly ciphertext: bigint;
}

/** F(kᵢ, label) under masks that cancel over all members present at the label. */
export interface RepairShare {
  readonly context: Uint8Array;
  readonly member: number;
  readonly label: bigint;
  /** Below 2^85. */
  readonly masked: bigint;
}

/** What names a member's key in the file of its state. */
export function memberStateId(context: KeyContext, index: number): string {
  return `${bytesToHex(context.id)}-${index}`;
}

export class Member {
  /** @param state holds `freshMemberState` for a new key, and is never shared with another key */
  constructor(
    readonly roster: Roster,
    readonly context: KeyContext,
    readonly index: number,
    private readonly key: PrfKey,
    private readonly pairwise: PairwiseSecrets,
    private readonly state: DurableState<MemberState>,
  ) {}

  /**
   * The ciphertext of `value` for `label`. Labels rise strictly. The mark is on disk before the
   * ciphertext exists, so a label whose ciphertext was lost is lost.
   *
   * Send it before the label is closed or never: an aggregator that gets it after a repair without
   * this member learns the sum of those it took for missing.
   * @throws aggregation/label-out-of-range, value-out-of-range, label-used, key-spent, state-moved
   */
  encrypt(label: bigint, value: bigint): Contribution {
    labelBytes(label);
    checkValue(value, this.roster.maxValue);
    const { current } = this.state;
    const { lastLabel, labelsUsed } = current;
    if (lastLabel !== null && label <= BigInt(lastLabel)) {
      throw aggregationErrors.error(
        "label-used",
        `label ${label} is not above ${lastLabel}, the last one used`,
        { label, lastLabel },
      );
    }
    if (labelsUsed >= LABELS_PER_KEY) {
      throw aggregationErrors.error(
        "key-spent",
        `label ${label} would be number ${labelsUsed + 1} of a key that serves ${LABELS_PER_KEY}`,
        { label, labelsUsed },
      );
    }
    this.state.advance({ ...current, lastLabel: `${label}`, labelsUsed: labelsUsed + 1 });
    return {
      context: this.context.id,
      member: this.index,
      label,
      ciphertext: encrypt(this.roster, this.key, this.context.id, label, value),
    };
  }

  /**
   * This member's part in a sum without the missing ones. The same drop-set again gives the same
   * share; another one for the same label, or one for an earlier label, is refused.
   * @throws aggregation/wrong-roster, bad-drop-set, too-few-present, second-drop-set, state-moved
   */
  repair(dropSet: DropSet): RepairShare {
    checkDropSet(this.roster, this.context, dropSet);
    const { label, missing } = dropSet;
    if (missing.includes(this.index)) throw badDropSet(label, "calls this member missing");
    const { current } = this.state;
    if (current.lastLabel === null || label > BigInt(current.lastLabel)) {
      throw badDropSet(label, "is for a label that this member has not yet served");
    }
    const digest = bytesToHex(dropSetDigest(dropSet));
    const { repairedLabel, repairedFor } = current;
    if (repairedLabel === null || label > BigInt(repairedLabel)) {
      this.state.advance({ ...current, repairedLabel: `${label}`, repairedFor: digest });
    } else if (label !== BigInt(repairedLabel) || digest !== repairedFor) {
      throw aggregationErrors.error(
        "second-drop-set",
        label === BigInt(repairedLabel)
          ? `label ${label} has been repaired for another drop-set`
          : `label ${label} is before ${repairedLabel}, the last one repaired`,
        { label, repairedLabel },
      );
    }
    return {
      context: this.context.id,
      member: this.index,
      label,
      masked: this.#maskedPrf(dropSet),
    };
  }

  #maskedPrf(dropSet: DropSet): bigint {
    const digest = dropSetDigest(dropSet);
    let sum = prf(this.key, this.context.id, dropSet.label);
    this.pairwise.forEach((secret, j) => {
      if (secret === null || dropSet.missing.includes(j)) return;
      const mask = bytesToInt(shake256(16, tagged(tags.repairMask, digest, secret)));
      sum += j > this.index ? mask : -mask;
    });
    // 2^85 divides 2^128, so the masks of 16 bytes are uniform modulo p.
    return ((sum % P) + P) % P;
  }
}
