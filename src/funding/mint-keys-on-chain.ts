/** The mint's public keys as the vault has them, checked again. */
import type { Bn254 } from "../algebra/index.js";
import type { VaultReader } from "../chain/index.js";
import { checkMintKeys, type MintPeriod, type MintPublicKeys } from "../ecash/index.js";

/** Of all ids registered up to a block, oldest first. @throws ecash/bad-mint-key, algebra/… */
export async function mintKeysOnChain(
  reader: VaultReader,
  curve: Bn254,
  toBlock: number,
): Promise<readonly (MintPublicKeys & MintPeriod)[]> {
  const all = await reader.mintKeys(toBlock);
  return all.map(({ mintKeyId, firstPeriod, keys }) => {
    const points = keys.map(({ denomination, b1, b2 }) => {
      const key = { b1: curve.g1.decode(b1), b2: curve.g2.decode(b2) };
      return [denomination, key] as const;
    });
    return { firstPeriod, ...checkMintKeys(curve, { mintKeyId, keys: new Map(points) }) };
  });
}
