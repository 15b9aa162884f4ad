/** What the mint published for the deposit of a withdrawal's file, and what is wrong with it. */
import { hexlify } from "ethers";
import type { Bn254 } from "../algebra/index.js";
import type { VaultDeposit, VaultReader } from "../chain/index.js";
import { ecashErrors, wrongSignatures } from "../ecash/index.js";
import { fundingErrors } from "./errors.js";
import { mintKeysOnChain } from "./mint-keys-on-chain.js";
import type { WithdrawalFile } from "./withdrawal-file.js";

export interface PublishedAnswer {
  readonly deposit: VaultDeposit;
  /** `null` if the mint has published nothing. */
  readonly answer: Uint8Array | null;
  /** Indices of the signatures that are not the mint's, ascending. */
  readonly wrong: readonly number[];
}

/** The deposit for the messages of a file, as it stands now. @throws funding/other-deposit */
export async function depositFor(
  reader: VaultReader,
  { tree, mintKeyId }: WithdrawalFile,
  id: bigint,
): Promise<VaultDeposit> {
  const deposit = await reader.deposit(id);
  const isMeant = deposit.messagesRoot === hexlify(tree.root) && deposit.mintKeyId === mintKeyId;
  if (isMeant) return deposit;
  const what = `deposit ${id} is for other messages than the file's`;
  throw fundingErrors.error("other-deposit", what, { id });
}

/** @throws funding/other-deposit, ecash/no-mint-key */
export async function publishedAnswer(
  { reader, curve, toBlock }: { reader: VaultReader; curve: Bn254; toBlock: number },
  withdrawal: WithdrawalFile,
  id: bigint,
): Promise<PublishedAnswer> {
  const deposit = await depositFor(reader, withdrawal, id);
  const answer = await reader.signatures(deposit, toBlock);
  if (answer === null) return { deposit, answer, wrong: [] };
  const { request, mintKeyId } = withdrawal;
  const all = await mintKeysOnChain(reader, curve, toBlock);
  const keys = all.find((set) => set.mintKeyId === mintKeyId);
  if (keys !== undefined) {
    return { deposit, answer, wrong: wrongSignatures({ curve, mint: keys, request, answer }) };
  }
  throw ecashErrors.error("no-mint-key", `the vault has no mint key ${mintKeyId}`, { mintKeyId });
}
