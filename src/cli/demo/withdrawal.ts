/** A withdrawal of a demonstration's home: money into the vault, blind signatures out of it. */
import {
  DepositTree,
  MAX_DEPOSIT_COUNT,
  VaultCalls,
  VaultReader,
  type Deployment,
  type TransactionSender,
} from "../../chain/index.js";
import {
  decodeRequest,
  encodeRequest,
  type ECashIssuer,
  type WithdrawalRequest,
} from "../../ecash/index.js";
import { concatBytes } from "@noble/hashes/utils.js";

/** Base units of the test credit for one unit of money. */
const CREDIT_PER_UNIT = 1n;

export interface Withdrawals {
  readonly sender: TransactionSender;
  readonly deployment: Deployment;
  readonly issuer: ECashIssuer;
}

/** A withdrawal, in as many deposits as it takes. Each step looks first whether it was taken before. */
export async function withdrawThroughVault(
  vault: Withdrawals,
  request: Uint8Array,
): Promise<Uint8Array> {
  const { mintKeyId, messages } = decodeRequest(request);
  const answers: Uint8Array[] = [];
  for (let i = 0; i < messages.length; i += MAX_DEPOSIT_COUNT) {
    const part = { mintKeyId, messages: messages.slice(i, i + MAX_DEPOSIT_COUNT) };
    answers.push(await oneDeposit(vault, part));
  }
  return concatBytes(...answers);
}

async function oneDeposit(
  { sender, deployment, issuer }: Withdrawals,
  { mintKeyId, messages }: WithdrawalRequest,
): Promise<Uint8Array> {
  const calls = new VaultCalls(sender, deployment);
  const reader = new VaultReader(sender.provider, deployment);
  const tree = DepositTree.ofMessages(messages);
  const request = encodeRequest({ mintKeyId, messages });
  const amount = issuer.price(request) * CREDIT_PER_UNIT;
  const answer = await issuer.issue(request);
  const block = await sender.provider.getBlockNumber();
  const filter = { depositor: sender.address, messagesRoot: tree.root };
  for (const id of await reader.depositIds(block, filter)) {
    const { status, depositHash } = await reader.deposit(id);
    if (status === "open") await calls.acknowledge(id, depositHash, answer);
    if (status === "open" || status === "acknowledged" || status === "collected") return answer;
  }
  const made = await calls.deposit({ amount, mintKeyId, count: messages.length, messages: tree });
  await calls.acknowledge(made.id, made.depositHash, answer);
  return answer;
}
