/** Where the mint's secret is used: in this thread, or in others. */
import { BlindedMultiplier, type Bn254, type G1Point } from "../../algebra/index.js";
import { ecashErrors } from "../errors.js";
import type { MintSecretKeys } from "./mint-keys.js";
import type { BlindedMessage } from "./request.js";

export interface BlindSigner {
  readonly mintKeyId: number;
  readonly denominations: ReadonlySet<number>;
  /**
   * S' = b_d·M' for each message, 64 bytes, in order. The messages are points other than the
   * identity, of denominations that the mint has, and paid.
   */
  sign(messages: readonly BlindedMessage[]): Promise<readonly Uint8Array[]>;
}

/** The secrets b_d, each behind a blinded multiplication: M' is of the wallet's choosing. */
export class MintMultipliers {
  readonly #multipliers: ReadonlyMap<number, BlindedMultiplier<G1Point>>;

  constructor(
    private readonly curve: Bn254,
    { scalars }: MintSecretKeys,
  ) {
    this.#multipliers = new Map(
      [...scalars].map(([d, b]) => [d, new BlindedMultiplier(curve.g1, b)]),
    );
  }

  /** b_d·M', 64 bytes. @throws ecash/no-mint-key; algebra/* if the message is not a point */
  sign({ denomination, message }: BlindedMessage): Uint8Array {
    const multiplier = this.#multipliers.get(denomination);
    if (multiplier === undefined) {
      throw ecashErrors.error("no-mint-key", `this mint has no key for ${denomination}`, {
        denomination,
      });
    }
    const { g1 } = this.curve;
    return g1.encode(multiplier.multiply(g1.decode(message)));
  }
}

/** Signs in this thread. */
export function blindSigner(curve: Bn254, secret: MintSecretKeys): BlindSigner {
  const multipliers = new MintMultipliers(curve, secret);
  return {
    mintKeyId: secret.mintKeyId,
    denominations: new Set(secret.scalars.keys()),
    sign: async (messages) => messages.map((message) => multipliers.sign(message)),
  };
}
