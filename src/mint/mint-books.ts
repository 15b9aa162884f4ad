/**
 * The mint's books of deposits: what is in the store, under which keys.
 *
 *   request/<key id>/<root>   a wallet's request, by mint key id and root of its messages
 *   decision/<deposit hash>   what was decided, and how far it was carried out
 *   pending/<deposit hash>    marks a decision that is not carried out
 *   signed/<root>             the hash of the one deposit that these messages are signed for
 *   open/<deposit hash>       a deposit that nothing was decided about: number, mint key id, deadline
 *   asked/<deposit hash>      marks an undecided deposit whose request is there
 *   scanned                   the last block whose deposits are in the books
 */
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import type { VaultDeposit } from "../chain/index.js";
import { countField, readJson } from "../json/index.js";
import type { Transaction } from "../store/index.js";
import type { Decision } from "./decision.js";
import { mintErrors } from "./errors.js";

/**
 * decided: nothing was sent. sending: a transaction may have left, so signatures may be public.
 * done: the chain has it, finally. lapsed: it was too late, and nothing had left.
 */
export type DecisionStage = "decided" | "sending" | "done" | "lapsed";

export interface DecisionRecord {
  /** The deposit's hash, 0x-hexadecimal. */
  readonly depositHash: string;
  /** The number that it had. A reorganisation can give it another. */
  readonly id: string;
  /** Root of its messages, 0x-hexadecimal. */
  readonly root: string;
  readonly mintKeyId: number;
  readonly decision: Decision;
  readonly stage: DecisionStage;
}

const recordSchema = v.strictObject({
  depositHash: v.string(),
  id: v.string(),
  root: v.string(),
  mintKeyId: countField,
  decision: v.variant("kind", [
    v.strictObject({ kind: v.literal("acknowledge") }),
    v.strictObject({
      kind: v.literal("decline"),
      reason: v.picklist([
        "late",
        "mint-key",
        "other-request",
        "bad-request",
        "amount",
        "signed-before",
      ]),
    }),
  ]),
  stage: v.picklist(["decided", "sending", "done", "lapsed"]),
});

/** A deposit that nothing was decided about. */
export type OpenDeposit = Pick<VaultDeposit, "depositHash" | "id" | "mintKeyId" | "acknowledgeBy">;

const number = v.pipe(v.string(), v.regex(/^\d+$/));
const openSchema = v.strictObject({ id: number, mintKeyId: countField, acknowledgeBy: number });

/** What a request is for: these messages, to be signed under this mint key. */
type Messages = Pick<VaultDeposit, "mintKeyId" | "messagesRoot">;

function requestKey({ mintKeyId, messagesRoot }: Messages): string {
  return `request/${mintKeyId}/${messagesRoot}`;
}

/** The books within one transaction. */
export class MintBooks {
  constructor(private readonly tx: Transaction) {}

  async request(deposit: Messages): Promise<Uint8Array | null> {
    return (await this.tx.get(requestKey(deposit))) ?? null;
  }

  putRequest(deposit: Messages, request: Uint8Array): void {
    this.tx.put(requestKey(deposit), request);
  }

  async decision(depositHash: string): Promise<DecisionRecord | null> {
    const bytes = await this.tx.get(`decision/${depositHash}`);
    return bytes === undefined ? null : parse(recordSchema, bytes, "a decision");
  }

  /** The decisions that are not carried out. */
  async pending(): Promise<readonly DecisionRecord[]> {
    const entries = await this.tx.list("pending/");
    const records = await Promise.all(
      entries.map(([key]) => this.decision(key.slice("pending/".length))),
    );
    return records.filter((record) => record !== null);
  }

  putDecision(record: DecisionRecord): void {
    this.tx.put(`decision/${record.depositHash}`, utf8ToBytes(JSON.stringify(record)));
    const isOver = record.stage === "done" || record.stage === "lapsed";
    if (isOver) this.tx.delete(`pending/${record.depositHash}`);
    else this.tx.put(`pending/${record.depositHash}`, new Uint8Array());
  }

  /** The deposit that messages under this root are signed for. */
  async signedFor(root: string): Promise<string | null> {
    const bytes = await this.tx.get(`signed/${root}`);
    return bytes === undefined ? null : `0x${bytesToHex(bytes)}`;
  }

  putSignedFor(root: string, depositHash: Uint8Array): void {
    this.tx.put(`signed/${root}`, depositHash);
  }

  /** Deposits that nothing was decided about. */
  async open(): Promise<readonly OpenDeposit[]> {
    const entries = await this.tx.list("open/");
    return entries.map(([key, bytes]) => {
      const { id, mintKeyId, acknowledgeBy } = parse(openSchema, bytes, "an open deposit");
      const depositHash = key.slice("open/".length);
      return { depositHash, id: BigInt(id), mintKeyId, acknowledgeBy: BigInt(acknowledgeBy) };
    });
  }

  putOpen({ depositHash, id, mintKeyId, acknowledgeBy }: OpenDeposit): void {
    const entry = { id: id.toString(), mintKeyId, acknowledgeBy: acknowledgeBy.toString() };
    this.tx.put(`open/${depositHash}`, utf8ToBytes(JSON.stringify(entry)));
  }

  /** Hashes of the undecided deposits whose requests are there. */
  async asked(): Promise<ReadonlySet<string>> {
    const entries = await this.tx.list("asked/");
    return new Set(entries.map(([key]) => key.slice("asked/".length)));
  }

  putAsked(depositHash: string): void {
    this.tx.put(`asked/${depositHash}`, new Uint8Array());
  }

  /** Nothing is left to decide about this deposit. */
  deleteOpen(depositHash: string): void {
    this.tx.delete(`open/${depositHash}`);
    this.tx.delete(`asked/${depositHash}`);
  }

  /** The last block whose deposits are in the books; `null` at the start. */
  async scanned(): Promise<number | null> {
    const bytes = await this.tx.get("scanned");
    return bytes === undefined ? null : Number(text(bytes));
  }

  putScanned(block: number): void {
    this.tx.put("scanned", utf8ToBytes(String(block)));
  }
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  bytes: Uint8Array,
  what: string,
): v.InferOutput<Schema> {
  return readJson(schema, bytes, (why, _field, cause) =>
    mintErrors.errorFrom({
      key: "bad-record",
      message: `${what} in the mint's books ${why}`,
      cause,
    }),
  );
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
