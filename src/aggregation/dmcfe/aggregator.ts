/**
 * The aggregator's side of the scheme of Chotard et al.: it combines the members' shares into a key
 * for one function, and decrypts that function of each label's values.
 */
import {
  DiscreteLogTable,
  equalBytes,
  G2_BYTES,
  type Bn254,
  type G1Point,
  type G2Point,
  type GtElement,
} from "../../algebra/index.js";
import type { KeyPair } from "../../envelope/index.js";
import { MemoryStore, type Store } from "../../store/index.js";
import type { GroupSum } from "../aggregator.js";
import { aggregationErrors } from "../errors.js";
import { LabelIntake } from "../label-intake.js";
import type { KeyContext } from "../key-context.js";
import { readFromMember } from "../messages.js";
import type { Roster } from "../roster.js";
import { labelPoints } from "./hash-to-groups.js";
import { resultRange, weightsDigest, type Weights } from "./weights.js";

/** Results that a search goes through in reasonable time: 2^40 values take about 2^20 steps. */
const MOST_RESULTS = 1n << 40n;

export class DmcfeAggregator {
  readonly #curve: Bn254;
  readonly #digest: Uint8Array;
  readonly #range: { readonly lo: bigint; readonly hi: bigint };
  readonly #logarithms: DiscreteLogTable<GtElement>;
  readonly #waiting: Set<number>;
  readonly #key: [G2Point, G2Point];

  readonly roster: Roster;
  readonly context: KeyContext;
  readonly weights: Weights;

  /**
   * For the function with these weights.
   * @throws aggregation/range-too-large if its results span more than 2^40 values
   */
  constructor({
    curve,
    roster,
    context,
    weights,
  }: {
    readonly curve: Bn254;
    readonly roster: Roster;
    readonly context: KeyContext;
    readonly weights: Weights;
  }) {
    this.roster = roster;
    this.context = context;
    this.weights = weights;

    this.#curve = curve;
    this.#digest = weightsDigest(weights);
    this.#range = resultRange(weights, roster.maxValue);
    const results = this.#range.hi - this.#range.lo + 1n;
    if (results > MOST_RESULTS) {
      throw aggregationErrors.error(
        "range-too-large",
        `the function has ${results} possible results, more than 2^40`,
        { results },
      );
    }
    // Ten bytes an entry; the square root of the range balances building and searching.
    const entries = Math.max(256, Math.ceil(Math.sqrt(Number(results))));
    this.#logarithms = new DiscreteLogTable(
      curve.gt,
      curve.gt.generator,
      10 * Math.min(entries, 1 << 16),
    );
    this.#waiting = new Set(roster.members.keys());
    this.#key = [curve.g2.identity, curve.g2.identity];
  }

  /**
   * Adds one member's share; with all of them the key is complete (the paper's `DKeyComb`). Members
   * of weight 0 count too: their share holds a part of the masks.
   * @throws aggregation/wrong-roster, not-in-roster, bad-function-share; envelope/malformed, wrong-place,
   *   bad-signature; and algebra's errors for bad points
   */
  addShare(message: Uint8Array): void {
    const { member, body } = readFromMember(this, "function-share", message);
    const digest = body.subarray(0, 32);
    if (!equalBytes(digest, this.#digest) || !this.#waiting.has(member)) {
      throw aggregationErrors.error(
        "bad-function-share",
        `the share of member ${member} is for another function, or came before`,
        { member },
      );
    }
    const { g2 } = this.#curve;
    const [d1, d2] = [
      g2.decode(body.slice(32, 32 + G2_BYTES)),
      g2.decode(body.slice(32 + G2_BYTES)),
    ];
    this.#key[0] = g2.add(this.#key[0], d1);
    this.#key[1] = g2.add(this.#key[1], d2);
    this.#waiting.delete(member);
  }

  /**
   * The labels of this key, with their books: see `LabelIntake`. A label at which a member with a weight is
   * missing has no sum, so a drop-set may name any number of members.
   */
  intake(identity: KeyPair, store: Store = new MemoryStore()): Promise<LabelIntake<G1Point>> {
    const { roster, context } = this;
    const decode = (body: Uint8Array): G1Point => this.#curve.g1.decode(body);
    const place = { roster, context, identity, kind: "dmcfe-contribution", decode } as const;
    return LabelIntake.start({ ...place, quorum: 0 }, store);
  }

  /**
   * The sum of a label from its intake, which is closed with it.
   * @throws aggregation/members-missing, sum-inconsistent, label-closed, label-not-open
   */
  async close(intake: LabelIntake<G1Point>, label: bigint): Promise<GroupSum> {
    const values = intake.values(label);
    const sum = this.decrypt(label, values);
    const missing = intake.missing(label).map((m) => this.roster.members[m]!.member);
    await intake.close(label);
    return { label, sum, present: values.size, missing };
  }

  /**
   * ⟨x, y⟩ from the contributions of every member with a weight (the paper's `Decrypt`):
   * e(Σyᵢ[cᵢ], P2) − e([u], [d]) = ⟨x, y⟩·e(P1, P2), and a bounded discrete logarithm.
   * @throws aggregation/members-missing, sum-inconsistent
   */
  decrypt(label: bigint, contributions: ReadonlyMap<number, G1Point>): bigint {
    const { g1, g2, gt } = this.#curve;
    if (this.#waiting.size > 0) throw this.#missing([...this.#waiting], "key shares");
    const sums = this.#sumByWeight(label, contributions);
    const c = g1.multiScalarMul([...sums.values()], [...sums.keys()]);
    const [u1, u2] = labelPoints(this.#curve, this.context.id, label);
    const value = this.#curve.pairingProduct([
      [c, g2.generator],
      [g1.neg(u1), this.#key[0]],
      [g1.neg(u2), this.#key[1]],
    ]);
    if (gt.isIdentity(value)) return 0n;
    try {
      return this.#logarithms.solve(value, this.#range);
    } catch (error) {
      throw aggregationErrors.errorFrom({
        key: "sum-inconsistent",
        message: `the ciphertexts of label ${label} do not decode to a result within bounds`,
        details: { label },
        cause: error,
      });
    }
  }

  /** Σ[cᵢ] over the members of each weight: few multiplications for many members. */
  #sumByWeight(label: bigint, contributions: ReadonlyMap<number, G1Point>): Map<bigint, G1Point> {
    const { g1 } = this.#curve;
    const byWeight = new Map<bigint, G1Point[]>();
    const absent: number[] = [];
    for (const [member, weight] of this.weights.entries()) {
      if (weight === 0n) continue;
      const point = contributions.get(member);
      if (point === undefined) absent.push(member);
      else byWeight.set(weight, [...(byWeight.get(weight) ?? []), point]);
    }
    if (absent.length > 0) throw this.#missing(absent, `contributions at label ${label}`);
    return new Map([...byWeight].map(([weight, points]) => [weight, g1.sum(points)]));
  }

  #missing(indices: readonly number[], what: string): Error {
    const names = indices.map((i) => this.roster.members[i]!.member).join(", ");
    return aggregationErrors.error("members-missing", `${what} are missing of ${names}`, {
      missing: names,
    });
  }
}
