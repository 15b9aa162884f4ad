/** Receipts: S = a·T for a token's point T (`ReceiptGen` and the receipt check of the paper, §4). */
import {
  batchVerify,
  bisect,
  BlindedMultiplier,
  type Bn254,
  type G1Point,
} from "../algebra/index.js";
import { sipsterErrors } from "./errors.js";
import type { UtilityPublicKey, UtilitySecretKey } from "./keys.js";
import type { Suite } from "./suite.js";
import type { Token } from "./token.js";

declare const checked: unique symbol;

/** A token with its point T: only `ReceiptIssuer.check` makes one, so T is a token's hash. */
export interface CheckedToken {
  readonly token: Token;
  readonly point: G1Point;
  readonly [checked]: true;
}

/** The utility's side: holds a and nothing else. */
export class ReceiptIssuer {
  readonly keyEpoch: number;
  readonly #multiplier: BlindedMultiplier<G1Point>;

  /** @throws sipster/wrong-suite if the key was made for the other suite */
  constructor(
    private readonly suite: Suite,
    key: UtilitySecretKey,
  ) {
    if (key.suite !== suite.name) {
      throw sipsterErrors.error(
        "wrong-suite",
        `the key of epoch ${key.keyEpoch} was made for ${key.suite} tokens, not ${suite.name}`,
      );
    }
    this.keyEpoch = key.keyEpoch;
    this.#multiplier = new BlindedMultiplier(suite.curve.g1, key.scalar);
  }

  /**
   * Everything that can be wrong with a token, before anything is charged for it.
   * @throws sipster/wrong-key-epoch, and what `Suite.point` throws
   */
  check(token: Token): CheckedToken {
    if (token.keyEpoch !== this.keyEpoch) {
      throw sipsterErrors.error(
        "wrong-key-epoch",
        `the token is of key epoch ${token.keyEpoch}, this key of ${this.keyEpoch}`,
        { token: token.keyEpoch, key: this.keyEpoch },
      );
    }
    return { token, point: this.suite.point(token) } as CheckedToken;
  }

  /** `ReceiptGen`: a·T for a token that this issuer has checked. */
  issueChecked({ point }: CheckedToken): G1Point {
    return this.#multiplier.multiply(point);
  }

  /**
   * `ReceiptGen`: a·T. It takes the token, never a point, and computes T itself. Deterministic, so
   * it can be issued again at no cost to anyone.
   * @throws sipster/wrong-key-epoch, and what `Suite.point` throws
   */
  issue(token: Token): G1Point {
    return this.issueChecked(this.check(token));
  }

  /** Is σ = a·R? The utility's own check of a combined receipt, without a pairing. */
  verifies(r: G1Point, combined: G1Point): boolean {
    return this.suite.curve.g1.equals(this.#multiplier.multiply(r), combined);
  }
}

export interface TokenReceipt {
  /** The token's point T. */
  readonly point: G1Point;
  /** S. */
  readonly receipt: G1Point;
}

/**
 * The indices of the receipts that are not a·T under this key; none if all are right. One weighted
 * batch check when all are right (two pairings), halving otherwise.
 */
export function findBadReceipts(
  curve: Bn254,
  key: UtilityPublicKey,
  receipts: readonly TokenReceipt[],
): number[] {
  const items = receipts.map(({ point, receipt }) => ({ message: point, signature: receipt }));
  return bisect(items, (part) => batchVerify(curve, part, key.a2));
}
