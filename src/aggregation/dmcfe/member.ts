/**
 * Decentralised multi-client functional encryption for inner products: J. Chotard, E. Dufour Sans,
 * R. Gay, D. H. Phan, D. Pointcheval, *Decentralized Multi-Client Functional Encryption for Inner
 * Product*, ASIACRYPT 2018, section 5, on BN254. This is a member's side.
 */
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import type { Bn254 } from "../../algebra/index.js";
import type { Store } from "../../store/index.js";
import { aggregationErrors } from "../errors.js";
import { DropSetWatch } from "../drop-set-watch.js";
import { LabelMark } from "../label-mark.js";
import { write } from "../messages.js";
import type { MemberPlace } from "../member.js";
import type { PairwiseSecrets } from "../pairwise.js";
import { checkValue } from "../psa.js";
import { functionPoints, labelPoints } from "./hash-to-groups.js";
import { decodeDmcfeKey, encodeDmcfeKey, makeDmcfeKey, type DmcfeKey } from "./keys.js";
import {
  checkWeights,
  defaultPolicy,
  weightsDigest,
  type FunctionPolicy,
  type Weights,
} from "./weights.js";

export class DmcfeMember {
  private readonly watch: DropSetWatch;

  private readonly curve: Bn254;
  private readonly place: MemberPlace;
  private readonly key: DmcfeKey;
  private readonly mark: LabelMark;
  private readonly policy: FunctionPolicy;

  private constructor({
    curve,
    place,
    key,
    mark,
    policy,
  }: {
    readonly curve: Bn254;
    readonly place: MemberPlace;
    readonly key: DmcfeKey;
    readonly mark: LabelMark;
    readonly policy: FunctionPolicy;
  }) {
    this.curve = curve;
    this.place = place;
    this.key = key;
    this.mark = mark;
    this.policy = policy;

    this.watch = new DropSetWatch({ ...place, kind: "dmcfe-contribution", quorum: 0 }, mark);
  }

  /**
   * A member with a new key, kept in the store.
   * @throws aggregation/state-exists if the store has a key for this place
   */
  static async create({
    curve,
    place,
    pairwise,
    store,
    policy = defaultPolicy(place.roster.size),
  }: {
    readonly curve: Bn254;
    readonly place: MemberPlace;
    readonly pairwise: PairwiseSecrets;
    readonly store: Store;
    /** which functions it helps to decrypt; `defaultPolicy` unless given */
    readonly policy?: FunctionPolicy | undefined;
  }): Promise<DmcfeMember> {
    const at = storePlace(place);
    const key = makeDmcfeKey(place.context.id, place.index, pairwise);
    const mark = await LabelMark.create(store, `${at}/mark`, (tx) => {
      tx.put(`${at}/secrets`, encodeDmcfeKey(key));
    });
    return new DmcfeMember({ curve, place, key, mark, policy });
  }

  /** The member as an earlier process left it. @throws aggregation/state-missing */
  static async resume({
    curve,
    place,
    store,
    policy = defaultPolicy(place.roster.size),
  }: {
    readonly curve: Bn254;
    readonly place: MemberPlace;
    readonly store: Store;
    readonly policy?: FunctionPolicy;
  }): Promise<DmcfeMember> {
    const at = storePlace(place);
    const mark = await LabelMark.resume(store, `${at}/mark`);
    const secrets = await store.transaction((tx) => tx.get(`${at}/secrets`));
    if (secrets === undefined) {
      throw aggregationErrors.error("state-missing", `the store holds no key for ${at}`, {
        place: at,
      });
    }
    return new DmcfeMember({ curve, place, key: decodeDmcfeKey(secrets), mark, policy });
  }

  get index(): number {
    return this.place.index;
  }

  /**
   * [cᵢ] = ⟨[u], sᵢ⟩ + xᵢ·P1 with [u] the label's points (the paper's `Encrypt`). Labels rise
   * strictly; there is no limit to their number. The message holds the 64 bytes of [cᵢ] ∈ G1.
   * @throws aggregation/value-out-of-range, label-out-of-range, label-used
   */
  async encrypt(label: bigint, value: bigint): Promise<Uint8Array> {
    const { roster, context, identity } = this.place;
    checkValue(value, roster.maxValue);
    return this.mark.take(label, Number.MAX_SAFE_INTEGER, () => {
      const { g1 } = this.curve;
      const [u1, u2] = labelPoints(this.curve, context.id, label);
      const [s1, s2] = this.key.s;
      const c = g1.sum([
        g1.mulSecret(u1, s1),
        g1.mulSecret(u2, s2),
        g1.mulSecret(g1.generator, value),
      ]);
      return write({
        place: this.place,
        kind: "dmcfe-contribution",
        label,
        body: g1.encode(c),
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

  /**
   * Takes note of who is said to be missing; the objection, if this member has one. There is no repair: a
   * false drop-set costs the label, and with an objection that holds a receipt the epoch.
   * @throws as `DropSetWatch.see`
   */
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
   * [dᵢ] = yᵢ·sᵢ·P2 + Tᵢ·[v] with [v] the function's points (the paper's `DKeyGenShare`). It serves
   * every label of the key, so a member answers few functions. The message holds the digest of the
   * weights and both points of G2.
   * @throws aggregation/bad-weights, weights-refused, functions-spent
   */
  async functionShare(weights: Weights): Promise<Uint8Array> {
    const { roster, context, index, identity } = this.place;
    checkWeights(weights, roster.size, this.policy);
    const digest = weightsDigest(weights);
    await this.mark.answerFunction(bytesToHex(digest), this.policy.mostFunctions);
    const { g2 } = this.curve;
    const [v1, v2] = functionPoints(this.curve, context.id, digest);
    const [s1, s2] = this.key.s;
    const [t11, t12, t21, t22] = this.key.t;
    const y = weights[index]!;
    const component = (s: bigint, ta: bigint, tb: bigint): Uint8Array =>
      g2.encode(
        g2.sum([g2.mulSecret(g2.generator, y * s), g2.mulSecret(v1, ta), g2.mulSecret(v2, tb)]),
      );
    const share = [component(s1, t11, t12), component(s2, t21, t22)];
    return write({
      place: this.place,
      kind: "function-share",
      label: 0n,
      body: concatBytes(digest, ...share),
      key: identity,
    });
  }
}

function storePlace({ context, index }: MemberPlace): string {
  return `aggregation/dmcfe/${bytesToHex(context.id)}/${index}`;
}
