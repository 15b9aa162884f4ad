/**
 * A group of three from enrolment to a repaired sum and an objection, all roles on sealed stores in a folder,
 * whose process dies before and after every message (`dying-wire.ts`). Prints the sum and the secrets that
 * must not lie in the files: `tsx dies-everywhere.ts FOLDER`.
 */
import {
  Aggregator,
  KeyCollection,
  keyContext,
  Member,
  writeDropSet,
} from "../../src/aggregation/index.js";
import { secretBytes } from "../../src/envelope/index.js";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { each, identities, identity, killedGroup } from "./killed-group.js";

const { leave, send, storeOf, stores, agreed } = await killedGroup(process.argv[2]!);
const { roster } = agreed[0]!;
const context = keyContext(roster, "load-wh", 1);
const place = { roster, context };
const members: Member[] = [];
for (const [i, { index, identity: own, pairwise }] of agreed.entries()) {
  const mine = { ...place, index, identity: own, window: 0, now: () => 0 };
  members.push(await Member.open(mine, pairwise, stores[i]!));
}
const books = await storeOf("aggregator");
const collection = new KeyCollection(place, books);
for (const share of await each(members, (m) => Promise.resolve(m.keyShare()), send("key-share"))) {
  await collection.take(share);
}
const keySum = await collection.total();
const aggregator = await Aggregator.start({ ...place, identity, keySum }, books);

async function open(label: bigint): Promise<void> {
  try {
    await aggregator.openLabel(label);
  } catch (error) {
    if (!isSipsterError(error, "aggregation/label-closed")) throw error;
  }
}
async function contribution(member: Member, label: bigint, value: bigint): Promise<Uint8Array> {
  const known = await member.contributions();
  return known[Number(label) - 1] ?? (await member.encrypt(label, value));
}

// Label 1: home 2 is missing.
await open(1n);
const present = members.slice(0, 2);
const sent = await each(
  present,
  (m) => contribution(m, 1n, 10n + BigInt(m.index)),
  send("contribution"),
);
for (const [i, taken] of (await aggregator.take(sent)).entries()) {
  if ("error" in taken) throw taken.error;
  await present[i]!.receive(leave(`receipt-${i}`, taken.receipt));
}
const dropSet = leave("drop-set", await aggregator.postDropSet(1n));
for (const member of members) await member.see(dropSet);
for (const repair of await each(present, (m) => m.repair(1n), send("repair"))) {
  await aggregator.takeRepair(repair);
}

// Label 2: home 1 is called missing, and is not.
await each(present, (m) => contribution(m, 2n, 5n), send("second-contribution"));
const lie = writeDropSet({ place, label: 2n, missing: [1], aggregator: identity });
const objection = leave("objection", (await members[1]!.see(lie))!);
await members[0]!.see(lie);
await members[0]!.hear(2n, objection);

const { sum } = await aggregator.finishRepair(1n);
const [, pairwise] = agreed[0]!.pairwise;
const [, key] = (await stores[0]!.transaction((tx) => tx.list("aggregation/"))).find(([entry]) =>
  entry.endsWith("/secrets"),
)!;
const secrets = [pairwise!, key.slice(0, 32), keySum.slice(0, 32), secretBytes(identities[0]!)];
const hex = secrets.map((s) => Buffer.from(s).toString("hex"));
process.stdout.write(JSON.stringify({ sum: `${sum}`, secrets: hex }));
