/**
 * The methods of the explorer's JSON-RPC: Otterscan's own (`ots_`, API level 8, as its documentation
 * describes them), and those of the node that read or send what is signed. Nothing here can use an
 * account that the node holds.
 */
import { blockByHash, blockByNumber, blockDetails, blockTransactions } from "./blocks.js";
import { callTrace, errorData, internalOperations, traceEntries } from "./call-trace.js";
import type { ChainIndex } from "./chain-index.js";
import { RpcFailure } from "./errors.js";
import type { Node } from "./node.js";
import { toAddress, toHash, toHex, toNumber } from "./quantities.js";
import { searchAfter, searchBefore, type Search } from "./search.js";

const API_LEVEL = 8;

const OF_THE_NODE: ReadonlySet<string> = new Set([
  "debug_traceTransaction",
  "eth_blockNumber",
  "eth_call",
  "eth_chainId",
  "eth_estimateGas",
  "eth_feeHistory",
  "eth_gasPrice",
  "eth_getBalance",
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
  "eth_getBlockTransactionCountByHash",
  "eth_getBlockTransactionCountByNumber",
  "eth_getCode",
  "eth_getLogs",
  "eth_getStorageAt",
  "eth_getTransactionByBlockHashAndIndex",
  "eth_getTransactionByBlockNumberAndIndex",
  "eth_getTransactionByHash",
  "eth_getTransactionCount",
  "eth_getTransactionReceipt",
  "eth_maxPriorityFeePerGas",
  "eth_sendRawTransaction",
  "eth_syncing",
  "net_version",
  "web3_clientVersion",
]);

type Params = readonly unknown[];
type Method = (node: Node, index: ChainIndex, params: Params) => Promise<unknown>;

const search = ([address, block, size]: Params): Search => ({
  address: toAddress(address),
  block: toNumber(block, "a block number"),
  size: toNumber(size, "a page size"),
});

const METHODS: Readonly<Record<string, Method>> = {
  ots_getApiLevel: () => Promise.resolve(API_LEVEL),
  ots_hasCode: async (node, _index, [address, tag = "latest"]) => {
    const at = typeof tag === "number" ? toHex(tag) : tag;
    return (await node.send("eth_getCode", [toAddress(address), at])) !== "0x";
  },
  ots_getInternalOperations: async (node, _index, [hash]) =>
    internalOperations(await callTrace(node, toHash(hash))),
  ots_traceTransaction: async (node, _index, [hash]) =>
    traceEntries(await callTrace(node, toHash(hash))),
  ots_getTransactionError: async (node, _index, [hash]) =>
    errorData(await callTrace(node, toHash(hash))),
  ots_getBlockDetails: async (node, _index, [number]) =>
    blockDetails(node, await blockByNumber(node, toNumber(number, "a block number"))),
  ots_getBlockDetailsByHash: async (node, _index, [hash]) =>
    blockDetails(node, await blockByHash(node, toHash(hash))),
  ots_getBlockTransactions: async (node, _index, [number, page, size]) =>
    blockTransactions(node, await blockByNumber(node, toNumber(number, "a block number")), {
      page: toNumber(page, "a page"),
      size: toNumber(size, "a page size"),
    }),
  ots_searchTransactionsBefore: (node, index, params) => searchBefore(node, index, search(params)),
  ots_searchTransactionsAfter: (node, index, params) => searchAfter(node, index, search(params)),
  ots_getTransactionBySenderAndNonce: async (_node, index, [sender, nonce]) => {
    await index.catchUp();
    return index.bySender(toAddress(sender), toNumber(nonce, "a nonce"));
  },
  ots_getContractCreator: async (_node, index, [address]) => {
    await index.catchUp();
    return index.creationOf(toAddress(address));
  },
  // Otterscan asks for this one of Erigon's when it connects.
  erigon_getHeaderByNumber: (node, _index, [tag]) =>
    node.send("eth_getBlockByNumber", [typeof tag === "number" ? toHex(tag) : tag, false]),
};

/** @throws RpcFailure */
export async function callMethod({
  node,
  index,
  method,
  params,
}: {
  readonly node: Node;
  readonly index: ChainIndex;
  readonly method: string;
  readonly params: Params;
}): Promise<unknown> {
  if (Object.hasOwn(METHODS, method)) return METHODS[method]!(node, index, params);
  if (OF_THE_NODE.has(method)) return node.send(method, params);
  throw new RpcFailure(-32601, `the explorer does not answer ${method}`);
}
