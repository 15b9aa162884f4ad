/** Which of the mint's signatures are wrong: what a dispute has to show. */
import {
  batchVerify,
  bisect,
  G1_BYTES,
  type Bn254,
  type G1Point,
  type SignedPoint,
} from "../../algebra/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { ecashErrors } from "../errors.js";
import type { MintPublicKeys } from "./mint-keys.js";
import { decodeRequest } from "./request.js";

interface Signed extends SignedPoint {
  readonly index: number;
}

/**
 * Indices, ascending, of the signatures in `answer` that are not the mint's on the message of the same
 * index: not a point, the identity, or not b_d·M'.
 * @throws ecash/bad-answer if there are more or fewer than messages, ecash/bad-request,
 *   ecash/no-mint-key for a message that no signature of this mint could be right for
 */
export function wrongSignatures({
  curve,
  mint,
  request,
  answer,
}: {
  readonly curve: Bn254;
  readonly mint: MintPublicKeys;
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
}): readonly number[] {
  const { mintKeyId, messages } = decodeRequest(request);
  if (mintKeyId !== mint.mintKeyId) {
    throw ecashErrors.error("no-mint-key", `the request is for mint key ${mintKeyId}`, {
      mintKeyId,
    });
  }
  if (answer.length !== messages.length * G1_BYTES) {
    throw ecashErrors.error(
      "bad-answer",
      `the mint's answer has ${answer.length} bytes and not ${messages.length * G1_BYTES}`,
    );
  }
  const wrong: number[] = [];
  const byDenomination = new Map<number, Signed[]>();
  messages.forEach(({ denomination, message }, index) => {
    const signature = pointOrNull(curve, answer.subarray(index * G1_BYTES, (index + 1) * G1_BYTES));
    if (signature === null) {
      wrong.push(index);
      return;
    }
    const group = byDenomination.get(denomination) ?? [];
    byDenomination.set(denomination, [
      ...group,
      { index, message: curve.g1.decode(message), signature },
    ]);
  });
  for (const [denomination, group] of byDenomination) {
    const key = mint.keys.get(denomination);
    if (key === undefined) {
      throw ecashErrors.error("no-mint-key", `mint key ${mintKeyId} has no ${denomination}`, {
        mintKeyId,
        denomination,
      });
    }
    const bad = bisect(group, (part) => batchVerify(curve, part, key.b2));
    wrong.push(...bad.map((at) => group[at]!.index));
  }
  return wrong.sort((a, b) => a - b);
}

/** The point, unless the bytes are none or the identity. */
function pointOrNull(curve: Bn254, bytes: Uint8Array): G1Point | null {
  try {
    const point = curve.g1.decode(bytes);
    return curve.g1.isIdentity(point) ? null : point;
  } catch (error) {
    if (isSipsterError(error)) return null;
    throw error;
  }
}
