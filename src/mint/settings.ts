/** What a process of the mint works with. */
import type { BlockTime, Cost, VaultCalls, VaultReader } from "../chain/index.js";
import type { ECashIssuer } from "../ecash/index.js";
import type { Store } from "../store/index.js";
import { MintBooks } from "./mint-books.js";

export interface VaultMintSettings {
  /** By mint key id. */
  readonly issuers: ReadonlyMap<number, ECashIssuer>;
  readonly store: Store;
  readonly reader: VaultReader;
  /** Sends as the holder of the mint's role. */
  readonly calls: VaultCalls;
  /** Base units of the token for one unit of money. */
  readonly baseUnitsPerUnit: bigint;
  /** The last final block: deposits are judged as they stand in it. */
  readonly finalBlock: () => Promise<BlockTime>;
  readonly latestBlock: () => Promise<BlockTime>;
  /**
   * Seconds before a deposit's deadline in which no signatures are sent: longer than a transaction may
   * take to be mined and final.
   */
  readonly margin: bigint;
  /** Told what each transaction cost. */
  readonly onCost?: (what: string, id: bigint, cost: Cost) => void;
}

/** Runs `work` on the books, in one transaction of the store. */
export function withBooks<T>(
  { store }: VaultMintSettings,
  work: (books: MintBooks) => Promise<T> | T,
): Promise<T> {
  return store.transaction(async (tx) => work(new MintBooks(tx)));
}

/** Deposits of one transaction of the books: a set is decided and moved on together. */
const SET = 64;

export function setsOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / SET) }, (_, i) =>
    all.slice(SET * i, SET * (i + 1)),
  );
}

/** Calls to the node, or transactions, under way at the same time. */
export const AT_ONCE = 16;
