/**
 * A member of a group: encrypts one value a label, and helps once a label when others are missing. It trusts
 * the aggregator neither to say who is missing nor to ask for labels that were served.
 */
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { bytesToInt } from "../algebra/index.js";
import type { KeyPair } from "../envelope/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import type { Store } from "../store/index.js";
import { badDropSet, type DropSet } from "./drop-set.js";
import { DropSetWatch } from "./drop-set-watch.js";
import { aggregationErrors } from "./errors.js";
import { shake256 } from "./kernel.js";
import { encodeKeyShare, makeKeyShare } from "./key-share.js";
import { LabelMark } from "./label-mark.js";
import { labelBytes } from "./label.js";
import { encodeResidue, write, type GroupPlace } from "./messages.js";
import { decodePairwise, encodePairwise, type PairwiseSecrets } from "./pairwise.js";
import { KEY_BYTES, LABELS_PER_KEY, P } from "./parameters.js";
import { hashLabel, parsePrfKey, prfOfHash, randomPrfKey, type PrfKey } from "./prf.js";
import { checkValue, encryptWith } from "./psa.js";
import { tagged, tags } from "./tags.js";

/** Seconds between seeing a drop-set and repairing, in which members named there can object. */
export const OBJECTION_WINDOW = 300;

/** Which member, of which roster, for which stream and epoch, and the key that signs for it. */
export interface MemberPlace extends GroupPlace {
  readonly index: number;
  readonly identity: KeyPair;
  /** Seconds, by the member's own clock. */
  readonly now: () => number;
  /** Seconds to wait for objections; {@link OBJECTION_WINDOW} unless given. */
  readonly window?: number;
}

/** What a member keeps for one key. */
export interface MemberKeys {
  readonly key: PrfKey;
  readonly pairwise: PairwiseSecrets;
}

export class Member {
  /** The next label, hashed while there was time. */
  #ahead: { readonly label: bigint; readonly hash: Uint8Array } | undefined;
  private readonly watch: DropSetWatch;

  private constructor(
    private readonly place: MemberPlace,
    private readonly keys: MemberKeys,
    private readonly mark: LabelMark,
  ) {
    const { quorum } = place.roster;
    this.watch = new DropSetWatch({ ...place, kind: "contribution", quorum }, mark);
  }

  /**
   * A member with a new key, which is kept in the store with everything that `resume` needs.
   * @throws aggregation/state-exists if the store has a key for this place
   */
  static async create(place: MemberPlace, keys: MemberKeys, store: Store): Promise<Member> {
    const at = storePlace(place);
    const secrets = concatBytes(keys.key, encodePairwise(keys.pairwise));
    const mark = await LabelMark.create(store, `${at}/mark`, (tx) => {
      tx.put(`${at}/secrets`, secrets);
    });
    return new Member(place, keys, mark);
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
    const pairwise = decodePairwise(secrets.subarray(KEY_BYTES), place.index);
    return new Member(place, { key: parsePrfKey(secrets.subarray(0, KEY_BYTES)), pairwise }, mark);
  }

  /** The member as an earlier process left it, or with a fresh key if there was none. */
  static async open(place: MemberPlace, pairwise: PairwiseSecrets, store: Store): Promise<Member> {
    try {
      return await Member.resume(place, store);
    } catch (error) {
      if (!isSipsterError(error, "aggregation/state-missing")) throw error;
      return Member.create(place, { key: randomPrfKey(), pairwise }, store);
    }
  }

  /**
   * The masked key for the aggregator, as a message: the same at every call. A member whose group does not
   * share keys never sends it.
   */
  keyShare(): Uint8Array {
    const { roster, context, index, identity } = this.place;
    const { key, pairwise } = this.keys;
    return encodeKeyShare(roster, makeKeyShare({ context, index, key, pairwise, identity }));
  }

  get index(): number {
    return this.place.index;
  }

  /** Hashes a label before its value is known: nine tenths of the work of `encrypt`. */
  prepare(label: bigint): void {
    labelBytes(label);
    this.#ahead = { label, hash: hashLabel(this.place.context.id, label) };
  }

