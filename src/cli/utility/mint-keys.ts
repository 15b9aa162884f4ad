/** The mint's keys by their ids: in the folder, and in the vault. */
import { VaultReader, type Deployment, type RpcProvider } from "../../chain/index.js";
import type { PeriodMint } from "../../utility/index.js";
import { cliErrors } from "../errors.js";
import type { UtilityFolder } from "./folder.js";

/**
 * The keys that the folder holds, of the ids that the vault has, oldest first. Without any the first,
 * which begins before everything.
 */
export async function registeredMints(
  folder: UtilityFolder,
  provider: RpcProvider,
  deployment: Deployment,
): Promise<readonly PeriodMint[]> {
  const reader = new VaultReader(provider, deployment);
  const registered = await reader.mintKeys(await provider.getBlockNumber());
  if (registered.length === 0) return [{ ...folder.secrets.mint, firstPeriod: 0 }];
  return registered.map(({ mintKeyId, firstPeriod }) => {
    const secret = folder.mint(mintKeyId);
    if (secret === null) {
      const what = `the vault has mint key ${mintKeyId}, and ${folder.path} does not`;
      throw cliErrors.error("other-key", what);
    }
    return { ...secret, firstPeriod };
  });
}
