import { expect } from "chai";
import {
  Aggregator,
  ed25519KeyPair,
  KeyCollection,
  keyContext,
  Member,
  MemberSetUp,
  type RosterTerms,
} from "../../src/aggregation/index.js";
import { isEquivocation, readEnvelope, seal } from "../../src/envelope/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";

const names = ["a", "b", "c"];
const identities = names.map((_, i) => ed25519KeyPair(new Uint8Array(32).fill(i + 1)));
const registered = new Map(names.map((name, i) => [name, identities[i]!.publicKey]));
const aggregator = ed25519KeyPair(new Uint8Array(32).fill(9));
const terms: RosterTerms = {
  group: "g",
  version: 1,
  aggregatorKey: aggregator.publicKey,
  maxValue: 1000n,
  quorum: 2,
};

function setUpsOn(stores: readonly Store[], under: RosterTerms = terms): MemberSetUp[] {
  return names.map((member, i) => {
    const place = { terms: under, member, identity: identities[i]!, registered };
    return new MemberSetUp(place, stores[i]!);
  });
}
const fresh = (): MemoryStore[] => names.map(() => new MemoryStore());
const entries = (store: Store) => store.transaction((tx) => tx.list(""));

async function agreedOn(stores: readonly Store[]) {
  const setUps = setUpsOn(stores);
  const enrolments = await Promise.all(setUps.map((s) => s.enrol()));
  const introductions = await Promise.all(setUps.map((s) => s.introduce(enrolments)));
  const agreed = await Promise.all(setUps.map((s) => s.agree(introductions)));
  return { setUps, enrolments, introductions, agreed };
}

describe("a member's set-up between machines", () => {
  it("given three members, when each starts again at every step, then messages and secrets are the same", async () => {
    const stores = fresh();
    const { enrolments, introductions, agreed } = await agreedOn(stores);
    for (const [i, again] of setUpsOn(stores).entries()) {
      expect(await again.enrol()).to.deep.equal(enrolments[i]);
      expect(await again.introduce(enrolments)).to.deep.equal(introductions[i]);
      expect((await again.agree([])).pairwise).to.deep.equal(agreed[i]!.pairwise);
    }
    for (const [i, { pairwise, index }] of agreed.entries()) {
      expect(index).to.equal(i);
      agreed.forEach((other, j) => {
        expect(pairwise[j] ?? null).to.deep.equal(i === j ? null : other.pairwise[i]);
      });
    }
  });

  it("given a member that died after its enrolment left, when it starts again, then its keys open what others send", async () => {
    const stores = fresh();
    const setUps = setUpsOn(stores);
    const enrolments = await Promise.all(setUps.map((s) => s.enrol()));
    const introductions: Uint8Array[] = [];
    for (const setUp of setUpsOn(stores)) introductions.push(await setUp.introduce(enrolments));
    const [a, , c] = await Promise.all(setUpsOn(stores).map((s) => s.agree(introductions)));
    expect(c!.pairwise[0]).to.deep.equal(a!.pairwise[2]).and.have.lengthOf(32);
  });

  it("given a finished set-up, then the keys that made the secrets are gone from the store", async () => {
    const stores = fresh();
    await agreedOn(stores);
    const left = (await entries(stores[1]!)).map(([key]) => key.slice(key.lastIndexOf("/") + 1));
    expect(left).to.have.members(["enrolment", "introduction", "enrolments", "pairwise"]);
  });

  it("given a step out of order, then it is refused and nothing is written", async () => {
    const stores = fresh();
    const [setUp] = setUpsOn(stores);
    await expectRejection(setUp!.introduce([]), "aggregation/wrong-stage");
    await expectRejection(setUp!.agree([]), "aggregation/wrong-stage");
    expect(await entries(stores[0]!)).to.have.lengthOf(0);
    await setUp!.enrol();
    await expectRejection(setUp!.agree([]), "aggregation/wrong-stage");
  });

  it("given enrolments under other terms, twice, or of a stranger, then no roster is fixed and the true ones are taken after", async () => {
    const stores = fresh();
    const setUps = setUpsOn(stores);
    const enrolments = await Promise.all(setUps.map((s) => s.enrol()));
    const quorum = setUpsOn(fresh(), { ...terms, quorum: 3 });
    const version = setUpsOn(fresh(), { ...terms, version: 2 });
    const stranger = new MemberSetUp(
      { terms, member: "d", identity: ed25519KeyPair(), registered },
      new MemoryStore(),
    );
    const before = await entries(stores[0]!);
    for (const [bad, code] of [
      [enrolments.with(2, await quorum[2]!.enrol()), "envelope/wrong-place"],
      [enrolments.with(2, await version[2]!.enrol()), "envelope/wrong-place"],
      [[...enrolments, enrolments[1]!], "aggregation/duplicate-member"],
      [[...enrolments, await stranger.enrol()], "aggregation/not-registered"],
      [enrolments.slice(1), "aggregation/not-in-roster"],
    ] as const) {
      await expectRejection(setUps[0]!.introduce(bad), code);
      expect(await entries(stores[0]!)).to.deep.equal(before);
    }
    await setUps[0]!.introduce(enrolments);
  });

  it("given a second enrolment of a member, then members who took different ones share no secret, and both convict it", async () => {
    const stores = fresh();
    const setUps = setUpsOn(stores);
    const enrolments = await Promise.all(setUps.map((s) => s.enrol()));
    const [, second] = setUpsOn(fresh());
    const other = enrolments.with(1, await second!.enrol());
    expect(isEquivocation(enrolments[1]!, other[1]!)).to.equal(true);
    const first = await setUps[0]!.introduce(enrolments);
    await setUps[2]!.introduce(other);
    await expectRejection(setUps[2]!.agree([first]), "envelope/wrong-place");
  });

  it("given an introduction redirected by the aggregator or signed for another, then it is refused and the true one is taken after", async () => {
    const stores = fresh();
    const setUps = setUpsOn(stores);
    const enrolments = await Promise.all(setUps.map((s) => s.enrol()));
    const introductions = await Promise.all(setUps.map((s) => s.introduce(enrolments)));
    const { context, body } = readEnvelope(introductions[0]!);
    const letter = { system: "aggregation", kind: "introduction", context, body } as const;
    const byAggregator = seal({ ...letter, sequence: 0n }, aggregator);
    const byAnother = seal({ ...letter, sequence: 0n }, identities[1]!);
    const before = await entries(stores[2]!);
    for (const forged of [byAggregator, byAnother]) {
      const wrong = [forged, introductions[1]!];
      await expectRejection(setUps[2]!.agree(wrong), "envelope/wrong-place");
    }
    await expectRejection(
      setUps[2]!.agree([introductions[1]!]),
      "aggregation/missing-introduction",
    );
    expect(await entries(stores[2]!)).to.deep.equal(before);
    await setUps[2]!.agree(introductions);
  });
});

