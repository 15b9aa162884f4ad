/** Pages that were proved wrong on-chain, as a role keeps them: after a restart they still count for nothing. */
import type { Store } from "../store/index.js";
import type { IntervalNumber } from "./one-time-key.js";
import type { PageBook } from "./page-book.js";
import { decodeRecord, encodeRecord, keyNumber } from "./record.js";

interface VoidPage {
  readonly interval: IntervalNumber;
  readonly revision: number;
}

/** Keeps that a page is void. */
export async function keepVoidPage(store: Store, prefix: string, page: VoidPage): Promise<void> {
  const key = `${prefix}${keyNumber(page.interval)}/${page.revision}`;
  await store.transaction(async (tx) => tx.put(key, encodeRecord(page)));
}

/** Tells the book of every page that is void. */
export async function readVoidPages(store: Store, prefix: string, book: PageBook): Promise<void> {
  for (const [, bytes] of await store.transaction((tx) => tx.list(prefix))) {
    const { interval, revision } = decodeRecord(bytes) as VoidPage;
    book.setVoid(interval, revision);
  }
}
