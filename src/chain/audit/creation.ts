/** How a contract of the record came to be, as the node shows it: its code, and what created it. */
import { getAddress, keccak256, type Provider } from "ethers";
import type { DeployedContract } from "../deploy/deployment.js";

export interface Creation {
  /** The code at the address; 0x when there is none. */
  readonly code: string;
  /** What created it: the compiler's creation code and the arguments. Null with a fault. */
  readonly data: string | null;
  /** What is wrong with it already, or keeps it from being known. */
  readonly fault: { readonly result: "failed" | "unknown"; readonly problem: string } | null;
}

/** Reads the code at the block, sees that it is the recorded one, and fetches what created it. */
export async function readCreation(
  provider: Provider,
  { address, transaction, codeHash }: DeployedContract,
  blockTag: number,
): Promise<Creation> {
  const code = await provider.getCode(address, blockTag);
  const fault = (problem: string, result: "failed" | "unknown" = "failed"): Creation => ({
    code,
    data: null,
    fault: { result, problem },
  });
  if (code === "0x") return fault("there is no contract at the address");
  if (keccak256(code) !== codeHash) return fault("the code is not the one that was deployed");
  if (transaction === undefined) return fault("the record does not name its creation");
  const [sent, receipt] = await Promise.all([
    provider.getTransaction(transaction),
    provider.getTransactionReceipt(transaction),
  ]);
  if (sent === null || receipt === null) {
    return fault(`the node does not give transaction ${transaction}`, "unknown");
  }
  if (receipt.status !== 1 || receipt.contractAddress !== getAddress(address)) {
    return fault(`transaction ${transaction} did not create it`);
  }
  return { code, data: sent.data, fault: null };
}
