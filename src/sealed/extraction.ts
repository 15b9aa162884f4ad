/** What dealers publish to extract the key, and what all trustees sign of the ceremony. */
import type { CoefficientProof } from "./coefficient-proof.js";
import type { Point } from "./system.js";

/** A_k = a_k·G for the powers of the dealing, with proof. */
export interface Extraction {
  readonly dealer: number;
  readonly coefficients: readonly Point[];
  readonly proof: CoefficientProof;
}

/** What every trustee signs before the key is used: nobody was shown another board. */
export interface Transcript {
  /** Hash of every message of the ceremony. */
  readonly hash: Uint8Array;
  readonly publicKey: Point;
  readonly verificationKeys: readonly Point[];
}