describe("the aggregator's collection of key shares", () => {
  async function opened() {
    const { agreed } = await agreedOn(fresh());
    const { roster } = agreed[0]!;
    const place = { roster, context: keyContext(roster, "load-wh", 1) };
    const members = [];
    const stores = fresh();
    for (const [i, { index, identity, pairwise }] of agreed.entries()) {
      const mine = { ...place, index, identity, window: 0, now: () => 0 };
      members.push(await Member.open(mine, pairwise, stores[i]!));
      const again = await Member.open(mine, pairwise, stores[i]!);
      expect(again.keyShare()).to.deep.equal(members[i]!.keyShare());
    }
    return { place, members, agreed };
  }

  it("given a restart after every share, then the sum of keys decrypts", async () => {
    const { place, members } = await opened();
    const store = new MemoryStore();
    for (const [i, member] of members.entries()) {
      const collection = new KeyCollection(place, store);
      const error = await expectRejection(collection.total(), "aggregation/members-missing");
      expect(error.details.missing).to.equal(names.slice(i).join(" "));
      await collection.take(member.keyShare());
      await new KeyCollection(place, store).take(member.keyShare());
    }
    const keySum = await new KeyCollection(place, store).total();
    const side = await Aggregator.start({ ...place, identity: aggregator, keySum });
    await side.openLabel(1n);
    await side.take(await Promise.all(members.map((m) => m.encrypt(1n, 7n))));
    expect((await side.close(1n)).sum).to.equal(21n);
  });

  it("given a second share of a member, of another epoch, or in another's name, then it is refused and nothing changes", async () => {
    const { place, members, agreed } = await opened();
    const store = new MemoryStore();
    const collection = new KeyCollection(place, store);
    await collection.take(members[0]!.keyShare());
    const before = await entries(store);
    const { index, identity, pairwise } = agreed[0]!;
    const mine = { ...place, index, identity, window: 0, now: () => 0 };
    const other = await Member.open(mine, pairwise, new MemoryStore());
    await expectRejection(collection.take(other.keyShare()), "aggregation/bad-key-share");
    const next = { ...mine, context: keyContext(place.roster, "load-wh", 2) };
    const later = await Member.open(next, pairwise, new MemoryStore());
    await expectRejection(collection.take(later.keyShare()), "aggregation/wrong-roster");
    const { context, body } = readEnvelope(members[1]!.keyShare());
    const letter = { system: "aggregation", kind: "key-share", context, body } as const;
    for (const sequence of [1n, 3n]) {
      const forged = seal({ ...letter, sequence }, identities[2]!);
      await expectRejection(collection.take(forged), "envelope/wrong-place");
    }
    expect(await entries(store)).to.deep.equal(before);
  });
});
