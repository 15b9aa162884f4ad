/**
 * The counter's book in tables of PostgreSQL, by sets of rows: for any number of instances at once.
 * The tables are those of `StoredCounterBook`: sipster_coin (id, payment), sipster_token (hash, coin,
 * units).
 *
 * The primary keys decide every race: of two instances that insert the same coin or the same token, the
 * second waits for the first and then sees its row. A transaction inserts its coins in order, then its
 * tokens in order, so that no two wait for each other.
 */
import { sameMemo, type ECashAcceptor } from "../ecash/index.js";
import type { PostgresPool, Query } from "../store/index.js";
import type { CoinUse, CounterBook, Sales, UseOutcome } from "./counter-book.js";

const KIND = { isolation: "READ COMMITTED", idempotent: true } as const;

export class PostgresCounterBook implements CounterBook {
  /** `ecash` reads the memos of payments. The pool stays open. */
  constructor(
    private readonly pool: PostgresPool,
    private readonly ecash: Pick<ECashAcceptor, "memo">,
  ) {}

  bound(uses: readonly CoinUse[]): Promise<readonly boolean[]> {
    return this.pool.transaction(KIND, async (query) => {
      const rows = await this.#rows(query, uses);
      return uses.map((use) => this.#outcome(use, rows)?.kind === "bound");
    });
  }

  /**
   * Binds all of them in one transaction, each as if alone and in order. Asking again gives the same.
   * @throws store/unreachable and the other errors of the pool; then nothing is bound, or all of it is
   */
  bind(uses: readonly CoinUse[]): Promise<readonly UseOutcome[]> {
    return this.pool.transaction(KIND, async (query) => {
      const outcomes = new Map<CoinUse, UseOutcome>();
      // One round, but where a coin or a token occurs twice among the uses.
      for (let left = uses; left.length > 0;) {
        const round = withoutRepetition(left);
        await this.#bindRound(query, round, outcomes);
        left = left.filter((use) => !outcomes.has(use));
      }
      return uses.map((use) => outcomes.get(use)!);
    });
  }

  /** Tokens that were paid, and their units. Reads every row. */
  sales(): Promise<Sales> {
    return this.pool.transaction(KIND, async (query) => {
      const sql =
        "SELECT count(*)::text AS receipts, coalesce(sum(units), 0)::text AS units FROM sipster_token";
      const [row] = await query<{ receipts: string; units: string }>(sql);
      return { units: BigInt(row!.units), receipts: BigInt(row!.receipts) };
    });
  }

  /** No coin and no token occurs twice in `uses`. */
  async #bindRound(
    query: Query,
    uses: readonly CoinUse[],
    outcomes: Map<CoinUse, UseOutcome>,
  ): Promise<void> {
    const taken = await insertCoins(query, uses);
    const paying = uses.filter(({ coin, token }) => token !== null && taken.has(coin));
    const paid = paying.length === 0 ? new Set<string>() : await insertTokens(query, paying);
    const isBound = ({ coin, token }: CoinUse): boolean =>
      token === null ? taken.has(coin) : paid.has(token);
    for (const use of uses) if (isBound(use)) outcomes.set(use, { kind: "bound" });
    const others = uses.filter((use) => !isBound(use));
    if (others.length === 0) return;
    // Another coin has paid for their token meanwhile: these coins are given back.
    const returned = others.filter(({ coin }) => taken.has(coin)).map(({ coin }) => coin);
    if (returned.length > 0) {
      await query("DELETE FROM sipster_coin WHERE id = ANY($1::text[])", [returned]);
    }
    const rows = await this.#rows(query, others);
    for (const use of others) outcomes.set(use, this.#outcome(use, rows)!);
  }

  async #rows(query: Query, uses: readonly CoinUse[]): Promise<Rows> {
    const hashes = uses.flatMap(({ token }) => (token === null ? [] : [bytesOf(token)]));
    const tokens = await query<{ hash: Buffer; coin: string; payment: Buffer }>(
      `SELECT t.hash, t.coin, c.payment FROM sipster_token t JOIN sipster_coin c ON c.id = t.coin
       WHERE t.hash = ANY($1::bytea[])`,
      [hashes],
    );
    const coins = await query<{ id: string; payment: Buffer }>(
      "SELECT id, payment FROM sipster_coin WHERE id = ANY($1::text[])",
      [uses.map(({ coin }) => coin)],
    );
    return {
      payers: new Map(tokens.map((row) => [row.hash.toString("hex"), row])),
      coins: new Map(coins.map(({ id, payment }) => [id, payment])),
    };
  }

  /** What the rows say of this use; `null` if neither coin nor token has one. */
  #outcome({ coin, token, payment }: CoinUse, rows: Rows): UseOutcome | null {
    const payer = token === null ? undefined : rows.payers.get(token);
    if (payer !== undefined) {
      if (payer.coin === coin) return { kind: "bound" };
      return { kind: "token-paid", earlier: Uint8Array.from(payer.payment) };
    }
    const found = rows.coins.get(coin);
    if (found === undefined) return null;
    const earlier = Uint8Array.from(found);
    const same = sameMemo(this.ecash.memo(earlier), this.ecash.memo(payment));
    return same ? { kind: "bound" } : { kind: "coin-spent", earlier };
  }
}

interface Rows {
  /** Token in hexadecimal → the coin that paid for it. */
  readonly payers: ReadonlyMap<string, { readonly coin: string; readonly payment: Uint8Array }>;
  /** Coin → its payment. */
  readonly coins: ReadonlyMap<string, Uint8Array>;
}

/** The first uses of each coin and each token. */
function withoutRepetition(uses: readonly CoinUse[]): readonly CoinUse[] {
  const seen = new Set<string>();
  return uses.filter(({ coin, token }) => {
    const names = [`coin ${coin}`, ...(token === null ? [] : [`token ${token}`])];
    const fresh = names.every((name) => !seen.has(name));
    // What waits for another use makes those wait that come after it.
    for (const name of names) seen.add(name);
    return fresh;
  });
}

/** Inserts the coins that have no row; returns them. */
async function insertCoins(query: Query, uses: readonly CoinUse[]): Promise<Set<string>> {
  const rows = await query<{ id: string }>(
    `INSERT INTO sipster_coin
     SELECT id, payment FROM unnest($1::text[], $2::bytea[]) AS new (id, payment) ORDER BY id
     ON CONFLICT DO NOTHING RETURNING id`,
    [uses.map(({ coin }) => coin), uses.map(({ payment }) => Buffer.from(payment))],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Inserts the tokens that have no row; returns them, in hexadecimal. */
async function insertTokens(query: Query, uses: readonly CoinUse[]): Promise<Set<string>> {
  const rows = await query<{ hash: Buffer }>(
    `INSERT INTO sipster_token
     SELECT hash, coin, units
     FROM unnest($1::bytea[], $2::text[], $3::integer[]) AS new (hash, coin, units) ORDER BY hash
     ON CONFLICT DO NOTHING RETURNING hash`,
    [
      uses.map(({ token }) => bytesOf(token!)),
      uses.map(({ coin }) => coin),
      uses.map(({ units }) => units),
    ],
  );
  return new Set(rows.map(({ hash }) => hash.toString("hex")));
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex, "hex");
}
