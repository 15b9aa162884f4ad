import { expect } from "chai";
import {
  keyContext,
  REMEMBERED_LABELS,
  sumLabel,
  writeDropSet,
} from "../../src/aggregation/index.js";
import { repairMask } from "../../src/aggregation/member.js";
import { write } from "../../src/aggregation/messages.js";
import { readDropSet } from "../../src/aggregation/drop-set.js";
import { P } from "../../src/aggregation/parameters.js";
import { parsePrfKey, prf } from "../../src/aggregation/prf.js";
import { bytesToInt } from "../../src/algebra/index.js";
import { ed25519KeyPair, isEquivocation, readEnvelope } from "../../src/envelope/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

import { first, GroupOfTen, maxValue, names, WINDOW } from "./group-of-ten.js";

describe("missing members", () => {
  const world = GroupOfTen.forTests();

  it("still gives exact sums with a tenth of the members failing, and says who was missing", async () => {
    world.stream = await world.opened({ window: 0 });
    const random = new TestRandom("failures");
    let repaired = 0;
    for (let label = 1n; label <= 40n; label++) {
      const values = new Map<string, bigint>();
      const failed: string[] = [];
      for (const name of names) {
        if (failed.length < 2 && random.below(10n) === 0n) failed.push(name);
        else values.set(name, random.below(maxValue + 1n));
      }
      const result = await sumLabel({ stream: world.stream, label, values });
      expect(result.sum).to.equal([...values.values()].reduce((a, v) => a + v, 0n));
      expect(result.missing).to.deep.equal(failed);
      expect(result.present).to.equal(10 - failed.length);
      if (failed.length > 0) repaired++;
    }
    expect(repaired).to.be.within(15, 39);
  });

  it("cannot be decrypted without them before a repair", async () => {
    await world.contribute(1n, first(9));
    expect(world.stream.aggregator.missing(1n)).to.deep.equal(["home-9"]);
    const error = await expectRejection(
      world.stream.aggregator.close(1n),
      "aggregation/members-missing",
    );
    expect(error.details.missing).to.equal("home-9");
  });

  it("given a drop-set, when members repair, then they do after the window and not before", async () => {
    await world.contribute(1n, first(8));
    const { aggregator, members } = world.stream;
    await expectRejection(aggregator.finishRepair(1n), "aggregation/bad-drop-set");
    const dropSet = await aggregator.postDropSet(1n);
    expect(await aggregator.postDropSet(1n)).to.deep.equal(dropSet);
    for (const member of members) expect(await member.see(dropSet)).to.equal(null);
    world.clock.now += WINDOW - 1;
    await expectRejection(members[0]!.repair(1n), "aggregation/window-open");
    world.clock.now += 1;
    for (const member of members.slice(0, 7)) await aggregator.takeRepair(await member.repair(1n));
    const error = await expectRejection(
      aggregator.finishRepair(1n),
      "aggregation/repair-incomplete",
    );
    expect(error.details.missing).to.equal("home-7");
    const last = await members[7]!.repair(1n);
    expect(await members[7]!.repair(1n)).to.deep.equal(last);
    await aggregator.takeRepair(last);
    await aggregator.takeRepair(last);
    expect(await aggregator.finishRepair(1n)).to.deep.equal({
      label: 1n,
      sum: 828n,
      present: 8,
      missing: ["home-8", "home-9"],
    });
  });

  it("given drop-sets that are unsigned, malformed or foreign, then members do not see them", async () => {
    await world.contribute(5n, first(1));
    const [member] = world.stream.members;
    for (const missing of [[4, 3], [3, 3], [10]]) {
      await expectRejection(member!.see(world.signed(5n, missing)), "aggregation/bad-drop-set");
    }
    const forged = world.signed(5n, [3], ed25519KeyPair());
    await expectRejection(member!.see(forged), "aggregation/not-in-roster");
    const byMember = world.signed(5n, [3], world.agreed.members[4]!.secrets.identity);
    await expectRejection(member!.see(byMember), "aggregation/not-in-roster");
    const flipped = Uint8Array.from(world.signed(5n, [3]));
    flipped[82]! ^= 1;
    await expectRejection(member!.see(flipped), "envelope/bad-signature");
    const other = {
      roster: world.agreed.roster,
      context: keyContext(world.agreed.roster, "other", 1),
    };
    const foreign = writeDropSet({
      place: other,
      label: 5n,
      missing: [3],
      aggregator: world.agreed.aggregatorIdentity,
    });
    await expectRejection(member!.see(foreign), "aggregation/wrong-roster");
    await expectRejection(member!.repair(5n), "aggregation/bad-drop-set");
    await expectRejection(member!.see(world.signed(6n, [3])), "aggregation/label-not-served");
  });

  it("given fewer than four fifths present, then there is no sum, at both ends", async () => {
    expect(world.agreed.roster.quorum).to.equal(8);
    await world.contribute(1n, first(7));
    await expectRejection(world.stream.aggregator.postDropSet(1n), "aggregation/too-few-present");
    await expectRejection(
      world.stream.members[0]!.see(world.signed(1n, [7, 8, 9])),
      "aggregation/too-few-present",
    );
  });

  it("given a second drop-set for a label, then the member ends the epoch, and both convict the aggregator", async () => {
    await world.contribute(2n, first(10));
    const [member] = world.stream.members;
    const [one, two] = [world.signed(2n, [9]), world.signed(2n, [8])];
    await member!.see(one);
    await member!.see(one);
    await expectRejection(member!.see(two), "aggregation/second-drop-set");
    expect(isEquivocation(one, two)).to.equal(true);
    expect(await member!.ended()).to.contain("two drop-sets");
    world.clock.now += WINDOW;
    await expectRejection(member!.repair(2n), "aggregation/epoch-ended");
    await expectRejection(member!.encrypt(3n, 1n), "aggregation/epoch-ended");
  });

  it("given a member that is named and did not contribute, then it sends nothing for the label any more", async () => {
    const dropSet = world.signed(7n, [9]);
    expect(await world.stream.members[9]!.see(dropSet)).to.equal(null);
    await expectRejection(world.stream.members[9]!.encrypt(7n, 1n), "aggregation/label-used");
    await world.stream.members[9]!.encrypt(8n, 1n);
    await world.stream.members[9]!.see(world.signed(5n, [9]));
    await expectRejection(world.stream.members[9]!.encrypt(8n, 1n), "aggregation/label-used");
  });

  it("given masks, then without all of them the sum is noise", async () => {
    await world.contribute(1n, first(9));
    const { aggregator, members } = world.stream;
    await world.post(await aggregator.postDropSet(1n));
    const shares = await Promise.all(members.slice(0, 9).map((m) => m.repair(1n)));
    for (const share of shares.slice(1)) await aggregator.takeRepair(share);
    // Member 0 signs the answer of another: masks no longer cancel.
    const { body } = readEnvelope(shares[1]!);
    const { identity } = world.agreed.members[0]!.secrets;
    await aggregator.takeRepair(
      write({ place: aggregator, kind: "repair", label: 1n, body, key: identity }),
    );
    await expectRejection(aggregator.finishRepair(1n), "aggregation/sum-inconsistent");
  });

  it("given no sum of keys, then every sum is closed by the members' answers, at once where nobody is named", async () => {
    world.stream = await world.opened({ shareKeys: false });
    await world.contribute(1n, first(10));
    await expectRejection(world.stream.aggregator.close(1n), "aggregation/no-key-sum");
    const dropSet = await world.stream.aggregator.postDropSet(1n);
    for (const m of world.stream.members) {
      await m.see(dropSet);
      await world.stream.aggregator.takeRepair(await m.repair(1n));
    }
    expect((await world.stream.aggregator.finishRepair(1n)).sum).to.equal(1045n);
  });

  describe("a home named missing that was not", () => {
    it("given the full sum and a drop-set that names one home, then careless members give its value away", async () => {
      await world.contribute(1n, first(10));
      const whole = await world.stream.aggregator.close(1n);
      // What members answer who believe the aggregator.
      const dropSet = world.signed(1n, [9]);
      for (const m of world.stream.members.slice(0, 9)) await m.see(dropSet);
      world.clock.now += WINDOW;
      const repairs = await Promise.all(world.stream.members.slice(0, 9).map((m) => m.repair(1n)));
      const sumOfPads = repairs.reduce((sum, r) => sum + bytesToInt(readEnvelope(r).body), 0n) % P;
      const sent = await Promise.all(
        world.stream.members.slice(0, 9).map((m) => m.contributions()),
      );
      const nine = sent.reduce((sum, s) => sum + bytesToInt(readEnvelope(s[0]!).body), 0n);
      const others = ((((nine - sumOfPads - 9n) % P) + P) % P) / 10n;
      expect(whole.sum - others).to.equal(109n);
    });

    it("given that home, when it objects with its receipt, then members end the epoch and nobody repairs", async () => {
      await world.contribute(1n, first(10));
      await world.stream.aggregator.close(1n);
      const dropSet = world.signed(1n, [9]);
      for (const m of world.stream.members.slice(0, 9)) expect(await m.see(dropSet)).to.equal(null);
      const objection = (await world.stream.members[9]!.see(dropSet))!;
      expect(await world.stream.members[9]!.see(dropSet)).to.deep.equal(objection);
      world.clock.now += WINDOW;
      for (const m of world.stream.members.slice(0, 9)) {
        await m.hear(1n, objection);
        await expectRejection(m.repair(1n), "aggregation/epoch-ended");
        expect(await m.ended()).to.contain("had signed its receipt");
      }
      await expectRejection(world.stream.members[9]!.repair(1n), "aggregation/bad-drop-set");
    });

    it("given no receipt, then members do not repair the label, and the epoch goes on", async () => {
      await world.contribute(1n, first(10), false);
      const dropSet = world.signed(1n, [9]);
      const [member] = world.stream.members;
      await member!.see(dropSet);
      const objection = (await world.stream.members[9]!.see(dropSet))!;
      await member!.hear(1n, objection);
      world.clock.now += 10 * WINDOW;
      await expectRejection(member!.repair(1n), "aggregation/objected");
      expect(await member!.ended()).to.equal(null);
      await member!.encrypt(2n, 1n);
    });

    it("given objections of others, for other labels, or with other receipts, then they are ignored", async () => {
      const one = await world.contribute(1n, first(10));
      const two = await world.contribute(2n, first(10));
      const dropSet = world.signed(1n, [8, 9]);
      const [member] = world.stream.members;
      await member!.see(dropSet);
      const objection = ({
        contribution,
        receipt,
        by,
        label = 1n,
      }: {
        readonly contribution: Uint8Array;
        readonly receipt: Uint8Array | null;
        readonly by: number;
        readonly label?: bigint;
      }) => {
        const body = Buffer.concat([
          Buffer.from([0, 0, 0, contribution.length]),
          contribution,
          receipt ?? Buffer.alloc(0),
        ]);
        const { identity } = world.agreed.members[by]!.secrets;
        return write({
          place: world.stream.aggregator,
          kind: "objection",
          label,
          body,
          key: identity,
        });
      };
      for (const bad of [
        objection({ contribution: one.sent[3]!, receipt: null, by: 3 }),
        objection({ contribution: one.sent[8]!, receipt: null, by: 9 }),
        objection({ contribution: two.sent[9]!, receipt: null, by: 9 }),
        objection({ contribution: one.sent[9]!, receipt: null, by: 9, label: 2n }),
        objection({ contribution: one.sent[9]!, receipt: one.receipts[8]!, by: 9 }),
        objection({ contribution: one.sent[9]!, receipt: two.receipts[9]!, by: 9 }),
      ]) {
        await expectRejection(member!.hear(1n, bad), "aggregation/bad-objection");
      }
      const forged = Uint8Array.from(one.sent[9]!);
      forged[80]! ^= 1;
      await expectRejection(
        member!.hear(1n, objection({ contribution: forged, receipt: null, by: 9 })),
        "envelope/bad-signature",
      );
      world.clock.now += WINDOW;
      await member!.repair(1n);
    });
  });

  describe("repairs of labels that were not served", () => {
    it("given 4,000 of them below the last label, then all are refused and nothing of the key is shown", async () => {
      await world.contribute(1_000_000n, first(1));
      const member = world.stream.members[0]!;
      for (let label = 1n; label <= 4000n; label++) {
        await expectRejection(member.see(world.signed(label, [9])), "aggregation/label-not-served");
        if (label % 100n === 0n) {
          world.clock.now += WINDOW;
          await expectRejection(member.repair(label), "aggregation/label-not-served");
        }
      }
    }).timeout(120_000);

    it("given an answer and the masks of the others, then it is the key's output: what the refusal is for", async () => {
      const store = new MemoryStore();
      world.stream = await world.opened({ store: (i) => (i === 5 ? store : new MemoryStore()) });
      await world.contribute(3n, first(8));
      const dropSet = await world.stream.aggregator.postDropSet(3n);
      await world.post(dropSet);
      const answer = bytesToInt(readEnvelope(await world.stream.members[5]!.repair(3n)).body);
      // The seven others present collude: they know their secrets with member 5.
      const { digest } = readDropSet(world.stream.aggregator, dropSet);
      let masks = 0n;
      for (const j of [0, 1, 2, 3, 4, 6, 7]) {
        const mask = repairMask(digest, world.agreed.members[j]!.pairwise[5]!);
        masks += j > 5 ? mask : -mask;
      }
      const [[, secrets]] = (await store.transaction((tx) => tx.list(""))).filter(([key]) =>
        key.endsWith("/secrets"),
      ) as [[string, Uint8Array]];
      const key = parsePrfKey(secrets.slice(0, 33_536));
      const output = (((answer - masks) % P) + P) % P;
      expect(output).to.equal(prf(key, world.stream.aggregator.context.id, 3n));
    });

    it("given a label older than those that a member remembers, then it is refused", async () => {
      const member = world.stream.members[0]!;
      for (let label = 1n; label <= BigInt(REMEMBERED_LABELS) + 1n; label++) {
        await member.encrypt(label, 1n);
      }
      await expectRejection(member.see(world.signed(1n, [9])), "aggregation/label-not-served");
      await member.see(world.signed(2n, [9]));
      expect(await member.contributions()).to.have.lengthOf(REMEMBERED_LABELS);
      world.clock.now += WINDOW;
      await member.repair(2n);
    });
  });

  describe("the masks", () => {
    it("are bound to label, drop-set, stream and epoch, and to the pair", async () => {
      const secret = world.agreed.members[0]!.pairwise[1]!;
      const digest = (label: bigint, missing: number[], place = world.stream.aggregator) =>
        readDropSet(
          place,
          writeDropSet({ place, label, missing, aggregator: world.agreed.aggregatorIdentity }),
        ).digest;
      const other = await world.opened();
      const masks = [
        repairMask(digest(1n, [9]), secret),
        repairMask(digest(2n, [9]), secret),
        repairMask(digest(1n, [8]), secret),
        repairMask(digest(1n, []), secret),
        repairMask(digest(1n, [9], other.aggregator), secret),
        repairMask(digest(1n, [9]), world.agreed.members[0]!.pairwise[2]!),
      ];
      expect(new Set(masks).size).to.equal(masks.length);
      for (const mask of masks) expect(mask < 1n << 128n).to.equal(true);
    });

    it("differ from label to label in what members send", async () => {
      // With one mask for all labels, two answers of a member would show the difference of its outputs.
      const bodies = new Set<string>();
      for (const label of [1n, 2n, 3n]) {
        await world.contribute(label, first(9));
        await world.post(await world.stream.aggregator.postDropSet(label));
        bodies.add(String(readEnvelope(await world.stream.members[0]!.repair(label)).body));
      }
      expect(bodies.size).to.equal(3);
    });
  });

  it("given a receipt for another's contribution, or a forged one, then the member does not keep it", async () => {
    const { receipts } = await world.contribute(1n, first(2), false);
    const [member] = world.stream.members;
    await expectRejection(member!.receive(receipts[1]!), "aggregation/bad-receipt");
    const forged = Uint8Array.from(receipts[0]!);
    forged[forged.length - 1]! ^= 1;
    await expectRejection(member!.receive(forged), "envelope/bad-signature");
    const { identity } = world.agreed.members[1]!.secrets;
    const byMember = write({
      place: world.stream.aggregator,
      kind: "receipt",
      label: 1n,
      body: readEnvelope(receipts[0]!).body,
      key: identity,
    });
    await expectRejection(member!.receive(byMember), "aggregation/not-in-roster");
    await member!.receive(receipts[0]!);
  });

  it("given a label hashed ahead, then the contribution is the same, and of another label is not mistaken", async () => {
    const [a, b] = [world.stream.members[0]!, world.stream.members[1]!];
    const plain = await sumLabel({
      stream: await world.opened({ window: 0 }),
      label: 1n,
      values: new Map(names.map((n) => [n, 3n])),
    });
    expect(plain.sum).to.equal(30n);
    a.prepare(1n);
    b.prepare(9n);
    await world.stream.aggregator.openLabel(1n);
    const sent = await Promise.all(world.stream.members.map((m) => m.encrypt(1n, 3n)));
    await world.stream.aggregator.take(sent);
    expect((await world.stream.aggregator.close(1n)).sum).to.equal(30n);
    expectError(() => {
      a.prepare(-1n);
    }, "aggregation/label-out-of-range");
  });
});
