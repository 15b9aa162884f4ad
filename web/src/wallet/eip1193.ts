/** What a wallet is to a page (EIP-1193), and asking it something. */
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";

export interface WalletProvider {
  request(request: { method: string; params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (...args: unknown[]) => void): unknown;
  removeListener?(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** @throws wallet/…, or what else {@link explainFailure} makes of the wallet's answer */
export async function ask(
  wallet: WalletProvider,
  method: string,
  params: readonly unknown[] = [],
): Promise<unknown> {
  try {
    return await wallet.request({ method, params });
  } catch (error) {
    throw explainFailure(error);
  }
}
