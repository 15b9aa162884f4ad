/** Signing a transaction, journaling it, handing it to the node, and reading the node's refusals. */
import {
  JsonRpcSigner,
  keccak256,
  type Provider,
  type Signer,
  type TransactionRequest,
} from "ethers";
import { isSipsterError } from "../../errors/sipster-error.js";
import { decodeError } from "../errors/decode-error.js";
import { chainErrors } from "../errors/errors.js";
import type { TransactionJournal } from "./transaction-journal.js";

/** A transaction that is complete but for its signature. */
export interface ReadyTransaction extends TransactionRequest {
  readonly from: string;
  readonly nonce: number;
}

/** Codes of ethers for refusals that are nobody's fault and have a remedy. */
export type NonceProblem = "NONCE_EXPIRED" | "REPLACEMENT_UNDERPRICED";

export function isNonceProblem(error: unknown, ...codes: NonceProblem[]): boolean {
  return codes.some((code) => hasCode(error, code));
}

/**
 * Hands a transaction to the node and returns its hash. It is in the journal before it leaves,
 * unless the node itself signs: then its hash is known only afterwards.
 * @throws errors of ethers with a {@link NonceProblem}; contract/…, chain/insufficient-funds,
 *   transaction-refused, unreachable
 */
export async function broadcast({
  provider,
  signer,
  transaction,
  journal,
}: {
  readonly provider: Provider;
  readonly signer: Signer;
  readonly transaction: ReadyTransaction;
  readonly journal: TransactionJournal;
}): Promise<string> {
  const { from, nonce } = transaction;
  if (signer instanceof JsonRpcSigner) {
    const hash = await signer.sendUncheckedTransaction(transaction).catch(refused);
    await journal.add({ hash, from, nonce });
    return hash;
  }
  const { chainId } = await provider.getNetwork();
  const raw = await signer.signTransaction({ ...transaction, chainId });
  const hash = keccak256(raw);
  await journal.add({ hash, from, nonce });
  try {
    await provider.broadcastTransaction(raw);
  } catch (error) {
    // A node that does not answer may have it all the same: the journal keeps it.
    if (isSipsterError(error)) throw error;
    // Some nodes complain of a transaction that they have, or that they mined and that reverted.
    if ((await provider.getTransaction(hash)) === null) {
      await journal.remove(hash);
      refused(error);
    }
  }
  return hash;
}

function refused(error: unknown): never {
  if (isNonceProblem(error, "NONCE_EXPIRED", "REPLACEMENT_UNDERPRICED")) throw error;
  if (isSipsterError(error)) throw error;
  const revert = decodeError(error);
  if (revert !== null) throw revert;
  const reason = error instanceof Error ? error.message : String(error);
  if (hasCode(error, "INSUFFICIENT_FUNDS")) {
    throw chainErrors.errorFrom({
      key: "insufficient-funds",
      message: `the account cannot pay: ${reason}`,
      cause: error,
    });
  }
  throw chainErrors.errorFrom({
    key: "transaction-refused",
    message: `the node refuses it: ${reason}`,
    cause: error,
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
