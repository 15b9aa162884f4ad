/** The order board on the chain: read as of a final block, and posted to by a transaction. */
import { Interface, type Log } from "ethers";
import {
  allEvents,
  finalBlock,
  type Deployment,
  type RpcProvider,
  type TransactionSender,
} from "../../chain/index.js";
import { hexToBytes, bytesToHex } from "@noble/hashes/utils.js";
import type { OrderBoard, PostedOrder } from "../../resident/index.js";
import type { SystemTerms } from "../../sipster/index.js";

const abi = new Interface([
  "event OrderPosted(bytes32 indexed orderHash, address indexed poster, bytes order)",
  "event OrderAnswered(bytes32 indexed orderHash, address indexed answerer, bytes answer)",
  "function post(bytes order) returns (bytes32)",
]);

/** @param sender posts; `null`: this wallet posts nothing, and reads */
export function orderBoard(
  provider: RpcProvider,
  deployment: Deployment,
  terms: Pick<SystemTerms, "finality" | "timeShift">,
  sender: TransactionSender | null,
): OrderBoard {
  const { address } = deployment.contracts.orderBoard;
  const logs = async (name: string, toBlock: number): Promise<Log[]> => {
    const topics = [abi.getEvent(name)!.topicHash];
    return allEvents(provider, { address, topics, fromBlock: deployment.block, toBlock });
  };
  return {
    async post(order) {
      if (sender === null) throw new Error("no account posts for this wallet");
      const data = abi.encodeFunctionData("post", [`0x${bytesToHex(order)}`]);
      await sender.send({ to: address, data });
    },
    async posts(from, to): Promise<readonly PostedOrder[]> {
      const { number } = await finalBlock(provider, terms.finality);
      const answers = new Map<string, Uint8Array[]>();
      for (const log of await logs("OrderAnswered", number)) {
        const { orderHash, answer } = abi.parseLog(log)!.args;
        const of = answers.get(String(orderHash)) ?? [];
        answers.set(String(orderHash), [...of, hexToBytes(String(answer).slice(2))]);
      }
      const posts: PostedOrder[] = [];
      for (const log of await logs("OrderPosted", number)) {
        const { orderHash, order } = abi.parseLog(log)!.args;
        const block = await provider.getBlock(log.blockNumber);
        const at = block!.timestamp - terms.timeShift;
        if (at < from || at >= to) continue;
        const bytes = hexToBytes(String(order).slice(2));
        posts.push({ order: bytes, at, answers: answers.get(String(orderHash)) ?? [] });
      }
      return posts;
    },
  };
}
