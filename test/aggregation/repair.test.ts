import { expect } from "chai";
import {
  agreeGroup,
  openStream,
  sumLabel,
  type AgreedGroup,
  type Stream,
} from "../../src/aggregation/index.js";
import { signDropSet } from "../../src/aggregation/drop-set.js";
import { ed25519KeyPair } from "../../src/aggregation/curve25519.js";
import { expectError } from "./expect-error.js";
import { Seeded } from "./seeded.js";

const names = Array.from({ length: 10 }, (_, i) => `home-${i}`);
const maxValue = 10_000n;

describe("missing members", () => {
  let agreed: AgreedGroup;
  let epoch = 0;
  let stream: Stream;

  before(async () => {
    agreed = await agreeGroup({ group: "repair", members: names, maxValue });
  });
  beforeEach(() => {
    stream = openStream(agreed, { stream: "load-wh", epoch: ++epoch });
  });

  /** The members with these indices send `100 + index` for the label. */
  function contribute(label: bigint, indices: readonly number[]): void {
    for (const i of indices) {
      stream.aggregator.add(stream.members[i]!.encrypt(label, BigInt(100 + i)));
    }
  }

  it("still gives exact sums with a tenth of the members failing, and says who was missing", () => {
    const random = new Seeded("failures");
    let repaired = 0;
    for (let label = 1n; label <= 40n; label++) {
      const values = new Map<string, bigint>();
      const failed: string[] = [];
      for (const name of names) {
        if (random.below(10n) === 0n) failed.push(name);
        else values.set(name, random.below(maxValue + 1n));
      }
      const result = sumLabel(stream, label, values);
      expect(result.sum).to.equal([...values.values()].reduce((a, v) => a + v, 0n));
      expect(result.missing).to.deep.equal(failed);
      expect(result.present).to.equal(10 - failed.length);
      if (failed.length > 0) repaired++;
    }
    expect(repaired).to.be.within(15, 39);
  });

  it("cannot be decrypted without them before a repair", () => {
    contribute(1n, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(stream.aggregator.missing(1n)).to.deep.equal(["home-9"]);
    const error = expectError("aggregation/members-missing", () => stream.aggregator.close(1n));
    expect(error.details.missing).to.equal("home-9");
  });

  it("refuses a second drop-set for a label, and one for an earlier label", () => {
    contribute(1n, [...names.keys()]);
    contribute(2n, [...names.keys()]);
    const [member] = stream.members;
    const { context } = stream.aggregator;
    const sets = [[9], [8], [8, 9], []].map((missing) =>
      signDropSet(context, 2n, missing, agreed.aggregatorIdentity),
    );
    const share = member!.repair(sets[0]!);
    expect(member!.repair(sets[0]!)).to.deep.equal(share);
    for (const second of sets.slice(1)) {
      expectError("aggregation/second-drop-set", () => member!.repair(second));
    }
    const earlier = signDropSet(context, 1n, [9], agreed.aggregatorIdentity);
    expectError("aggregation/second-drop-set", () => member!.repair(earlier));
  });

  it("refuses drop-sets that are unsigned, malformed, foreign, premature or about itself", () => {
    contribute(5n, [0]);
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
      expectError("aggregation/bad-drop-set", () => member!.repair(dropSet));
    }
    const other = openStream(agreed, { stream: "other", epoch }).aggregator.context;
    const foreign = signDropSet(other, 5n, [3], agreed.aggregatorIdentity);
    expectError("aggregation/wrong-roster", () => member!.repair(foreign));
    const [unused] = openStream(agreed, { stream: "load-wh", epoch }).members;
    expectError("aggregation/bad-drop-set", () => unused!.repair(signed(5n, [3])));
  });

  it("refuses sums over fewer than the quorum, at both ends", () => {
    contribute(1n, [0, 1, 2, 3, 4]);
    expect(agreed.roster.quorum).to.equal(6);
    expectError("aggregation/too-few-present", () => stream.aggregator.declareMissing(1n));
    const { context } = stream.aggregator;
    const dropSet = signDropSet(context, 1n, [5, 6, 7, 8, 9], agreed.aggregatorIdentity);
    expectError("aggregation/too-few-present", () => stream.members[0]!.repair(dropSet));
  });

  it("waits for every repair share and names who is silent", () => {
    contribute(1n, [0, 1, 2, 3, 4, 5, 6, 7]);
    const { aggregator, members } = stream;
    expectError("aggregation/bad-drop-set", () => aggregator.finishRepair(1n));
    const dropSet = aggregator.declareMissing(1n);
    expect(aggregator.declareMissing(1n)).to.equal(dropSet);
    for (const member of members.slice(0, 7)) aggregator.addRepair(member.repair(dropSet));
    const error = expectError("aggregation/repair-incomplete", () => aggregator.finishRepair(1n));
    expect(error.details.missing).to.equal("home-7");
    aggregator.addRepair(members[7]!.repair(dropSet));
    expect(aggregator.finishRepair(1n)).to.deep.equal({
      label: 1n,
      sum: 828n,
      present: 8,
      missing: ["home-8", "home-9"],
    });
  });

  it("counts nobody twice and nothing late", () => {
    const { aggregator, members } = stream;
    contribute(1n, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const late = members[9]!.encrypt(1n, 1n);
    expectError("aggregation/duplicate-contribution", () => {
      aggregator.add({ ...late, member: 3 });
    });
    const dropSet = aggregator.declareMissing(1n);
    expectError("aggregation/label-closed", () => {
      aggregator.add(late);
    });
    const share = members[0]!.repair(dropSet);
    aggregator.addRepair(share);
    expectError("aggregation/duplicate-contribution", () => {
      aggregator.addRepair(share);
    });
    expectError("aggregation/bad-drop-set", () => {
      aggregator.addRepair({ ...share, member: 9 });
    });
    for (const member of members.slice(1, 9)) aggregator.addRepair(member.repair(dropSet));
    aggregator.finishRepair(1n);
    for (const act of [
      () => aggregator.missing(1n),
      () => aggregator.close(1n),
      () => aggregator.declareMissing(1n),
      () => aggregator.finishRepair(1n),
    ]) {
      expectError("aggregation/label-closed", act);
    }
  });

  it("refuses messages of another roster, stream or epoch, and impossible values", () => {
    const other = openStream(agreed, { stream: "load-wh", epoch: 1000 });
    const contribution = other.members[0]!.encrypt(1n, 1n);
    expectError("aggregation/wrong-roster", () => {
      stream.aggregator.add(contribution);
    });
    const own = stream.members[0]!.encrypt(1n, 1n);
    for (const bad of [
      { ...own, member: 10 },
      { ...own, ciphertext: -1n },
      { ...own, ciphertext: 1n << 85n },
    ]) {
      expectError("aggregation/bad-ciphertext", () => {
        stream.aggregator.add(bad);
      });
    }
    stream.aggregator.add(own);
    expectError("aggregation/bad-drop-set", () => {
      stream.aggregator.addRepair({ ...own, masked: 1n });
    });
  });

  it("keeps each repair share masked: without all of them the sum is noise", () => {
    contribute(1n, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const { aggregator, members } = stream;
    const dropSet = aggregator.declareMissing(1n);
    const shares = members.slice(0, 9).map((m) => m.repair(dropSet));
    // One share replaced by another member's: masks no longer cancel.
    for (const share of shares.slice(1)) aggregator.addRepair(share);
    aggregator.addRepair({ ...shares[1]!, member: 0 });
    expectError("aggregation/sum-inconsistent", () => aggregator.finishRepair(1n));
  });

  it("closes every sum by the members' answers where the aggregator gets no sum of keys", () => {
    const closed = openStream(agreed, { stream: "closed", epoch, shareKeys: false });
    for (const member of closed.members) closed.aggregator.add(member.encrypt(1n, 11n));
    expectError("aggregation/no-key-sum", () => closed.aggregator.close(1n));
    const dropSet = closed.aggregator.declareMissing(1n);
    expect(dropSet.missing).to.deep.equal([]);
    for (const member of closed.members) closed.aggregator.addRepair(member.repair(dropSet));
    expect(closed.aggregator.finishRepair(1n).sum).to.equal(110n);
  });
});
