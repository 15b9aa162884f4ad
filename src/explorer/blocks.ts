/** Blocks as Otterscan wants them: without their transactions, or a page of these. */
import { invalidParams } from "./errors.js";
import type { Node } from "./node.js";
import { toHex } from "./quantities.js";

export type Fields = Readonly<Record<string, unknown>>;

export interface Block extends Fields {
  readonly number: string;
  readonly hash: string;
  readonly timestamp: string;
  readonly transactions: readonly (Fields & { readonly hash: string; readonly input: string })[];
}

export interface Receipt extends Fields {
  readonly gasUsed: string;
  readonly effectiveGasPrice: string;
  readonly transactionHash: string;
}

/** Transactions of one page, at most. */
const MOST_ON_A_PAGE = 250;

export async function blockByNumber(node: Node, number: number): Promise<Block | null> {
  return (await node.send("eth_getBlockByNumber", [toHex(number), true])) as Block | null;
}

export async function blockByHash(node: Node, hash: string): Promise<Block | null> {
  return (await node.send("eth_getBlockByHash", [hash, true])) as Block | null;
}

export async function receiptsOf(node: Node, block: Block): Promise<readonly Receipt[]> {
  return Promise.all(block.transactions.map(({ hash }) => receiptOf(node, hash)));
}

export async function receiptOf(node: Node, hash: string): Promise<Receipt> {
  return (await node.send("eth_getTransactionReceipt", [hash])) as Receipt;
}

/** `ots_getBlockDetails`: the block, what it issued (nothing, since the merge), and its fees. */
export async function blockDetails(node: Node, block: Block | null): Promise<object | null> {
  if (block === null) return null;
  const { transactions, ...rest } = block;
  const receipts = await receiptsOf(node, block);
  const fees = receipts.reduce((n, r) => n + BigInt(r.gasUsed) * BigInt(r.effectiveGasPrice), 0n);
  return {
    block: { ...rest, transactionCount: transactions.length },
    issuance: { blockReward: "0x0", uncleReward: "0x0", issuance: "0x0" },
    totalFees: toHex(fees),
  };
}

/** `ots_getBlockTransactions`: a page of a block, the last transactions first. */
export async function blockTransactions(
  node: Node,
  block: Block | null,
  { page, size }: { readonly page: number; readonly size: number },
): Promise<object | null> {
  if (block === null) return null;
  if (size < 1 || size > MOST_ON_A_PAGE) throw invalidParams(`pages of 1 to ${MOST_ON_A_PAGE}`);
  const count = block.transactions.length;
  const end = Math.max(0, count - page * size);
  const transactions = block.transactions.slice(Math.max(0, end - size), end);
  const receipts = await receiptsOf(node, { ...block, transactions });
  return {
    fullblock: {
      ...block,
      // Four bytes name the function; the rest is shown with the transaction itself.
      transactions: transactions.map((t) => ({ ...t, input: t.input.slice(0, 10) })),
      transactionCount: count,
    },
    receipts: receipts.map((r) => ({ ...r, logs: [], timestamp: block.timestamp })),
  };
}
