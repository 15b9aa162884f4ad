/** What a wallet asks for in place of a coin, under each mint key that makes coins of its denomination. */
import type { Refresh } from "../ecash/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import type { CoinRecord } from "./books.js";
import type { ResidentSettings } from "./settings.js";

/**
 * The same for the same coin and key. `null`: the mint has no key of this id for the denomination. It may
 * leave out what it likes, and that must not stop the wallet.
 */
export function freshCoin(
  { wallet, secret }: Pick<ResidentSettings, "wallet" | "secret">,
  { secret: coin }: CoinRecord,
  mintKeyId: number,
): Refresh | null {
  try {
    return wallet.prepareRefresh(mintKeyId, coin, secret);
  } catch (error) {
    if (isSipsterError(error, "ecash/no-mint-key")) return null;
    throw error;
  }
}
