/** The mint's part of blind BLS: S' = b_d·M' for messages that were paid for. */
import { concatBytes } from "@noble/hashes/utils.js";
import { type Bn254, type G1Point } from "../../algebra/index.js";
import type { ECashIssuer } from "../ecash.js";
import { ecashErrors } from "../errors.js";
import type { BlindSigner } from "./blind-signer.js";
import { decodeRequest, type BlindedMessage } from "./request.js";

export class BlindBlsIssuer implements ECashIssuer {
  constructor(
    private readonly curve: Bn254,
    private readonly signer: BlindSigner,
  ) {}

  price(request: Uint8Array): bigint {
    return this.#check(request).reduce((sum, m) => sum + BigInt(m.denomination), 0n);
  }

  /** The signatures S', 64 bytes each. Signing is deterministic, so answering again needs no memory. */
  async issue(request: Uint8Array): Promise<Uint8Array> {
    return concatBytes(...(await this.signer.sign(this.#check(request))));
  }

  #check(request: Uint8Array): readonly BlindedMessage[] {
    const { mintKeyId, messages } = decodeRequest(request);
    if (mintKeyId !== this.signer.mintKeyId) {
      throw ecashErrors.error(
        "no-mint-key",
        `the request is for mint key ${mintKeyId}, this mint has ${this.signer.mintKeyId}`,
        { mintKeyId },
      );
    }
    messages.forEach(({ denomination, message }, i) => {
      if (!this.signer.denominations.has(denomination)) {
        throw ecashErrors.error("no-mint-key", `mint key ${mintKeyId} has no ${denomination}`, {
          mintKeyId,
          denomination,
        });
      }
      checkBlindedMessage(this.curve, message, i);
    });
    return messages;
  }
}

/** A blinded message is a point other than the identity. @throws ecash/bad-request */
export function checkBlindedMessage(curve: Bn254, message: Uint8Array, index = 0): void {
  const bad = (why: string, cause?: unknown) =>
    ecashErrors.errorFrom({
      key: "bad-request",
      message: `message ${index} ${why}`,
      details: { index },
      cause,
    });
  let point: G1Point;
  try {
    point = curve.g1.decode(message);
  } catch (error) {
    throw bad("is not a point", error);
  }
  if (curve.g1.isIdentity(point)) throw bad("is the identity");
}
