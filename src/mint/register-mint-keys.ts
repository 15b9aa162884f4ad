/** The mint's public keys on their way to the vault. */
import type { Bn254 } from "../algebra/index.js";
import type { Cost, VaultCalls } from "../chain/index.js";
import type { MintPublicKeys } from "../ecash/index.js";

/** Registers all keys of one mint key id in one transaction. @param firstPeriod YYYYMM; 0 for the first id */
export function registerMintKeys(
  calls: VaultCalls,
  curve: Bn254,
  { mintKeyId, keys, firstPeriod }: MintPublicKeys & { readonly firstPeriod: number },
): Promise<Cost> {
  const encoded = [...keys].map(([denomination, { b1, b2 }]) => ({
    denomination,
    b1: curve.g1.encode(b1),
    b2: curve.g2.encode(b2),
  }));
  return calls.registerMintKeys({ mintKeyId, firstPeriod, keys: encoded });
}
