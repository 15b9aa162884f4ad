/** Pages of an address's transactions, newest first; a page ends with the block that fills it. */
import { blockByNumber, receiptOf } from "./blocks.js";
import type { ChainIndex, Place } from "./chain-index.js";
import { invalidParams } from "./errors.js";
import type { Node } from "./node.js";

const MOST_ON_A_PAGE = 250;

export interface Search {
  readonly address: string;
  /** The page lies before or after this block, which it excludes; 0: from the newest or oldest one. */
  readonly block: number;
  readonly size: number;
}

interface Page {
  readonly places: readonly Place[];
  /** Contains the newest transaction. */
  readonly firstPage: boolean;
  /** Contains the oldest. */
  readonly lastPage: boolean;
}

export async function searchBefore(node: Node, index: ChainIndex, search: Search): Promise<object> {
  const all = [...(await placesOf(index, search))].reverse();
  const rest = search.block === 0 ? all : all.filter((p) => p.block < search.block);
  const places = wholeBlocks(rest, search.size);
  const firstPage = search.block === 0 || search.block >= index.length;
  return answer(node, { places, firstPage, lastPage: places.length === rest.length });
}

export async function searchAfter(node: Node, index: ChainIndex, search: Search): Promise<object> {
  const all = await placesOf(index, search);
  const rest = search.block === 0 ? all : all.filter((p) => p.block > search.block);
  const places = wholeBlocks(rest, search.size);
  return answer(node, {
    places: [...places].reverse(),
    firstPage: places.length === rest.length,
    lastPage: search.block === 0,
  });
}

async function placesOf(index: ChainIndex, search: Search): Promise<readonly Place[]> {
  const { size } = search;
  if (size < 1 || size > MOST_ON_A_PAGE) throw invalidParams(`pages of 1 to ${MOST_ON_A_PAGE}`);
  await index.catchUp();
  return index.touching(search.address);
}

/** The first places, to the end of the block in which there are `size` of them. */
function wholeBlocks(places: readonly Place[], size: number): readonly Place[] {
  const last = places[size - 1];
  if (last === undefined) return places;
  const end = places.findIndex((p, i) => i >= size && p.block !== last.block);
  return end === -1 ? places : places.slice(0, end);
}

async function answer(node: Node, { places, ...page }: Page): Promise<object> {
  const rows = await Promise.all(
    places.map(async ({ block, hash }) => {
      const [transaction, receipt, { timestamp }] = await Promise.all([
        node.send("eth_getTransactionByHash", [hash]),
        receiptOf(node, hash),
        blockByNumber(node, block).then((b) => b!),
      ]);
      return { transaction, receipt: { ...receipt, timestamp } };
    }),
  );
  return {
    txs: rows.map((row) => row.transaction),
    receipts: rows.map((row) => row.receipt),
    ...page,
  };
}
