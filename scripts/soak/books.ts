/** What the tables of a soak say in the end, by SQL over all rows. */
import { PostgresPool } from "../../src/store/index.js";

export interface Books {
  /** Rows of tokens, and different coins among them. */
  readonly tokens: bigint;
  readonly payers: bigint;
  readonly units: bigint;
  /** Rows of coins. */
  readonly coins: bigint;
  /** Tokens whose coin has no row, or a row with a payment for another token. */
  readonly wrong: bigint;
}

/** In a payment the token's hash stands behind mint key, denomination, address, counter and signature. */
const HASH_AT = 4 + 4 + 20 + 1 + 64 + 1;

export async function readBooks(url: string): Promise<Books> {
  const pool = await PostgresPool.open(url, { statementTimeout: 600_000 });
  try {
    const kind = { isolation: "READ COMMITTED", idempotent: true } as const;
    const [row] = await pool.transaction(kind, (query) =>
      query<Record<keyof Books, string>>(
        `SELECT
           (SELECT count(*) FROM sipster_token) AS tokens,
           (SELECT count(DISTINCT coin) FROM sipster_token) AS payers,
           (SELECT coalesce(sum(units), 0) FROM sipster_token) AS units,
           (SELECT count(*) FROM sipster_coin) AS coins,
           (SELECT count(*) FROM sipster_token t LEFT JOIN sipster_coin c ON c.id = t.coin
            WHERE c.id IS NULL OR substring(c.payment from ${HASH_AT} for 32) <> t.hash) AS wrong`,
      ),
    );
    const { tokens, payers, units, coins, wrong } = row!;
    return {
      ...{ tokens: BigInt(tokens), payers: BigInt(payers), units: BigInt(units) },
      ...{ coins: BigInt(coins), wrong: BigInt(wrong) },
    };
  } finally {
    await pool.close();
  }
}
