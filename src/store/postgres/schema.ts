/**
 * The tables in PostgreSQL. Each entry takes them from the version that is its index to the next one.
 * Plain SQL that CockroachDB and YugabyteDB speak as well: no advisory locks, no triggers, no sequences.
 * Every table has one key, by which it can be partitioned.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE sipster_entry (
     book text NOT NULL, key bytea NOT NULL, value bytea NOT NULL, PRIMARY KEY (book, key)
   );
   CREATE TABLE sipster_coin (id text NOT NULL PRIMARY KEY, payment bytea NOT NULL);
   CREATE TABLE sipster_token (
     hash bytea NOT NULL PRIMARY KEY, coin text NOT NULL, units integer NOT NULL
   );`,
];
