/** A member of a group: encrypts one value a label, and helps once a label when others are missing. */
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { bytesToInt } from "../algebra/index.js";
import type { Store } from "../store/index.js";
import { badDropSet, checkDropSet, dropSetDigest, type DropSet } from "./drop-set.js";
import { aggregationErrors } from "./errors.js";
import { shake256 } from "./kernel.js";
import type { KeyContext } from "./key-share.js";
import { LabelMark } from "./label-mark.js";
import type { PairwiseSecrets } from "./pairwise.js";
import { KEY_BYTES, LABELS_PER_KEY, P } from "./parameters.js";
import { parsePrfKey, prf, type PrfKey } from "./prf.js";
import { checkValue, encrypt } from "./psa.js";
import type { Roster } from "./roster.js";
import { tagged, tags } from "./tags.js";

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

/** Which member, of which roster, for which stream and epoch. */
export interface MemberPlace {
  readonly roster: Roster;
  readonly context: KeyContext;
  readonly index: number;
}

export class Member {
  private constructor(
    private readonly place: MemberPlace,
    private readonly key: PrfKey,
    private readonly pairwise: PairwiseSecrets,
    private readonly mark: LabelMark,
  ) {}

  /**
   * A member with a new key, which is kept in the store with everything that `resume` needs.
   * @throws aggregation/state-exists if the store has a key for this place
   */
  static async create(
    place: MemberPlace,
    key: PrfKey,
    pairwise: PairwiseSecrets,
    store: Store,
  ): Promise<Member> {
    const at = storePlace(place);
    const secrets = concatBytes(key, ...pairwise.map((secret) => secret ?? new Uint8Array(32)));
    const mark = await LabelMark.create(store, `${at}/mark`, (tx) => {
      tx.put(`${at}/secrets`, secrets);
    });
    return new Member(place, key, pairwise, mark);
  }

  /**
   * The member as an earlier process left it.
   * @throws aggregation/state-missing if the store has no key for this place
   */
  static async resume(place: MemberPlace, store: Store): Promise<Member> {
    const at = storePlace(place);
    const mark = await LabelMark.resume(store, `${at}/mark`);
    const secrets = await store.transaction((tx) => tx.get(`${at}/secrets`));
    if (secrets === undefined) {
      throw aggregationErrors.error("state-missing", `the store holds no key for ${at}`, {
        place: at,
      });
    }
    const pairwise = place.roster.members.map((_, j) =>
      j === place.index ? null : secrets.slice(KEY_BYTES + 32 * j, KEY_BYTES + 32 * (j + 1)),
    );
    return new Member(place, parsePrfKey(secrets.subarray(0, KEY_BYTES)), pairwise, mark);
  }

  get index(): number {
    return this.place.index;
  }

  /**
   * The ciphertext of `value` for `label`. Labels rise strictly. The mark is durable before the
   * ciphertext exists, so a label whose ciphertext was lost is lost.
   *
   * Send it before the label is closed or never: an aggregator that gets it after a repair without
   * this member learns the sum of those it took for missing.
   * @throws aggregation/label-out-of-range, value-out-of-range, label-used, key-spent
   */
  async encrypt(label: bigint, value: bigint): Promise<Contribution> {
    const { roster, context, index } = this.place;
    checkValue(value, roster.maxValue);
    await this.mark.take(label, LABELS_PER_KEY);
    const ciphertext = encrypt(roster, this.key, context.id, label, value);
    return { context: context.id, member: index, label, ciphertext };
  }

  /**
   * This member's part in a sum without the missing ones. The same drop-set again gives the same
   * share; another one for the same label, or one for an earlier label, is refused.
   * @throws aggregation/wrong-roster, bad-drop-set, too-few-present, second-drop-set
   */
  async repair(dropSet: DropSet): Promise<RepairShare> {
    const { roster, context, index } = this.place;
    checkDropSet(roster, context, dropSet);
    const { label, missing } = dropSet;
    if (missing.includes(index)) throw badDropSet(label, "calls this member missing");
    const digest = dropSetDigest(dropSet);
    await this.mark.repair(label, bytesToHex(digest));

    let sum = prf(this.key, context.id, label);
    this.pairwise.forEach((secret, j) => {
      if (secret === null || missing.includes(j)) return;
      const mask = bytesToInt(shake256(16, tagged(tags.repairMask, digest, secret)));
      sum += j > index ? mask : -mask;
    });
    // 2^85 divides 2^128, so the masks of 16 bytes are uniform modulo p.
    return { context: context.id, member: index, label, masked: ((sum % P) + P) % P };
  }
}

function storePlace({ context, index }: MemberPlace): string {
  return `aggregation/${bytesToHex(context.id)}/${index}`;
}