  /**
   * The signed contribution of `value` for `label`. Labels rise strictly. It is in the store before it
   * leaves, so a member that was killed sends the same one again (`contributions`).
   * @throws aggregation/label-out-of-range, value-out-of-range, label-used, key-spent, epoch-ended
   */
  async encrypt(label: bigint, value: bigint): Promise<Uint8Array> {
    const { roster, identity } = this.place;
    checkValue(value, roster.maxValue);
    return this.mark.take(label, LABELS_PER_KEY, () => {
      const ciphertext = encryptWith(roster, this.#prf(label), value);
      return write({
        place: this.place,
        kind: "contribution",
        label,
        body: encodeResidue(ciphertext),
        key: identity,
      });
    });
  }

  /** The contributions of the last labels, to be sent again to an aggregator that lost them. */
  contributions(): Promise<Uint8Array[]> {
    return this.mark.contributions();
  }

  /** Keeps the aggregator's receipt. @throws as `DropSetWatch.receive` */
  receive(message: Uint8Array): Promise<void> {
    return this.watch.receive(message);
  }

  /** Takes note of a posted drop-set; the objection, if this member has one. @throws as `DropSetWatch.see` */
  see(message: Uint8Array): Promise<Uint8Array | null> {
    return this.watch.see(message);
  }

  /** Takes note of an objection. @throws as `DropSetWatch.hear` */
  hear(label: bigint, message: Uint8Array): Promise<void> {
    return this.watch.hear(label, message);
  }

  /** Why this member takes no part in the epoch any more; `null` while it does. */
  ended(): Promise<string | null> {
    return this.watch.ended();
  }

  /**
   * This member's part in a sum without the missing ones: F(kᵢ, label) under masks that cancel over all who
   * are present. After the window for objections, and never past one. The same again gives the same message.
   * @throws aggregation/label-not-served, bad-drop-set, window-open, objected, epoch-ended
   */
  async repair(label: bigint): Promise<Uint8Array> {
    const { window = OBJECTION_WINDOW, identity, index } = this.place;
    const now = this.place.now();
    return this.mark.atLabel(label, (state) => {
      if (state.repair !== null) return state.repair;
      const dropSet = this.watch.seen(label, state.dropSet);
      if (dropSet.missing.includes(index)) throw badDropSet(label, "calls this member missing");
      if (state.objected) {
        throw aggregationErrors.error("objected", `a member objected at label ${label}`, { label });
      }
      const { seenAt } = state.dropSet!;
      // Where nobody is named, nobody can object.
      if (dropSet.missing.length > 0 && now < seenAt + window) {
        throw aggregationErrors.error(
          "window-open",
          `members may object at label ${label} for ${seenAt + window - now} more seconds`,
          { label, until: seenAt + window },
        );
      }
      const masked = encodeResidue(this.#masked(dropSet));
      state.repair = write({
        place: this.place,
        kind: "repair",
        label,
        body: masked,
        key: identity,
      });
      return state.repair;
    });
  }

  #masked({ label, missing, digest }: DropSet): bigint {
    let sum = this.#prf(label);
    this.keys.pairwise.forEach((secret, j) => {
      if (secret === null || missing.includes(j)) return;
      const mask = repairMask(digest, secret);
      sum += j > this.index ? mask : -mask;
    });
    // 2^85 divides 2^128, so the masks of 16 bytes are uniform modulo p.
    return ((sum % P) + P) % P;
  }

  #prf(label: bigint): bigint {
    const ahead = this.#ahead?.label === label ? this.#ahead.hash : undefined;
    return prfOfHash(this.keys.key, ahead ?? hashLabel(this.place.context.id, label));
  }
}

/** The mask of a pair for one drop-set, whose digest covers context, roster, label and members. */
export function repairMask(dropSet: Uint8Array, secret: Uint8Array): bigint {
  return bytesToInt(shake256(16, tagged(tags.repairMask, dropSet, secret)));
}

function storePlace({ context, index }: MemberPlace): string {
  return `aggregation/${bytesToHex(context.id)}/${index}`;
}
