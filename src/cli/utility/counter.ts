/** The counter and the mint for accounts, as one process of the utility runs them. */
import { join } from "node:path";
import { hexToBytes } from "@noble/hashes/utils.js";
import { toAddress, type Address, type Bn254 } from "../../algebra/index.js";
import { issuerOf } from "../../ecash/index.js";
import { AccountMint } from "../../mint/index.js";
import {
  hashBoundSuite,
  ReceiptIssuer,
  type SettlementSystem,
  type Suite,
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
  type ServedEpoch,
} from "../../utility/index.js";
import type { UtilityFolder } from "./folder.js";

export interface CounterSettings {
  /** Its receipt keys are served, and the payees of all its terms, those too that come later. */
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
  /** Serves what has come to the folder since: receipt keys, and payees of terms. */
  look(): void;
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
  const { answerKey } = folder.secrets;
  const ecash = payingCoins(curve, system, mints);
  const suite = hashBoundSuite(curve, system.systemId);
  const served = new Served(folder, suite);
  const { book, close } = await openCounterBook(locationOf(settings, "books"), ecash);
  const [accounts, store] = await openAccounts(settings);
  const counter = new Counter({
    suite,
    epochs: served.epochs,
    denominations: terms.denominations,
    ecash,
    refreshing: refreshingCoins(curve, system, { mints, clock }),
    payee: payeeOf(terms),
    otherPayees: served.payees,
    book,
    answers: { systemId: system.systemId, answerKey },
    clock,
  });
  return {
    counter,
    accounts,
    coinId: (payment) => ecash.coinId(payment),
    look: () => {
      served.look();
    },
    async close() {
      await close();
      await store.close();
    },
  };
}

/** What grows while the counter serves: a month is paid under its own key and to its own payee. */
class Served {
  readonly epochs: ServedEpoch[] = [];
  readonly payees: Address[] = [];

  constructor(
    private readonly folder: UtilityFolder,
    private readonly suite: Suite,
  ) {
    this.look();
  }

  look(): void {
    for (const key of this.folder.receiptKeys) {
      if (this.epochs.some(({ issuer }) => issuer.keyEpoch === key.keyEpoch)) continue;
      const issuer = new ReceiptIssuer(this.suite, key);
      this.epochs.push({ issuer, maker: inThread(issuer, this.suite) });
    }
    this.payees.push(...this.folder.terms.slice(this.payees.length).map(payeeOf));
  }
}

function payeeOf({ payee }: SystemTerms): Address {
  return toAddress(hexToBytes(payee.slice(2)));
}
