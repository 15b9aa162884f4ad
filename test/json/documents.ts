/** The readers of JSON documents, each with a document that it takes. */
import { writeDeployment } from "../../src/chain/index.js";
import { LabelMark } from "../../src/aggregation/label-mark.js";
import { decodeStatus, encodeStatus } from "../../src/cli/wallet/status.js";
import { parseWebConfig } from "../../src/pages/index.js";
import { parseMapping } from "../../src/readings/table/mapping.js";
import { parseAnswers, parseError, parseStatus } from "../../src/relay/protocol.js";
import { RelayQueue } from "../../src/relay/queue.js";
import { MintBooks } from "../../src/mint/mint-books.js";
import { parseLogEntry } from "../../src/sealed/trustee-log.js";
import { MemoryStore } from "../../src/store/index.js";
import {
  newMintKeyFile,
  newReceiptKeyFile,
  parseMintKeyFile,
  parseReceiptKeyFile,
} from "../../src/utility/index.js";
import { parseDenominations } from "../../src/sipster/index.js";
import { deployment as record } from "../pages/support/deployment.js";

export type Json = Readonly<Record<string, unknown>>;

/** A reader, a document that it takes, and the error with which it refuses others. */
export interface Reader {
  readonly name: string;
  readonly good: Json;
  readonly code: string | readonly string[];
  readonly read: (text: string) => unknown;
  /** Fields that a document may leave out. */
  readonly optional?: readonly string[];
  /** Names of fields inside of which any value is taken. */
  readonly free?: readonly string[];
  /** Fields that nothing names are kept, for a reader that knows more. */
  readonly keepsUnnamed?: true;
}

export const text = (bytes: Uint8Array): Json =>
  JSON.parse(new TextDecoder().decode(bytes)) as Json;
export const bytes = (json: string): Uint8Array => new TextEncoder().encode(json);
export const word = "ab".repeat(32);

const error = {
  format: "sipster/error@1",
  code: "relay/queue-full",
  cause: "a",
  consequence: "b",
  cure: "c",
};
const status = {
  format: "sipster/relay-status@1",
  id: word,
  meter: `0x${"12".repeat(20)}`,
  period: 202701,
  state: "refused",
  transaction: `0x${word}`,
  block: 3,
  error,
};
const deployment = JSON.parse(writeDeployment(record)) as Json;

/** Reads what a store holds under one key. */
async function stored(key: string, json: string, read: (store: MemoryStore) => unknown) {
  const store = new MemoryStore();
  await store.transaction(async (tx) => tx.put(key, bytes(json)));
  return read(store);
}

const decision = {
  depositHash: `0x${word}`,
  id: "4",
  root: `0x${word}`,
  mintKeyId: 202701,
  decision: { kind: "acknowledge" },
  stage: "decided",
};

export const readers: readonly Reader[] = [
  { name: "a relayer's error", good: error, code: "relay/bad-answer", read: parseError },
  {
    name: "a relayer's status",
    good: status,
    code: "relay/bad-answer",
    read: parseStatus,
    optional: ["error"],
  },
  {
    name: "a relayer's answers",
    good: { format: "sipster/relay-statuses@1", statuses: [{ status }, { error }, {}] },
    code: "relay/bad-answer",
    read: (json) => parseAnswers(json, 3),
  },
  {
    name: "the relayer's queue",
    good: {
      status: { ...status, format: undefined, error: { ...error, details: { at: 1 } } },
      text: "{}",
      since: 5,
    },
    code: "relay/queue-damaged",
    read: (json) =>
      stored(`waiting/${word}`, json, (store) => new RelayQueue(store, 10, 1000).waiting()),
  },
  {
    name: "the pages' configuration",
    good: {
      format: "sipster/web@1",
      deployment,
      rpcUrl: "http://127.0.0.1:8545",
      relayUrl: "https://relay.example",
      finality: { rule: "confirmations", blocks: 3 },
      chainName: "Chain",
      currency: "ETH",
    },
    code: ["web/bad-config", "chain/bad-deployment"],
    read: parseWebConfig,
    optional: ["relayUrl"],
    // Follows from the chain and the contract, and is not read.
    free: ["systemId"],
  },
  {
    name: "a receipt key's file",
    good: text(newReceiptKeyFile({ suite: "hash-bound", keyEpoch: 7 })),
    code: "utility/bad-key-file",
    read: (json) => parseReceiptKeyFile(bytes(json)),
  },
  {
    name: "a file of the mint's keys",
    good: text(newMintKeyFile(7, parseDenominations([1, 10]))),
    code: "utility/bad-key-file",
    read: (json) => parseMintKeyFile(bytes(json)),
  },
  {
    name: "a trustee's log",
    good: {
      number: 0,
      kind: "bill",
      request: word,
      spent: [{ meter: "ab", from: 1, to: 2 }],
      head: word,
    },
    code: "sealed/damaged-log",
    read: (json) => parseLogEntry(bytes(json)),
  },
  {
    name: "a key's mark",
    good: {
      format: "sipster/label-mark@2",
      lastLabel: "5",
      labelsUsed: 2,
      served: ["4", "5"],
      functions: ["ab"],
      ended: null,
    },
    code: "aggregation/state-damaged",
    read: (json) => stored("mark", json, (store) => LabelMark.resume(store, "mark")),
  },
  {
    name: "a decision in the mint's books",
    good: decision,
    code: "mint/bad-record",
    read: (json) =>
      stored("decision/x", json, (store) =>
        store.transaction((tx) => new MintBooks(tx).decision("x")),
      ),
  },
  {
    name: "a mapping",
    good: {
      format: "sipster/mapping@1",
      labels: "start",
      step: 30,
      columns: { time: "Date", import: "#3" },
    },
    code: "readings/bad-mapping",
    read: (json) => parseMapping(json, "mapping.json"),
    optional: ["labels", "step", "columns"],
  },
  {
    name: "what a wallet said last",
    good: text(
      encodeStatus({
        now: 5,
        months: [
          {
            period: 202701,
            units: 5n,
            paid: 4n,
            missing: 0,
            due: 1,
            blocked: 0,
            tx: null,
          },
        ],
        coins: [[1, 4]],
        nextDue: null,
        evidence: 0,
        backup: null,
        sees: "nothing",
      }),
    ),
    code: "cli/damaged-file",
    read: (json) => decodeStatus(bytes(json)),
  },
];
