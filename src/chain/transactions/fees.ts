/** What a transaction pays for gas, on chains with EIP-1559 and without. */
import type { Provider } from "ethers";
import { chainErrors } from "../errors/errors.js";

export interface Fees {
  /** Wei that one unit of gas may cost at most. */
  readonly perGas: bigint;
  /** The fields of the transaction. */
  readonly fields:
    | { readonly type: 2; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }
    | { readonly type: 0; readonly gasPrice: bigint };
}

/** Wei; what ethers offers a miner where the node suggests nothing. */
const SMALL_TIP = 1_000_000_000n;

/** What the node suggests now. @throws chain/no-fees */
export async function suggestedFees(provider: Provider): Promise<Fees> {
  const { maxFeePerGas, maxPriorityFeePerGas, gasPrice } = await provider.getFeeData();
  if (maxFeePerGas !== null && maxPriorityFeePerGas !== null) {
    return { perGas: maxFeePerGas, fields: { type: 2, maxFeePerGas, maxPriorityFeePerGas } };
  }
  if (gasPrice !== null) return { perGas: gasPrice, fields: { type: 0, gasPrice } };
  // A base fee of 0 is a fee: ethers takes it for none.
  if ((await provider.getBlock("latest"))?.baseFeePerGas === 0n) {
    const tip = { maxFeePerGas: SMALL_TIP, maxPriorityFeePerGas: SMALL_TIP };
    return { perGas: SMALL_TIP, fields: { type: 2, ...tip } };
  }
  throw chainErrors.error("no-fees", "the node suggests no price for gas");
}

/** A quarter more than before, and not less than is suggested now: nodes ask for a tenth at least. */
export function raiseFees(before: Fees, now: Fees): Fees {
  const raise = (old: bigint, suggested: bigint) => {
    const more = old + old / 4n + 1n;
    return more > suggested ? more : suggested;
  };
  if (before.fields.type === 0 || now.fields.type === 0) {
    const gasPrice = raise(before.perGas, now.perGas);
    return { perGas: gasPrice, fields: { type: 0, gasPrice } };
  }
  const maxFeePerGas = raise(before.fields.maxFeePerGas, now.fields.maxFeePerGas);
  const maxPriorityFeePerGas = raise(
    before.fields.maxPriorityFeePerGas,
    now.fields.maxPriorityFeePerGas,
  );
  return { perGas: maxFeePerGas, fields: { type: 2, maxFeePerGas, maxPriorityFeePerGas } };
}
