/**
 * One label of a group of five of whom one is missing, all roles on stores in a folder, which dies by
 * SIGKILL twice for every message: when it is stored and has not left, and when it has just left. A message that
 * leaves a second time with other bytes ends everything with exit code 3. Prints the sum: `tsx dies-everywhere.ts
 * FOLDER`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  Aggregator,
  ed25519KeyPair,
  keyContext,
  Member,
  prfKeyFromSeed,
  type Roster,
} from "../../src/aggregation/index.js";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { SqliteStore } from "../../src/store/index.js";

const folder = process.argv[2]!;
const wire = join(folder, "wire");
mkdirSync(wire, { recursive: true });

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("alive");
}

function leave(name: string, message: Uint8Array): Uint8Array {
  const path = join(wire, name);
  if (existsSync(path)) {
    if (Buffer.compare(readFileSync(path), message) !== 0) process.exit(3);
    return message;
  }
  if (!existsSync(`${path}.stored`)) {
    writeFileSync(`${path}.stored`, "");
    die();
  }
  writeFileSync(path, message);
  die();
}

const SIZE = 5;
const LABEL = 1000n;
const identities = Array.from({ length: SIZE }, (_, i) =>
  ed25519KeyPair(new Uint8Array(32).fill(i + 1)),
);
const identity = ed25519KeyPair(new Uint8Array(32).fill(99));
const none = new Uint8Array(32);
const roster: Roster = {
  group: "killed",
  version: 1,
  aggregatorKey: identity.publicKey,
  maxValue: 1000n,
  quorum: 4,
  size: SIZE,
  members: identities.map(({ publicKey }, i) => ({
    member: `home-${i}`,
    identityKey: publicKey,
    agreementKey: none,
    encapsulationKey: none,
    signature: none,
  })),
  hash: none,
};
const context = keyContext(roster, "load-wh", 1);
const secretOf = (i: number, j: number): Uint8Array | null =>
  i === j ? null : sha256(Uint8Array.of(Math.min(i, j), Math.max(i, j)));

const members: Member[] = [];
for (const [index, own] of identities.entries()) {
  const store = await SqliteStore.open(join(folder, `member-${index}`));
  const place = { roster, context, index, identity: own, window: 0 };
  const keys = {
    key: prfKeyFromSeed(sha256(Uint8Array.of(index))),
    pairwise: identities.map((_, j) => secretOf(index, j)),
  };
  members.push(
    await Member.create(place, keys, store).catch((error: unknown) => {
      if (!isSipsterError(error, "aggregation/state-exists")) throw error;
      return Member.resume(place, store);
    }),
  );
}
const books = await SqliteStore.open(join(folder, "aggregator"));
const aggregator = await Aggregator.start({ roster, context, identity, keySum: null }, books);
try {
  await aggregator.openLabel(LABEL);
} catch (error) {
  if (!isSipsterError(error, "aggregation/label-closed")) throw error;
}
const present = members.slice(0, 4);
const contributions: Uint8Array[] = [];
for (const [i, member] of present.entries()) {
  const [known] = await member.contributions();
  contributions.push(
    leave(`contribution-${i}`, known ?? (await member.encrypt(LABEL, 10n + BigInt(i)))),
  );
}
for (const [i, taken] of (await aggregator.take(contributions)).entries()) {
  if ("error" in taken) throw taken.error;
  await present[i]!.receive(leave(`receipt-${i}`, taken.receipt));
}
const dropSet = leave("drop-set", await aggregator.postDropSet(LABEL));
for (const member of members) await member.see(dropSet);
for (const [i, member] of present.entries()) {
  await aggregator.takeRepair(leave(`repair-${i}`, await member.repair(LABEL)));
}
const { sum } = await aggregator.finishRepair(LABEL);
process.stdout.write(`${sum}\n`);
