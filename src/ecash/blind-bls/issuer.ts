/** The mint's part of blind BLS: S' = b_d·M' for messages that were paid for. */
import { concatBytes } from "@noble/hashes/utils.js";
import { BlindedMultiplier, type Bn254, type G1Point } from "../../algebra/index.js";
import { depositDigest, type Deposits } from "../deposits.js";
import type { EcashSystem } from "../domains.js";
import type { ECashIssuer } from "../ecash.js";
import { ecashErrors } from "../errors.js";
import type { MintSecretKeys } from "./mint-keys.js";
import { decodeRequest } from "./request.js";

export class BlindBlsIssuer implements ECashIssuer {
  readonly #mintKeyId: number;
  readonly #multipliers: ReadonlyMap<number, BlindedMultiplier<G1Point>>;

  constructor(
    private readonly curve: Bn254,
    private readonly system: EcashSystem,
    secret: MintSecretKeys,
    private readonly deposits: Deposits,
  ) {
    this.#mintKeyId = secret.mintKeyId;
    this.#multipliers = new Map(
      [...secret.scalars].map(([d, b]) => [d, new BlindedMultiplier(curve.g1, b)]),
    );
  }

  /**
   * The signatures S', 64 bytes each. A deposit is bound to the digest of its messages, and signing
   * is deterministic, so answering again gives nothing new away and needs no memory.
   */
  async issue(request: Uint8Array): Promise<Uint8Array> {
    const { mintKeyId, messages } = decodeRequest(request);
    if (mintKeyId !== this.#mintKeyId) {
      throw ecashErrors.error(
        "no-mint-key",
        `the request is for mint key ${mintKeyId}, this mint has ${this.#mintKeyId}`,
        { mintKeyId },
      );
    }
    const signers = messages.map(({ denomination, message }, i) => {
      const multiplier = this.#multipliers.get(denomination);
      if (multiplier !== undefined) return { multiplier, point: this.#point(message, i) };
      throw ecashErrors.error("no-mint-key", `mint key ${mintKeyId} has no ${denomination}`, {
        mintKeyId,
        denomination,
      });
    });
    const due = messages.reduce((sum, m) => sum + BigInt(m.denomination), 0n);
    const paid = await this.deposits.unitsFor(depositDigest(this.system, mintKeyId, messages));
    if (paid < due) {
      throw ecashErrors.error(
        "not-paid",
        `the coins are worth ${due} units and ${paid} are deposited for them`,
        { due, paid },
      );
    }
    const { g1 } = this.curve;
    return concatBytes(
      ...signers.map(({ multiplier, point }) => g1.encode(multiplier.multiply(point))),
    );
  }

  #point(message: Uint8Array, index: number): G1Point {
    const bad = (why: string, cause?: unknown) =>
      ecashErrors.error("bad-request", `message ${index} ${why}`, { index }, cause);
    let point: G1Point;
    try {
      point = this.curve.g1.decode(message);
    } catch (error) {
      throw bad("is no point", error);
    }
    if (this.curve.g1.isIdentity(point)) throw bad("is the identity");
    return point;
  }
}
