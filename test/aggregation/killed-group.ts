/** A group of three that agrees on its keys, for scripts whose process dies before and after every message. */
import { join } from "node:path";
import { ed25519KeyPair, MemberSetUp, type AgreedMember } from "../../src/aggregation/index.js";
import { Keyring, sealedStore } from "../../src/keystore/index.js";
import { SqliteStore, type Store } from "../../src/store/index.js";
import { dyingWire, type Leave } from "../support/dying-wire.js";

const SIZE = 3;

export const identity = ed25519KeyPair(new Uint8Array(32).fill(99));
export const identities = Array.from({ length: SIZE }, (_, i) =>
  ed25519KeyPair(new Uint8Array(32).fill(i + 1)),
);

const name = (i: number): string => `home-${i}`;
const terms = {
  group: "killed",
  version: 1,
  aggregatorKey: identity.publicKey,
  maxValue: 1000n,
  quorum: 2,
};

/** Makes the stores of roles, sealed, in a folder. */
async function sealedStores(folder: string): Promise<(role: string) => Promise<Store>> {
  const keyring = await Keyring.open(join(folder, "keyring"), "a passphrase", 1024);
  return async (role) => sealedStore(await SqliteStore.open(join(folder, role)), keyring, role);
}

/** Makes a message of each item; each leaves, under the step's name and its number. */
export async function each<T>(
  items: readonly T[],
  make: (item: T) => Promise<Uint8Array>,
  leave: (number: number, message: Uint8Array) => Uint8Array,
): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  for (const [i, item] of items.entries()) messages.push(leave(i, await make(item)));
  return messages;
}

/** Enrolment and introduction over these stores. */
async function agree(stores: readonly Store[], leave: Leave): Promise<AgreedMember[]> {
  const registered = new Map(identities.map((own, i) => [name(i), own.publicKey]));
  const setUps = identities.map(
    (own, i) => new MemberSetUp({ terms, member: name(i), identity: own, registered }, stores[i]!),
  );
  const named = (step: string) => (i: number, m: Uint8Array) => leave(`${step}-${i}`, m);
  const enrolments = await each(setUps, (s) => s.enrol(), named("enrolment"));
  const introductions = await each(setUps, (s) => s.introduce(enrolments), named("introduction"));
  return Promise.all(setUps.map((s) => s.agree(introductions)));
}

/** The members' stores, what they agreed on, and how messages leave. */
export async function killedGroup(folder: string) {
  const leave = dyingWire(folder);
  const storeOf = await sealedStores(folder);
  const stores = await Promise.all(identities.map((_, i) => storeOf(`member-${i}`)));
  const agreed = await agree(stores, leave);
  const send =
    (step: string) =>
    (i: number, message: Uint8Array): Uint8Array =>
      leave(`${step}-${i}`, message);
  return { leave, send, storeOf, stores, agreed };
}
