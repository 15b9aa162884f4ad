/**
 * Coins whose token was paid with another coin. A fresh coin came for each, which nothing ties to the
 * old one; it pays for a token whose own coin was never withdrawn. Which one is written down with the
 * token. Books that were made again, from the secret or from a copy, do not know what spare coins paid
 * for since, so there none is used: showing one with a second token would join the two.
 */
import type { Books, CoinRecord } from "./books.js";

export interface SpareCoin {
  readonly number: number;
  readonly coin: CoinRecord;
}

/** The spare coins of one transaction; each is taken once. */
export class SpareCoins {
  #left: Promise<(SpareCoin & { readonly denomination: number })[]> | null = null;

  constructor(private readonly books: Books) {}

  /** The spare coin of the lowest number that `fits`. */
  async take(denomination: number, fits: (coin: CoinRecord) => boolean): Promise<SpareCoin | null> {
    this.#left ??= this.#read();
    const left = await this.#left;
    const at = left.findIndex((s) => s.denomination === denomination && fits(s.coin));
    return at < 0 ? null : left.splice(at, 1)[0]!;
  }

  async #read(): Promise<(SpareCoin & { readonly denomination: number })[]> {
    if (await this.books.isRestored()) return [];
    return (await this.books.coins())
      .filter(({ record }) => record.state === "spare" && record.refreshAt === undefined)
      .map(({ denomination, number, record }) => ({ denomination, number, coin: record }));
  }
}
