/** The counter and the mint for accounts, as one process of the utility runs them. */
import { join } from "node:path";
import { hexToBytes } from "@noble/hashes/utils.js";
import { toAddress, type Bn254 } from "../../algebra/index.js";
import { issuerOf } from "../../ecash/index.js";
import { AccountMint } from "../../mint/index.js";
import {
  hashBoundSuite,
  ReceiptIssuer,
  type SettlementSystem,
  type SystemTerms,
} from "../../sipster/index.js";
import { isPostgresUrl, openStore, type Store } from "../../store/index.js";
import {
  Counter,
  inThread,
  openCounterBook,
  payingCoins,
  refreshingCoins,
  type PeriodMint,
} from "../../utility/index.js";
import type { UtilityFolder } from "./folder.js";

export interface CounterSettings {
  readonly folder: UtilityFolder;
  readonly curve: Bn254;
  readonly system: SettlementSystem;
  readonly terms: SystemTerms;
  /** Of every id that is registered, oldest first. */
  readonly mints: readonly PeriodMint[];
  /** `postgresql://…`; files in the folder when absent. */
  readonly database?: string;
  /** Unix seconds of the deployment. */
  readonly clock: () => bigint;
}

export interface OpenCounter {
  readonly counter: Counter;
  readonly accounts: AccountMint;
  coinId(payment: Uint8Array): string;
  close(): Promise<void>;
}

/** Where a book is: in the database, or in a file of the folder. */
export function locationOf(
  { folder, database }: Pick<CounterSettings, "folder" | "database">,
  book: string,
): string {
  return database !== undefined && isPostgresUrl(database) ? database : join(folder.path, book);
}

export async function openAccounts(settings: CounterSettings): Promise<[AccountMint, Store]> {
  const { curve, system, mints } = settings;
  const issuer = issuerOf(curve, mints);
  const store = await openStore(locationOf(settings, "accounts"), "accounts");
  return [new AccountMint({ system, issuer, store }), store];
}

export async function openCounter(settings: CounterSettings): Promise<OpenCounter> {
  const { folder, curve, system, terms, mints, clock } = settings;
  const { receiptKey, answerKey } = folder.secrets;
  const ecash = payingCoins(curve, system, mints);
  const suite = hashBoundSuite(curve, system.systemId);
  const issuer = new ReceiptIssuer(suite, receiptKey);
  const { book, close } = await openCounterBook(locationOf(settings, "books"), ecash);
  const [accounts, store] = await openAccounts(settings);
  const counter = new Counter({
    suite,
    epochs: [{ issuer, maker: inThread(issuer, suite) }],
    denominations: terms.denominations,
    ecash,
    refreshing: refreshingCoins(curve, system, { mints, clock }),
    payee: toAddress(hexToBytes(terms.payee.slice(2))),
    book,
    answers: { systemId: system.systemId, answerKey },
    clock,
  });
  return {
    counter,
    accounts,
    coinId: (payment) => ecash.coinId(payment),
    async close() {
      await close();
      await store.close();
    },
  };
}
