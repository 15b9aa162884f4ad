/**
 * Keys of the scheme, without a trusted party: sᵢ ∈ Zℓ² is the member's own, and Tᵢ ∈ Zℓ^{2×2} come
 * from the pairwise secrets so that ΣTᵢ = 0.
 */
import { bytesToInt, GROUP_ORDER, intToBytes, randomScalar } from "../../algebra/index.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { aggregationErrors } from "../errors.js";
import { shake256 } from "../kernel.js";
import type { PairwiseSecrets } from "../pairwise.js";
import { tagged, tags } from "../tags.js";

export interface DmcfeKey {
  readonly s: readonly [bigint, bigint];
  /** Row by row. */
  readonly t: readonly [bigint, bigint, bigint, bigint];
}

const SCALARS = 6;
const WIDE_BYTES = 64;

export function makeDmcfeKey(
  context: Uint8Array,
  index: number,
  pairwise: PairwiseSecrets,
): DmcfeKey {
  const t: [bigint, bigint, bigint, bigint] = [0n, 0n, 0n, 0n];
  pairwise.forEach((secret, j) => {
    if (secret === null) return;
    const wide = shake256(4 * WIDE_BYTES, tagged(tags.dmcfeZeroShare, context, secret));
    for (let e = 0; e < 4; e++) {
      const share = bytesToInt(wide.subarray(WIDE_BYTES * e, WIDE_BYTES * (e + 1))) % GROUP_ORDER;
      t[e] = (t[e]! + (j > index ? share : GROUP_ORDER - share)) % GROUP_ORDER;
    }
  });
  return { s: [randomScalar(GROUP_ORDER), randomScalar(GROUP_ORDER)], t };
}

/** 192 bytes, for the member's store. */
export function encodeDmcfeKey({ s, t }: DmcfeKey): Uint8Array {
  return concatBytes(...[...s, ...t].map((k) => intToBytes(k, 32)));
}

/** @throws aggregation/bad-length */
export function decodeDmcfeKey(bytes: Uint8Array): DmcfeKey {
  if (bytes.length !== 32 * SCALARS) {
    throw aggregationErrors.error("bad-length", `a key has 192 bytes, this has ${bytes.length}`, {
      expected: 32 * SCALARS,
      got: bytes.length,
    });
  }
  const scalar = (i: number): bigint => bytesToInt(bytes.subarray(32 * i, 32 * (i + 1)));
  return { s: [scalar(0), scalar(1)], t: [scalar(2), scalar(3), scalar(4), scalar(5)] };
}
