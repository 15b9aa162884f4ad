/**
 * What the utility, the relayer and the chain hold of a town when its month is over: the folder of
 * `sipster town`. Nothing that is the homes' or the rehearsal's is opened.
 *
 *     utility/books         coin → payment, token → coin and units; no times
 *     utility/books-wal     SQLite's log, if the service was killed: rows in the order of their writing
 *     utility/accounts      credits and withdrawals of each account
 *     utility/terms/*.json  denominations
 *     relay/queue           bills, and when the relayer took them
 *     chain/blocks.jsonl    settlements
 *     logs/utility.log, logs/relay.log
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { bytesToInt } from "../../algebra/index.js";
import { decodePayment } from "../../ecash/blind-bls/payment.js";
import { integerField, readJson, type Fault } from "../../json/index.js";
import { SqliteStore } from "../../store/index.js";
import { attackErrors } from "../errors.js";

/** A payment in the counter's book. */
export interface KeptOrder {
  readonly denomination: number;
  /** What it shows beside token, coin and signatures. */
  readonly mark: string;
  readonly coin: string;
  /** Hash of the token, hexadecimal. */
  readonly token: string;
  /** Frame of the log in which it appears first; `null` where no log is left. */
  readonly frame: number | null;
}

export interface TownView {
  readonly denominations: readonly number[];
  /** In the order of the table, which is that of the tokens' hashes. */
  readonly orders: readonly KeptOrder[];
  /** Units that each account was charged for coins; ascending by account, without 0x. */
  readonly accounts: readonly { readonly account: string; readonly charged: number }[];
  /** Block time in Unix seconds. */
  readonly settlements: readonly {
    readonly meter: string;
    readonly period: number;
    readonly at: number;
  }[];
  /** Bills of each meter at the relayer, Unix milliseconds of the machine. */
  readonly relayed: readonly { readonly meter: string; readonly since: number }[];
  /** Lines of the services' logs. */
  readonly log: readonly string[];
}

const queuedField = v.object({ status: v.object({ meter: v.string() }), since: v.number() });
const blockField = v.object({
  timestamp: v.string(),
  logs: v.array(v.object({ topics: v.array(v.string()) })),
});
const termsField = v.object({ denominations: v.array(integerField(1, 2 ** 32 - 1)) });

const unreadable =
  (file: string): Fault =>
  (why, _, cause) =>
    attackErrors.error("not-a-town", `${file} ${why}`, {}, cause);

type Rows = readonly (readonly [key: string, value: Uint8Array])[];

/** @throws attack/not-a-town, and what opening the stores throws */
export async function readTown(folder: string): Promise<TownView> {
  const at = (...names: string[]): string => join(folder, ...names);
  for (const file of [
    at("utility", "books"),
    at("utility", "accounts"),
    at("chain", "blocks.jsonl"),
  ]) {
    if (!existsSync(file)) {
      throw attackErrors.error("not-a-town", `${folder} has no ${file.slice(folder.length + 1)}`);
    }
  }
  const books = await rowsOf(at("utility", "books"));
  const accounts = await rowsOf(at("utility", "accounts"));
  const queue = await rowsOf(at("relay", "queue"));
  return {
    denominations: denominationsOf(at("utility", "terms")),
    orders: ordersOf(books, bytesIfThere(at("utility", "books-wal"))),
    accounts: accountsOf(accounts),
    settlements: settlementsOf(readFileSync(at("chain", "blocks.jsonl"), "utf8")),
    relayed: queue.map(([, value]) => {
      const { status, since } = readJson(queuedField, value, unreadable("relay/queue"));
      return { meter: status.meter, since };
    }),
    log: ["utility.log", "relay.log"].flatMap((name) =>
      textOf(bytesIfThere(at("logs", name)) ?? new Uint8Array())
        .split("\n")
        .filter((line) => line !== ""),
    ),
  };
}

/** Every row of a store, from a copy: opening the files themselves would change them. */
async function rowsOf(path: string): Promise<Rows> {
  const copy = mkdtempSync(join(tmpdir(), "sipster-attack-"));
  try {
    for (const suffix of ["", "-wal", "-mark"]) {
      if (existsSync(path + suffix)) {
        cpSync(path + suffix, join(copy, `${basename(path)}${suffix}`));
      }
    }
    const store = await SqliteStore.open(join(copy, basename(path)));
    const rows = await store.transaction((tx) => tx.list(""));
    await store.close();
    return rows;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function ordersOf(rows: Rows, log: Uint8Array | null): KeptOrder[] {
  const payments = new Map(
    rows.filter(([key]) => key.startsWith("coin/")).map(([key, value]) => [key.slice(5), value]),
  );
  return rows
    .filter(([key]) => key.startsWith("token/"))
    .flatMap(([key, row]) => {
      const coin = textOf(row.subarray(4));
      const bytes = payments.get(coin);
      if (bytes === undefined) return [];
      const { denomination, mintKeyId, payee, keyEpoch, expiry } = decodePayment(bytes);
      return [
        {
          denomination,
          mark: `${mintKeyId} ${bytesToHex(payee)} ${keyEpoch} ${expiry}`,
          coin,
          token: key.slice("token/".length),
          frame: log === null ? null : frameOf(log, bytes),
        },
      ];
    });
}

/** Of the log's format: https://sqlite.org/fileformat2.html#the_write_ahead_log. */
const WAL_HEADER = 32;
const FRAME_HEADER = 24;

/** The frame of a write-ahead log in which these bytes appear first. */
function frameOf(log: Uint8Array, bytes: Uint8Array): number | null {
  if (log.length < WAL_HEADER) return null;
  const page = bytesToInt(log.subarray(8, 12));
  const offset = Buffer.from(log.buffer, log.byteOffset, log.length).indexOf(bytes);
  return offset < 0 ? null : Math.floor((offset - WAL_HEADER) / (FRAME_HEADER + Number(page)));
}

function accountsOf(rows: Rows): TownView["accounts"] {
  const charged = new Map<string, number>();
  for (const [key, value] of rows) {
    const [kind, account] = key.split("/") as [string, string];
    if (kind === "account") charged.set(account, charged.get(account) ?? 0);
    if (kind !== "charged") continue;
    charged.set(account, (charged.get(account) ?? 0) + Number(bytesToInt(value)));
  }
  return [...charged]
    .map(([account, units]) => ({ account, charged: units }))
    .sort((a, b) => (a.account < b.account ? -1 : 1));
}

const SETTLED = `0x${bytesToHex(keccak_256(utf8ToBytes("BillSettled(address,uint32,uint32)")))}`;

function settlementsOf(blocks: string): TownView["settlements"] {
  return blocks
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const { timestamp, logs } = readJson(blockField, line, unreadable("chain/blocks.jsonl"));
      return logs
        .filter(({ topics }) => topics[0] === SETTLED)
        .map(({ topics }) => ({
          meter: `0x${topics[1]!.slice(-40)}`,
          period: Number(topics[2]),
          at: Number(timestamp),
        }));
    });
}

/** Of the first terms. */
function denominationsOf(folder: string): number[] {
  const file = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()[0];
  if (file === undefined) throw attackErrors.error("not-a-town", `${folder} has no terms`);
  const bytes = new Uint8Array(readFileSync(join(folder, file)));
  return readJson(termsField, bytes, unreadable(`utility/terms/${file}`)).denominations;
}

function bytesIfThere(path: string): Uint8Array | null {
  return existsSync(path) ? new Uint8Array(readFileSync(path)) : null;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
