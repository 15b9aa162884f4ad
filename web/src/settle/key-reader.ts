/** The utility's keys as they are registered, each read and checked once. */
import { nobleBn254 } from "../../../src/algebra/bn254/bn254-noble.js";
import type { BillSettlement } from "../../../src/chain/bindings/index.js";
import { g1FromWords, g2FromWords } from "../../../src/chain/contract-values.js";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";
import { isConsistentKey, type UtilityPublicKey } from "../../../src/sipster/keys.js";
import { webErrors } from "../../../src/pages/errors.js";

export class KeyReader {
  readonly #keys = new Map<number, Promise<UtilityPublicKey>>();

  constructor(private readonly contract: BillSettlement) {}

  /**
   * The key of an epoch, decoded with every check of the curve, and with e(A1, P2) = e(P1, A2).
   * @throws contract/SettlementKeyEpochUnknown, web/key-inconsistent, algebra/…, chain/unreachable
   */
  read(keyEpoch: number): Promise<UtilityPublicKey> {
    let key = this.#keys.get(keyEpoch);
    if (key === undefined) {
      key = this.#read(keyEpoch);
      this.#keys.set(keyEpoch, key);
      // What went wrong is asked for again: an epoch may be registered later, a node come back.
      key.catch(() => this.#keys.delete(keyEpoch));
    }
    return key;
  }

  async #read(keyEpoch: number): Promise<UtilityPublicKey> {
    const { a1, a2 } = await this.contract.epochKey(keyEpoch).catch((error: unknown) => {
      throw explainFailure(error);
    });
    const key = { keyEpoch, a1: g1FromWords(nobleBn254, a1), a2: g2FromWords(nobleBn254, a2) };
    if (isConsistentKey(nobleBn254, key)) return key;
    throw webErrors.error(
      "key-inconsistent",
      `the two halves of the utility's key of epoch ${keyEpoch} belong to different secrets`,
      { keyEpoch },
    );
  }
}
