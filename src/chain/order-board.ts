/**
 * The contract `OrderBoard`: orders that a counter left unanswered, and answers to them. Anybody posts
 * anything there, so what is too long for an order or an answer is passed over unread.
 */
import type { Log, Provider } from "ethers";
import { hexToBytes } from "@noble/hashes/utils.js";
import type { SystemTerms } from "../sipster/index.js";
import { OrderBoard__factory } from "./bindings/index.js";
import type { Deployment } from "./deploy/deployment.js";
import { readEvents } from "./event-log.js";
import { finalBlock } from "./final-block.js";
import { mapLimit } from "./map-limit.js";
import type { TransactionSender } from "./transactions/transaction-sender.js";

/** No order and no answer of the exchange has more bytes. */
const MAX_POSTED_BYTES = 1024;
/** Blocks that are asked for their time together. */
const BLOCKS_TOGETHER = 8;

export interface BoardPost {
  /** keccak256 of the order, as the contract names it. */
  readonly orderHash: string;
  readonly order: Uint8Array;
  /** When, by the deployment's clock, in Unix seconds. */
  readonly at: number;
}

export interface BoardAnswer {
  readonly orderHash: string;
  /** The account that posted it. */
  readonly answerer: string;
  readonly answer: Uint8Array;
}

/** What came since the last time, in the order of the chain. */
export interface BoardNews {
  /** The final block up to which the board is read now. */
  readonly block: number;
  readonly posts: readonly BoardPost[];
  readonly answers: readonly BoardAnswer[];
}

export interface BoardPlace {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly terms: Pick<SystemTerms, "finality" | "timeShift">;
}

const { interface: abi } = OrderBoard__factory.connect(`0x${"0".repeat(40)}`);
const TOPICS = ["OrderPosted", "OrderAnswered"].map(
  (name) => abi.getEvent(name as never).topicHash,
);

/** Reads the board from the deployment on, each block once. */
export class BoardReader {
  #next: number;

  constructor(private readonly place: BoardPlace) {
    this.#next = place.deployment.block;
  }

  /** @throws chain/no-final-block, events-refused, unreachable; then nothing counts as read */
  async news(): Promise<BoardNews> {
    const { provider, deployment, terms } = this.place;
    const { number } = await finalBlock(provider, terms.finality);
    const { address } = deployment.contracts.orderBoard;
    const range = { fromBlock: this.#next, toBlock: number };
    const posted: Log[] = [];
    const answers: BoardAnswer[] = [];
    for await (const logs of readEvents(provider, { address, topics: [TOPICS], ...range })) {
      for (const log of logs) {
        if (log.data.length > longest()) continue;
        if (log.topics[0] === TOPICS[0]) posted.push(log);
        else answers.push(answerOf(log));
      }
    }
    const blocks = [...new Set(posted.map(({ blockNumber }) => blockNumber))];
    const times = await mapLimit(blocks, BLOCKS_TOGETHER, async (block) => {
      return (await provider.getBlock(block))!.timestamp - terms.timeShift;
    });
    const timeOf = new Map(blocks.map((block, i) => [block, times[i]!]));
    const posts = posted.map((log) => ({
      orderHash: log.topics[1]!,
      order: bytesOf(log, "order"),
      at: timeOf.get(log.blockNumber)!,
    }));
    this.#next = Math.max(this.#next, number + 1);
    return { block: number, posts, answers };
  }
}

/** Digits of the data of an event: 0x, where the bytes begin, how many they are, the bytes padded. */
function longest(): number {
  return 2 + 2 * (32 + 32 + MAX_POSTED_BYTES);
}

function answerOf(log: Log): BoardAnswer {
  const { answerer } = abi.parseLog(log)!.args as unknown as { answerer: string };
  return { orderHash: log.topics[1]!, answerer, answer: bytesOf(log, "answer") };
}

function bytesOf(log: Log, name: string): Uint8Array {
  const args = abi.parseLog(log)!.args as unknown as Readonly<Record<string, string>>;
  return hexToBytes(args[name]!.slice(2));
}

/** Posts an order from the sender's account. @throws what `TransactionSender.send` throws */
export async function postOrder(
  sender: TransactionSender,
  { contracts }: Deployment,
  order: Uint8Array,
): Promise<void> {
  const data = abi.encodeFunctionData("post", [order]);
  await sender.send({ to: contracts.orderBoard.address, data });
}

/** Posts an answer. @returns the block it is in; @throws what `TransactionSender.send` throws */
export async function answerOrder(
  sender: TransactionSender,
  { contracts }: Deployment,
  { orderHash, answer }: Omit<BoardAnswer, "answerer">,
): Promise<number> {
  const data = abi.encodeFunctionData("answer", [orderHash, answer]);
  const { blockNumber } = await sender.send({ to: contracts.orderBoard.address, data });
  return blockNumber;
}
