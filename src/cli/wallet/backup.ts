/** The encrypted copy of a wallet's books. */
import { exportBooks } from "../../resident/index.js";
import type { OpenWallet } from "./open-wallet.js";

export function backupOf({ store, folder, pinned, clock }: OpenWallet): Promise<Uint8Array> {
  const key = { systemId: pinned.system.systemId, secret: folder.secret() };
  return exportBooks(store, key, clock.now);
}
