/**
 * Threshold decryption (Desmedt, Frankel, CRYPTO 1989; with proofs of correctness as Cramer, Gennaro,
 * Schoenmakers, EUROCRYPT 1997, §2): trustee j publishes M_j = x_j·C1 with a proof that it used its share;
 * any t of them give x·C1 by interpolation.
 */
import { BlindedMultiplier } from "../algebra/index.js";
import type { Ciphertext } from "./elgamal.js";
import { sealedErrors } from "./errors.js";
import { checkShare, type KeyShare, type SharedKey } from "./key-share.js";
import {
  proveLogEquality,
  verifyLogEquality,
  type LogEqualityProof,
} from "./log-equality-proof.js";
import { lagrangeAtZero } from "./polynomial.js";
import type { Point, SealedSystem } from "./system.js";

/** One trustee's part of one decryption. */
export interface PartialDecryption {
  /** Number of the trustee. */
  readonly trustee: number;
  /** M_j = x_j·C1. */
  readonly point: Point;
  /** log_G X_j = log_C1 M_j. */
  readonly proof: LogEqualityProof;
}

/** A share in use. The multiplication of points that others choose is blinded. */
export class PartialDecryptor {
  readonly #multiplier: BlindedMultiplier<Point>;

  /** @throws sealed/bad-share */
  constructor(
    private readonly system: SealedSystem,
    private readonly share: KeyShare,
  ) {
    checkShare({ system, share });
    this.#multiplier = new BlindedMultiplier(system.group, share.secret);
  }

  /** M_j with its proof; `context` names the request that is answered. */
  decrypt({ c1 }: Ciphertext, context: Uint8Array): PartialDecryption {
    const { index, secret, verificationKeys } = this.share;
    const point = this.#multiplier.multiply(c1);
    const statement = { publicKey: verificationKeys[index - 1]!, base: c1, image: point };
    return {
      trustee: index,
      point,
      proof: proveLogEquality({ system: this.system, context, statement, secret }),
    };
  }
}

/** Did the trustee use its share, for this ciphertext and request? */
export function verifyPartial({
  system,
  key,
  ciphertext,
  context,
  partial: { trustee, point, proof },
}: {
  readonly system: SealedSystem;
  readonly key: SharedKey;
  readonly ciphertext: Ciphertext;
  readonly context: Uint8Array;
  readonly partial: PartialDecryption;
}): boolean {
  const publicKey = key.verificationKeys[trustee - 1];
  if (publicKey === undefined) return false;
  const statement = { publicKey, base: ciphertext.c1, image: point };
  return verifyLogEquality({ system, context, statement, proof });
}

/** A decryption, and the trustees whose answers were wrong. */
export interface Combined {
  /** v·H. */
  readonly message: Point;
  readonly cheaters: readonly number[];
}

/**
 * v·H from t valid answers out of those given; wrong ones are named and left out.
 * @throws sealed/too-few-partials, whose details name the cheaters
 */
export function combinePartials({
  system,
  key,
  ciphertext,
  context,
  partials,
}: {
  readonly system: SealedSystem;
  readonly key: SharedKey;
  readonly ciphertext: Ciphertext;
  readonly context: Uint8Array;
  readonly partials: readonly PartialDecryption[];
}): Combined {
  const valid = new Map<number, Point>();
  const cheaters = new Set<number>();
  for (const partial of partials) {
    if (verifyPartial({ system, key, ciphertext, context, partial })) {
      valid.set(partial.trustee, partial.point);
    } else cheaters.add(partial.trustee);
  }
  if (valid.size < key.threshold) {
    const named = [...cheaters].join(", ");
    throw sealedErrors.error(
      "too-few-partials",
      `${valid.size} of ${key.threshold} trustees gave a valid answer${named && `; wrong: ${named}`}`,
      { valid: valid.size, threshold: key.threshold, cheaters: named },
    );
  }
  const chosen = [...valid].slice(0, key.threshold);
  const weights = lagrangeAtZero(chosen.map(([trustee]) => BigInt(trustee)));
  const { group } = system;
  const shared = group.multiScalarMul(
    chosen.map(([, point]) => point),
    weights,
  );
  return { message: group.sub(ciphertext.c2, shared), cheaters: [...cheaters] };
}
