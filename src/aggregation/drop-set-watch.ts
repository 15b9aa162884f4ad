/**
 * A member's memory of receipts, drop-sets and objections, label by label: how it finds out that the
 * aggregator lies about who is missing. Both schemes use it.
 */
import { equalBytes } from "../algebra/index.js";
import type { KeyPair } from "../envelope/index.js";
import {
  badDropSet,
  readDropSet,
  readObjection,
  writeObjection,
  type DropSet,
} from "./drop-set.js";
import { aggregationErrors } from "./errors.js";
import type { LabelMark } from "./label-mark.js";
import { messageDigest, readReceipt, type ContributionKind, type GroupPlace } from "./messages.js";

export interface WatchPlace extends GroupPlace {
  readonly index: number;
  readonly identity: KeyPair;
  /** Seconds, by the member's own clock. */
  readonly now: () => number;
  readonly kind: ContributionKind;
  /** Least number present that a drop-set may leave. */
  readonly quorum: number;
}

export class DropSetWatch {
  constructor(
    private readonly place: WatchPlace,
    private readonly mark: LabelMark,
  ) {}

  /**
   * Keeps the aggregator's receipt for a contribution.
   * @throws aggregation/bad-receipt, label-not-served; and what reading the message throws
   */
  async receive(message: Uint8Array): Promise<void> {
    const receipt = readReceipt(this.place, message);
    await this.mark.atLabel(receipt.label, (state) => {
      const { contribution } = state;
      const isOwn =
        receipt.member === this.place.index &&
        contribution !== null &&
        equalBytes(receipt.contribution, messageDigest(contribution));
      if (!isOwn) {
        throw aggregationErrors.error(
          "bad-receipt",
          `the receipt at label ${receipt.label} is for something else`,
          { label: receipt.label },
        );
      }
      state.receipt = message;
    });
  }

  /**
   * Takes note of a posted drop-set. Returns this member's objection if it is named although it
   * contributed; `null` otherwise. A label that was closed without this member takes no contribution of
   * it any more. A second drop-set for the label ends the epoch.
   * @throws aggregation/wrong-roster, bad-drop-set, too-few-present, second-drop-set, label-not-served
   */
  async see(message: Uint8Array): Promise<Uint8Array | null> {
    const { index, identity, now } = this.place;
    const { label, missing } = this.read(message);
    if (missing.includes(index) && !(await this.mark.hasServed(label))) {
      await this.mark.pass(label);
      return null;
    }
    const seenAt = now();
    const outcome = await this.mark.atLabel(label, (state) => {
      if (state.dropSet !== null && !equalBytes(state.dropSet.message, message)) return "second";
      state.dropSet ??= { message, seenAt };
      if (!missing.includes(index)) return null;
      const { contribution, receipt } = state;
      return writeObjection({
        place: this.place,
        label,
        evidence: { contribution: contribution!, receipt },
        key: identity,
      });
    });
    if (outcome !== "second") return outcome;
    await this.mark.end(`two drop-sets were posted for label ${label}`);
    throw aggregationErrors.error("second-drop-set", `label ${label} has two drop-sets`, { label });
  }

  /**
   * Takes note of an objection to a drop-set that this member saw. One with a receipt proves that the
   * aggregator lied, and ends the epoch.
   * @throws aggregation/bad-objection, epoch-ended, label-not-served; and what reading it throws
   */
  async hear(label: bigint, message: Uint8Array): Promise<void> {
    const isProof = await this.mark.atLabel(label, (state) => {
      const dropSet = this.seen(label, state.dropSet);
      const objection = readObjection({
        place: this.place,
        kind: this.place.kind,
        dropSet,
        message,
      });
      state.objected = true;
      return objection.isProof;
    });
    if (isProof) {
      await this.mark.end(
        `the aggregator called a member missing at label ${label} and had signed its receipt`,
      );
    }
  }

  /** Why this member takes no part in the epoch any more; `null` while it does. */
  ended(): Promise<string | null> {
    return this.mark.ended();
  }

  /** The drop-set of a label's record. @throws aggregation/bad-drop-set if there is none */
  seen(label: bigint, dropSet: { readonly message: Uint8Array } | null): DropSet {
    if (dropSet === null) throw badDropSet(label, "has not been seen");
    return this.read(dropSet.message);
  }

  private read(message: Uint8Array): DropSet {
    return readDropSet(this.place, message, this.place.quorum);
  }
}
