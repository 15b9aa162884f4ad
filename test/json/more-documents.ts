/** Further readers of JSON documents: files that people hand over, and what a role keeps for itself. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMclBn254 } from "../../src/algebra/index.js";
import { parseAccount } from "../../src/billing/index.js";
import { parseBillDetails } from "../../src/billing/bill-details.js";
import { parseProof } from "../../src/chain/index.js";
import { fileJournal } from "../../src/chain/node/index.js";
import { readCaughtUp } from "../../src/cli/wallet/caught-up.js";
import { readMintAnswer } from "../../src/funding/index.js";
import {
  addressOf,
  encodeNetwork,
  encodeTerms,
  parseBillFile,
  parseNetwork,
  parseTerms,
  writeBillFile,
} from "../../src/sipster/index.js";
import { TownFolder } from "../../src/town/index.js";
import { meterPeriod, settleable, system, world } from "../support/settlement.js";
import { someNetwork, someTerms } from "../support/parameters.js";
import { bytes, text, word, type Json, type Reader } from "./documents.js";

const curve = await createMclBn254();
const address = `0x${"12".repeat(20)}`;
const month = {
  period: "2026-03",
  tariffHash: `0x${word}`,
  readingsHash: `0x${word}`,
  wattHours: "5",
  charged: "7",
  estimates: [[1, 2, 3]],
};

/** A bill file that settles. */
function billFile(): Json {
  const w = world({ curve, name: "hash-bound" });
  const period = meterPeriod(w, [1, 10]);
  const meter = addressOf(period.billKey);
  const combined = settleable(w, period);
  return JSON.parse(writeBillFile(curve, { system, meter, bill: period.bill, combined })) as Json;
}

/** Reads what a folder holds in one file. */
async function inFolder<T>(name: string, json: string, read: (folder: string) => T) {
  const folder = mkdtempSync(join(tmpdir(), "sipster-json-"));
  try {
    writeFileSync(join(folder, name), json);
    return await read(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const moreReaders: readonly Reader[] = [
  {
    name: "a bill file",
    good: billFile(),
    code: "sipster/bad-bill-file",
    read: (json) => parseBillFile(curve, json),
  },
  {
    name: "the terms of a deployment",
    good: text(encodeTerms(someTerms)),
    code: "sipster/bad-parameters",
    read: (json) => parseTerms(bytes(json)),
  },
  {
    name: "the network of a deployment",
    good: text(encodeNetwork(someNetwork)),
    code: "sipster/bad-parameters",
    read: (json) => parseNetwork(bytes(json)),
  },
  {
    name: "a proof of settlement",
    good: {
      format: "sipster/settlement-proof@1",
      chainId: "31337",
      settlement: address,
      meter: address,
      period: 202701,
      transaction: `0x${word}`,
      block: 3,
    },
    code: "chain/bad-proof",
    read: parseProof,
  },
  {
    name: "the record of a transaction under way",
    good: { format: "sipster/pending-transaction@1", hash: `0x${word}`, from: address, nonce: 3 },
    code: "chain/bad-journal",
    read: (json) => inFolder(`0x${word}.json`, json, (folder) => fileJournal(folder).list()),
  },
  {
    name: "a mint's answer",
    good: { format: "sipster/mint-answer@1", answer: "0xabcd" },
    code: "funding/bad-file",
    read: (json) => readMintAnswer(json, "answer.json"),
  },
  {
    name: "an account of bills",
    good: {
      format: "sipster/account@1",
      home: "a",
      commodity: "electricity",
      timeZone: "Europe/London",
      periods: [month],
      bills: [{ period: "2026-03", carriedIn: "0", before: [month] }],
      balance: "-3",
    },
    code: "billing/bad-account",
    read: (json) => parseAccount(json, "account.json"),
  },
  {
    name: "the details of a bill",
    good: {
      format: "sipster/bill-details@1",
      supplier: "S",
      openingRegister: "12.5",
      issued: "2026-03-04",
    },
    code: "billing/bad-details",
    read: (json) => parseBillDetails(json, "details.json"),
    optional: ["supplier", "openingRegister", "issued"],
  },
  {
    name: "how far a wallet has caught up",
    good: { format: "sipster/wallet-caught-up@1", chainTime: 5 },
    code: "cli/damaged-file",
    read: (json) => inFolder("caught-up.json", json, readCaughtUp),
  },
  {
    name: "the state of a town",
    good: { format: "sipster/town-state@1", pid: 5 },
    code: "town/not-a-town",
    keepsUnnamed: true,
    read: (json) => inFolder("state.json", json, (folder) => new TownFolder(folder).readState()),
  },
];
