/** Groups of three in both schemes from enrolment to a repaired sum and an objection: every kind of message once or more. */
import {
  Aggregator,
  DmcfeAggregator,
  dmcfeContext,
  DmcfeMember,
  ed25519KeyPair,
  KeyCollection,
  keyContext,
  Member,
  MemberSetUp,
  type AgreedMember,
  type FunctionPolicy,
  type Taken,
} from "../../src/aggregation/index.js";
import { createMclBn254 } from "../../src/algebra/index.js";
import { writeDropSet } from "../../src/aggregation/drop-set.js";
import { MemoryStore } from "../../src/store/index.js";
import type { Observe } from "./delivery.js";

const curve = await createMclBn254();
const names = ["a", "b", "c"];
const identities = names.map((_, i) => ed25519KeyPair(new Uint8Array(32).fill(i + 1)));
const identity = ed25519KeyPair(new Uint8Array(32).fill(99));
const terms = {
  group: "vectors",
  version: 1,
  aggregatorKey: identity.publicKey,
  maxValue: 1000n,
  quorum: 2,
};
const registered = new Map(names.map((name, i) => [name, identities[i]!.publicKey]));
const policy: FunctionPolicy = { leastSupport: 2, leastAlike: 1, mostFunctions: 1 };

function refused(taken: readonly Taken[]): void {
  for (const t of taken) if ("error" in t) throw t.error;
}

export async function runAggregation(observe: Observe): Promise<bigint> {
  const agreed = await setUp(observe);
  await dmcfe(agreed, observe);
  return psa(agreed, observe);
}

async function setUp(observe: Observe): Promise<AgreedMember[]> {
  const stores = names.map(() => new MemoryStore());
  const setUps = names.map(
    (member, i) =>
      new MemberSetUp({ terms, member, identity: identities[i]!, registered }, stores[i]!),
  );
  const enrolments: Uint8Array[] = [];
  for (const s of setUps) enrolments.push(await s.enrol());
  for (const [i, message] of enrolments.entries()) {
    const take = (bytes: Uint8Array) => setUps[2]!.introduce(enrolments.with(i, bytes));
    if (i === 0) await observe({ from: names[i]!, message, take, store: stores[2]! });
  }
  const introductions: Uint8Array[] = [];
  for (const s of setUps) introductions.push(await s.introduce(enrolments));
  const [message] = introductions;
  const take = (bytes: Uint8Array) => setUps[2]!.agree(introductions.with(0, bytes));
  await observe({ from: "a", message: message!, take, store: stores[2]! });
  const agreed: AgreedMember[] = [];
  for (const s of setUps) agreed.push(await s.agree(introductions));
  return agreed;
}

async function psa(agreed: readonly AgreedMember[], observe: Observe): Promise<bigint> {
  const { roster } = agreed[0]!;
  const place = { roster, context: keyContext(roster, "load-wh", 1) };
  const stores = names.map(() => new MemoryStore());
  const members: Member[] = [];
  for (const [i, { index, identity: own, pairwise }] of agreed.entries()) {
    const mine = { ...place, index, identity: own, window: 0, now: () => 0 };
    members.push(await Member.open(mine, pairwise, stores[i]!));
  }
  const books = new MemoryStore();
  const collection = new KeyCollection(place, books);
  for (const member of members) {
    const message = member.keyShare();
    const take = (bytes: Uint8Array) => collection.take(bytes);
    if (member === members[0]) await observe({ from: "a", message, take, store: books });
    await collection.take(message);
  }
  const keySum = await collection.total();
  const aggregator = await Aggregator.start({ ...place, identity, keySum }, books);
  await aggregator.openLabel(1n);
  const present = members.slice(0, 2);
  for (const [i, member] of present.entries()) {
    const message = await member.encrypt(1n, BigInt(10 + i));
    const takeIt = async (bytes: Uint8Array) => refused(await aggregator.take([bytes]));
    await observe({ from: names[i]!, message, take: takeIt, store: books });
    const [taken] = await aggregator.take([message]);
    if ("error" in taken!) throw taken.error;
    const { receipt } = taken!;
    const keep = (bytes: Uint8Array) => member.receive(bytes);
    await observe({ from: "aggregator", message: receipt, take: keep, store: stores[i]! });
    await member.receive(receipt);
  }
  const dropSet = await aggregator.postDropSet(1n);
  const see = (bytes: Uint8Array) => members[0]!.see(bytes);
  await observe({ from: "aggregator", message: dropSet, take: see, store: stores[0]! });
  for (const member of members) await member.see(dropSet);
  for (const [i, member] of present.entries()) {
    const message = await member.repair(1n);
    const take = (bytes: Uint8Array) => aggregator.takeRepair(bytes);
    await observe({ from: names[i]!, message, take, store: books });
    await aggregator.takeRepair(message);
  }
  await aggregator.openLabel(2n);
  for (const member of present) {
    const [taken] = await aggregator.take([await member.encrypt(2n, 1n)]);
    if ("error" in taken!) throw taken.error;
    await member.receive(taken!.receipt);
  }
  const lie = writeDropSet({ place, label: 2n, missing: [1], aggregator: identity });
  await members[0]!.see(lie);
  const objection = (await members[1]!.see(lie))!;
  const hear = (bytes: Uint8Array) => members[0]!.hear(2n, bytes);
  await observe({ from: "b", message: objection, take: hear, store: stores[0]! });
  return (await aggregator.finishRepair(1n)).sum;
}

async function dmcfe(agreed: readonly AgreedMember[], observe: Observe): Promise<void> {
  const { roster } = agreed[0]!;
  const place = { roster, context: dmcfeContext(roster, "load-wh", 1) };
  const weights = [2n, 3n, 5n];
  const aggregator = new DmcfeAggregator({ curve, roster, context: place.context, weights });
  const books = new MemoryStore();
  const intake = await aggregator.intake(identity, books);
  await intake.openLabel(1n);
  for (const { index, identity: own, pairwise } of agreed) {
    const mine = { ...place, index, identity: own, now: () => 0 };
    const member = await DmcfeMember.create({
      curve,
      place: mine,
      pairwise,
      store: new MemoryStore(),
      policy,
    });
    const share = await member.functionShare(weights);
    const add = (bytes: Uint8Array) => {
      aggregator.addShare(bytes);
    };
    if (index === 0) await observe({ from: "a", message: share, take: add });
    add(share);
    const message = await member.encrypt(1n, BigInt(index));
    const take = async (bytes: Uint8Array) => refused(await intake.take([bytes]));
    if (index === 0) await observe({ from: "a", message, take, store: books });
    await take(message);
  }
  const { sum } = await aggregator.close(intake, 1n);
  if (sum !== 13n) throw new Error(`the weighted sum is ${sum}`);
}
