import { expect } from "chai";
import {
  agreeGroup,
  openStream,
  sumLabel,
  type AgreedGroup,
  type Stream,
} from "../../src/aggregation/index.js";
import { signDropSet } from "../../src/aggregation/drop-set.js";
import { ed25519KeyPair } from "../../src/envelope/curve25519.js";
import { expectError, expectRejection } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const names = Array.from({ length: 10 }, (_, i) => `home-${i}`);
const maxValue = 10_000n;

describe("missing members", () => {
  let agreed: AgreedGroup;
  let epoch = 0;
  let stream: Stream;

  before(async () => {
    agreed = await agreeGroup({ group: "repair", members: names, maxValue });
  });
  beforeEach(async () => {
    stream = await openStream(agreed, { stream: "load-wh", epoch: ++epoch });
  });

  /** The members with these indices send `100 + index` for the label. */
  async function contribute(label: bigint, indices: readonly number[]): Promise<void> {
    for (const i of indices) {
      stream.aggregator.add(await stream.members[i]!.encrypt(label, BigInt(100 + i)));
    }
  }

  it("still gives exact sums with a tenth of the members failing, and says who was missing", async () => {
    const random = new TestRandom("failures");
    let repaired = 0;
    for (let label = 1n; label <= 40n; label++) {
      const values = new Map<string, bigint>();
      const failed: string[] = [];
      for (const name of names) {
        if (random.below(10n) === 0n) failed.push(name);
        else values.set(name, random.below(maxValue + 1n));
      }
      const result = await sumLabel(stream, label, values);
      expect(result.sum).to.equal([...values.values()].reduce((a, v) => a + v, 0n));
      expect(result.missing).to.deep.equal(failed);
      expect(result.present).to.equal(10 - failed.length);
      if (failed.length > 0) repaired++;
    }
    expect(repaired).to.be.within(15, 39);
  });

  it("cannot be decrypted without them before a repair", async () => {
    await contribute(1n, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(stream.aggregator.missing(1n)).to.deep.equal(["home-9"]);
    const error = expectError(() => stream.aggregator.close(1n), "aggregation/members-missing");
    expect(error.details.missing).to.equal("home-9");
  });

  it("refuses a second drop-set for a label, and one for an earlier label", async () => {
    await contribute(1n, [...names.keys()]);
    await contribute(2n, [...names.keys()]);
    const [member] = stream.members;
    const { context } = stream.aggregator;
    const sets = [[9], [8], [8, 9], []].map((missing) =>
      signDropSet(context, 2n, missing, agreed.aggregatorIdentity),
    );
    const share = await member!.repair(sets[0]!);
    expect(await member!.repair(sets[0]!)).to.deep.equal(share);
    for (const second of sets.slice(1)) {
      await expectRejection(member!.repair(second), "aggregation/second-drop-set");
    }
    const earlier = signDropSet(context, 1n, [9], agreed.aggregatorIdentity);
    await expectRejection(member!.repair(earlier), "aggregation/second-drop-set");
  });

  it("refuses drop-sets that are unsigned, malformed, foreign, premature or about itself", async () => {
    await contribute(5n, [0]);
    const [member] = stream.members;
    const { context } = stream.aggregator;
    const signed = (label: bigint, missing: number[], key = agreed.aggregatorIdentity) =>
      signDropSet(context, label, missing, key);
    const bad = [
      signed(5n, [3], ed25519KeyPair()),
      { ...signed(5n, [3]), missing: [4] },
      { ...signed(5n, [3]), label: 4n },
      signed(5n, [4, 3]),
      signed(5n, [3, 3]),
      signed(5n, [10]),
      signed(5n, [0, 3]),
      signed(6n, [3]),
    ];
    for (const dropSet of bad) {
      await expectRejection(member!.repair(dropSet), "aggregation/bad-drop-set");
    }
    const other = (await openStream(agreed, { stream: "other", epoch })).aggregator.context;
    const foreign = signDropSet(other, 5n, [3], agreed.aggregatorIdentity);
    await expectRejection(member!.repair(foreign), "aggregation/wrong-roster");
    const [unused] = (await openStream(agreed, { stream: "load-wh", epoch })).members;
    await expectRejection(unused!.repair(signed(5n, [3])), "aggregation/bad-drop-set");
  });

  it("refuses sums over fewer than the quorum, at both ends", async () => {
    await contribute(1n, [0, 1, 2, 3, 4]);
    expect(agreed.roster.quorum).to.equal(6);
    expectError(() => stream.aggregator.declareMissing(1n), "aggregation/too-few-present");
    const { context } = stream.aggregator;
    const dropSet = signDropSet(context, 1n, [5, 6, 7, 8, 9], agreed.aggregatorIdentity);
    await expectRejection(stream.members[0]!.repair(dropSet), "aggregation/too-few-present");
  });

  it("waits for every repair share and names who is silent", async () => {
    await contribute(1n, [0, 1, 2, 3, 4, 5, 6, 7]);
    const { aggregator, members } = stream;
    expectError(() => aggregator.finishRepair(1n), "aggregation/bad-drop-set");
    const dropSet = aggregator.declareMissing(1n);
    expect(aggregator.declareMissing(1n)).to.equal(dropSet);
    for (const member of members.slice(0, 7)) aggregator.addRepair(await member.repair(dropSet));
    const error = expectError(() => aggregator.finishRepair(1n), "aggregation/repair-incomplete");
    expect(error.details.missing).to.equal("home-7");
    aggregator.addRepair(await members[7]!.repair(dropSet));
    expect(aggregator.finishRepair(1n)).to.deep.equal({
      label: 1n,
      sum: 828n,
      present: 8,
      missing: ["home-8", "home-9"],
    });
  });

  it("counts nobody twice and nothing late", async () => {
    const { aggregator, members } = stream;
    await contribute(1n, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const late = await members[9]!.encrypt(1n, 1n);
    expectError(() => {
      aggregator.add({ ...late, member: 3 });
    }, "aggregation/duplicate-contribution");
    const dropSet = aggregator.declareMissing(1n);
    expectError(() => {
      aggregator.add(late);
    }, "aggregation/label-closed");
    const share = await members[0]!.repair(dropSet);
    aggregator.addRepair(share);
    expectError(() => {
      aggregator.addRepair(share);
    }, "aggregation/duplicate-contribution");
    expectError(() => {
      aggregator.addRepair({ ...share, member: 9 });
    }, "aggregation/bad-drop-set");
    for (const member of members.slice(1, 9)) aggregator.addRepair(await member.repair(dropSet));
    aggregator.finishRepair(1n);
    for (const act of [
      () => aggregator.missing(1n),
      () => aggregator.close(1n),
      () => aggregator.declareMissing(1n),
      () => aggregator.finishRepair(1n),
    ]) {
      expectError(act, "aggregation/label-closed");
    }
  });

  it("refuses messages of another roster, stream or epoch, and impossible values", async () => {
    const other = await openStream(agreed, { stream: "load-wh", epoch: 1000 });
    const contribution = await other.members[0]!.encrypt(1n, 1n);
    expectError(() => {
      stream.aggregator.add(contribution);
    }, "aggregation/wrong-roster");
    const own = await stream.members[0]!.encrypt(1n, 1n);
    for (const bad of [
      { ...own, member: 10 },
      { ...own, ciphertext: -1n },
      { ...own, ciphertext: 1n << 85n },
    ]) {
      expectError(() => {
        stream.aggregator.add(bad);
      }, "aggregation/bad-ciphertext");
    }
    stream.aggregator.add(own);
    expectError(() => {
      stream.aggregator.addRepair({ ...own, masked: 1n });
    }, "aggregation/bad-drop-set");
  });

  it("keeps each repair share masked: without all of them the sum is noise", async () => {
    await contribute(1n, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const { aggregator, members } = stream;
    const dropSet = aggregator.declareMissing(1n);
    const shares = await Promise.all(members.slice(0, 9).map((m) => m.repair(dropSet)));
    // One share replaced by another member's: masks no longer cancel.
    for (const share of shares.slice(1)) aggregator.addRepair(share);
    aggregator.addRepair({ ...shares[1]!, member: 0 });
    expectError(() => aggregator.finishRepair(1n), "aggregation/sum-inconsistent");
  });

  it("closes every sum by the members' answers where the aggregator gets no sum of keys", async () => {
    const closed = await openStream(agreed, { stream: "closed", epoch, shareKeys: false });
    for (const member of closed.members) closed.aggregator.add(await member.encrypt(1n, 11n));
    expectError(() => closed.aggregator.close(1n), "aggregation/no-key-sum");
    const dropSet = closed.aggregator.declareMissing(1n);
    expect(dropSet.missing).to.deep.equal([]);
    for (const member of closed.members) closed.aggregator.addRepair(await member.repair(dropSet));
    expect(closed.aggregator.finishRepair(1n).sum).to.equal(110n);
  });
});
