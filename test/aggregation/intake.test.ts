import { expect } from "chai";
import { Aggregator, MAX_OPEN_LABELS, type Taken } from "../../src/aggregation/index.js";
import { readDropSet } from "../../src/aggregation/drop-set.js";
import {
  encodeResidue,
  messageDigest,
  readReceipt,
  write,
} from "../../src/aggregation/messages.js";
import { ed25519KeyPair, isEquivocation } from "../../src/envelope/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import { first, GroupOfTen } from "./group-of-ten.js";

describe("the aggregator's intake", () => {
  const world = GroupOfTen.forTests();

  it("given a forged contribution, then it is refused and the true one is counted", async () => {
    const { aggregator, members } = world.stream;
    await aggregator.openLabel(1n);
    const { identity } = world.agreed.members[3]!.secrets;
    const forged = Uint8Array.from(
      write({
        place: aggregator,
        kind: "contribution",
        label: 1n,
        body: encodeResidue(5n),
        key: identity,
      }),
    );
    // In the name of member 4.
    forged.set(world.agreed.roster.members[4]!.identityKey, 35);
    const stranger = write({
      place: aggregator,
      kind: "contribution",
      label: 1n,
      body: encodeResidue(5n),
      key: ed25519KeyPair(),
    });
    const codes = (await aggregator.take([forged, stranger, new Uint8Array(9)])).map((t) =>
      "error" in t ? t.error.code : "counted",
    );
    expect(codes).to.deep.equal([
      "envelope/bad-signature",
      "aggregation/not-in-roster",
      "envelope/malformed",
    ]);
    const [taken] = await aggregator.take([await members[4]!.encrypt(1n, 1n)]);
    expect(taken).to.have.property("receipt");
  });

  it("given a copy, then it gets its receipt again; given another of the same member, then it is refused", async () => {
    const { sent, receipts } = await world.contribute(1n, first(9));
    const { aggregator } = world.stream;
    const [again] = await aggregator.take([sent[0]!]);
    expect(again).to.deep.equal({ receipt: receipts[0] });
    const { identity } = world.agreed.members[0]!.secrets;
    const second = write({
      place: aggregator,
      kind: "contribution",
      label: 1n,
      body: encodeResidue(5n),
      key: identity,
    });
    const [refused] = await aggregator.take([second]);
    expect((refused as { error: Error & { code: string } }).error.code).to.equal(
      "aggregation/duplicate-contribution",
    );
    expect(isEquivocation(sent[0]!, second)).to.equal(true);
    expect(isEquivocation(receipts[0]!, receipts[1]!)).to.equal(false);
    expect(readReceipt(aggregator, receipts[2]!)).to.deep.equal({
      label: 1n,
      member: 2,
      contribution: messageDigest(sent[2]!),
    });
  });

  it("given labels that are not open, closed, or one too many, then nothing is kept of them", async () => {
    const { aggregator, members } = world.stream;
    const code = async (message: Uint8Array): Promise<string> => {
      const [taken] = await aggregator.take([message]);
      return "error" in taken! ? taken.error.code : "counted";
    };
    const one = await members[0]!.encrypt(1n, 1n);
    expect(await code(one)).to.equal("aggregation/label-not-open");
    expectError(() => aggregator.missing(1n), "aggregation/label-not-open");
    for (let label = 2n; label < 2n + BigInt(MAX_OPEN_LABELS); label++) {
      await aggregator.openLabel(label);
      await aggregator.openLabel(label);
    }
    expect(MAX_OPEN_LABELS).to.equal(16);
    await expectRejection(aggregator.openLabel(1n), "aggregation/too-many-labels");
    await expectRejection(aggregator.openLabel(-1n), "aggregation/label-out-of-range");
    await aggregator.abandon(2n);
    await aggregator.openLabel(1n);
    expect(await code(one)).to.equal("counted");
    await expectRejection(aggregator.openLabel(2n), "aggregation/label-closed");
    expect(await code(await members[0]!.encrypt(2n, 1n))).to.equal("aggregation/label-closed");
    for (const act of [
      () => aggregator.close(2n),
      () => aggregator.postDropSet(2n),
      () => aggregator.finishRepair(2n),
      () => aggregator.abandon(2n),
    ]) {
      await expectRejection(act(), "aggregation/label-closed");
    }
  });

  it("given a contribution after the drop-set, or a value out of range, then it is not counted", async () => {
    await world.contribute(1n, first(9));
    const { aggregator, members } = world.stream;
    const late = await members[9]!.encrypt(1n, 1n);
    const { identity } = world.agreed.members[9]!.secrets;
    const big = write({
      place: aggregator,
      kind: "contribution",
      label: 1n,
      body: new Uint8Array(11).fill(255),
      key: identity,
    });
    const long = write({
      place: aggregator,
      kind: "contribution",
      label: 1n,
      body: new Uint8Array(12),
      key: identity,
    });
    const refused = await aggregator.take([big, long]);
    for (const r of refused) {
      expect("error" in r && r.error.code).to.equal("aggregation/bad-ciphertext");
    }
    await aggregator.postDropSet(1n);
    const [taken] = await aggregator.take([late]);
    expect("error" in taken! && taken.error.code).to.equal("aggregation/label-closed");
    const repair = write({
      place: aggregator,
      kind: "repair",
      label: 1n,
      body: encodeResidue(1n),
      key: identity,
    });
    await expectRejection(aggregator.takeRepair(repair), "aggregation/bad-drop-set");
  });

  it("given a restart at any point, then the aggregator goes on with what it had signed", async () => {
    const store = new MemoryStore();
    world.stream = await world.opened({ aggregatorStore: store });
    const { aggregator, members } = world.stream;
    const place = {
      roster: world.agreed.roster,
      context: aggregator.context,
      identity: world.agreed.aggregatorIdentity,
      keySum: null,
    };
    const { sent, receipts } = await world.contribute(1n, first(9));
    await world.contribute(2n, first(10));
    await aggregator.abandon(2n);
    const second = await Aggregator.start(place, store);
    expect(second.missing(1n)).to.deep.equal(["home-9"]);
    expect(await second.take([sent[4]!])).to.deep.equal([{ receipt: receipts[4] }]);
    await expectRejection(second.openLabel(2n), "aggregation/label-closed");
    const dropSet = await second.postDropSet(1n);
    await world.post(dropSet);
    await second.takeRepair(await members[0]!.repair(1n));
    const third = await Aggregator.start(place, store);
    expect(await third.postDropSet(1n)).to.deep.equal(dropSet);
    for (const m of members.slice(1, 9)) await third.takeRepair(await m.repair(1n));
    expect((await third.finishRepair(1n)).sum).to.equal(936n);
    const fourth = await Aggregator.start(place, store);
    await expectRejection(fourth.openLabel(1n), "aggregation/label-closed");
  });

  it("given a contribution that arrives while the drop-set is made, then its receipt and the drop-set do not contradict each other", async () => {
    for (let label = 1n; label <= 12n; label++) {
      const { aggregator, members } = world.stream;
      await world.contribute(label, first(9));
      const late = await members[9]!.encrypt(label, 1n);
      const calls = [() => aggregator.take([late]), () => aggregator.postDropSet(label)];
      if (label % 2n === 0n) calls.reverse();
      const answers = await Promise.all(calls.map((call) => call()));
      const taken = answers.find((a): a is Taken[] => Array.isArray(a))![0]!;
      const dropSet = answers.find((a): a is Uint8Array => a instanceof Uint8Array)!;
      const { missing } = readDropSet(aggregator, dropSet);
      expect(missing).to.deep.equal("receipt" in taken ? [] : [9]);
      expect(await aggregator.postDropSet(label)).to.deep.equal(dropSet);
      await world.post(dropSet);
      const present = "receipt" in taken ? members : members.slice(0, 9);
      for (const m of present) await aggregator.takeRepair(await m.repair(label));
      expect((await aggregator.finishRepair(label)).present).to.equal(present.length);
    }
  });

  it("given the same contribution or repair twice at once, then it is counted once", async () => {
    const { aggregator, members } = world.stream;
    await aggregator.openLabel(1n);
    const sent = await Promise.all(members.slice(0, 9).map((m) => m.encrypt(1n, 7n)));
    await Promise.all([aggregator.take(sent), aggregator.take(sent)]);
    await world.post(await aggregator.postDropSet(1n));
    for (const m of members.slice(0, 9)) {
      const repair = await m.repair(1n);
      await Promise.all([aggregator.takeRepair(repair), aggregator.takeRepair(repair)]);
    }
    expect((await aggregator.finishRepair(1n)).sum).to.equal(63n);
  });

  it("given a second, other repair of a member, then it is refused, and both convict it", async () => {
    const { aggregator, members } = world.stream;
    await world.contribute(1n, first(9));
    await world.post(await aggregator.postDropSet(1n));
    const repair = await members[0]!.repair(1n);
    await aggregator.takeRepair(repair);
    const { identity } = world.agreed.members[0]!.secrets;
    const other = write({
      place: aggregator,
      kind: "repair",
      label: 1n,
      body: encodeResidue(1n),
      key: identity,
    });
    await expectRejection(aggregator.takeRepair(other), "aggregation/duplicate-contribution");
    expect(isEquivocation(repair, other)).to.equal(true);
    for (const m of members.slice(1, 9)) await aggregator.takeRepair(await m.repair(1n));
    expect((await aggregator.finishRepair(1n)).sum).to.equal(936n);
  });

  it("given a store that fails, then nothing is counted, opened or signed", async () => {
    const store = new MemoryStore();
    world.stream = await world.opened({ aggregatorStore: store });
    const { aggregator, members } = world.stream;
    await aggregator.openLabel(1n);
    const one = await members[0]!.encrypt(1n, 1n);
    await store.close();
    await expectRejection(aggregator.take([one]), "store/closed");
    await expectRejection(aggregator.openLabel(2n), "store/closed");
    expect(aggregator.missing(1n)).to.have.lengthOf(10);
    expectError(() => aggregator.missing(2n), "aggregation/label-not-open");
  });
});
