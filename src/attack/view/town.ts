/**
 * What the utility, the relayer and the chain hold of a town when its month is over: the folder of
 * `sipster town`, and its database if it has one. Nothing that is the homes' or the rehearsal's is opened.
 *
 *     the books             of utility and relayer, in files or in the database
 *     utility/terms/*.json  denominations
 *     chain/blocks.jsonl    settlements
 *     logs/utility.log, logs/relay.log
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { bytesToInt } from "../../algebra/index.js";
import { decodePayment } from "../../ecash/blind-bls/payment.js";
import { integerField, readJson, type Fault } from "../../json/index.js";
import { attackErrors } from "../errors.js";
import type { KeptBooks, Rows } from "./kept-books.js";
import { booksInDatabase } from "./town-database.js";
import { booksInFiles } from "./town-files.js";

/** A payment in the counter's book. */
export interface KeptOrder {
  readonly denomination: number;
  /** What it shows beside token, coin and signatures. */
  readonly mark: string;
  readonly coin: string;
  /** Hash of the token, hexadecimal. */
  readonly token: string;
  /** Its place in the order of writing; `null` where nothing tells it. */
  readonly written: number | null;
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
    attackErrors.errorFrom({ key: "not-a-town", message: `${file} ${why}`, cause });

/**
 * @param database of a town that was made with one, `postgresql://…`
 * @throws attack/not-a-town, and what opening the stores throws
 */
export async function readTown(folder: string, database?: string): Promise<TownView> {
  const at = (...names: string[]): string => join(folder, ...names);
  if (!existsSync(at("chain", "blocks.jsonl"))) {
    throw attackErrors.error("not-a-town", `${folder} has no chain/blocks.jsonl`);
  }
  const books = await (database === undefined ? booksInFiles(folder) : booksInDatabase(database));
  return {
    denominations: denominationsOf(at("utility", "terms")),
    orders: ordersOf(books),
    accounts: accountsOf(books.accounts),
    settlements: settlementsOf(readFileSync(at("chain", "blocks.jsonl"), "utf8")),
    relayed: books.queue.map(([, value]) => {
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

function ordersOf({ payments, tokens }: KeptBooks): KeptOrder[] {
  const byCoin = new Map(payments.map((payment) => [payment.coin, payment]));
  return tokens.flatMap(({ token, coin }) => {
    const found = byCoin.get(coin);
    if (found === undefined) return [];
    const { denomination, mintKeyId, payee, keyEpoch, expiry } = decodePayment(found.payment);
    const mark = `${mintKeyId} ${bytesToHex(payee)} ${keyEpoch} ${expiry}`;
    return [{ denomination, mark, coin, token, written: found.written }];
  });
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
