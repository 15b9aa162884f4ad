import { secp256k1_FROST } from "@noble/curves/secp256k1.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { bytesToInt, intToBytes } from "../../src/algebra/index.js";
import { committeeWithout, createCommittee, createMember } from "../../src/sealed/committee.js";
import { disclose, type Dealing, type Disclosure } from "../../src/sealed/dealing.js";
import { KeyCeremony, type Fault } from "../../src/sealed/key-ceremony.js";
import type { KeyShare } from "../../src/sealed/key-share.js";
import { evaluate, interpolate, lagrangeAtZero } from "../../src/sealed/polynomial.js";
import { mod } from "../../src/sealed/scalars.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { committeeOf, runCeremony, type Outcome } from "./ceremony.js";
import { fast, n } from "./support.js";

const { group } = fast;
const random = new TestRandom("key ceremony");

/** x from the shares with these numbers. */
function combine(shares: readonly KeyShare[], numbers: readonly number[]): bigint {
  const weights = lagrangeAtZero(numbers.map(BigInt));
  return mod(numbers.reduce((sum, j, i) => sum + weights[i]! * shares[j - 1]!.secret, 0n));
}

/** All shares belong to one key, any t of them give it, and all trustees blame the same. */
function expectOneKey(
  { shares, faults }: Outcome,
  threshold: number,
  expected: readonly Fault[] = [],
) {
  const all = shares.map((s) => s.index);
  const secret = combine(shares, all.slice(0, threshold));
  expect(combine(shares, all.slice(-threshold))).to.equal(secret);
  for (const share of shares) {
    expect(group.equals(share.publicKey, group.mul(group.generator, secret))).to.equal(true);
    for (const { index, secret: x } of shares) {
      const key = share.verificationKeys[index - 1]!;
      expect(group.equals(key, group.mul(group.generator, x))).to.equal(true);
    }
  }
  for (const found of faults) expect(found).to.deep.equal(expected);
  return secret;
}

describe("polynomials", () => {
  it("are found from as many values as they have coefficients", () => {
    const coefficients = Array.from({ length: 5 }, () => random.below(n));
    const points = [3n, 1n, 200n, 7n, 5n].map((x) => ({ x, y: evaluate(coefficients, x) }));
    expect(interpolate(points)).to.deep.equal(coefficients);
    const weights = lagrangeAtZero(points.map((p) => p.x));
    expect(mod(points.reduce((sum, p, i) => sum + weights[i]! * p.y, 0n))).to.equal(
      coefficients[0],
    );
  });
});

describe("distributed key generation", () => {
  it("gives every trustee a share of one key, for several sizes", () => {
    for (const [count, threshold] of [
      [1, 1],
      [2, 2],
      [3, 2],
      [5, 3],
    ] as const) {
      expectOneKey(runCeremony(committeeOf(count, threshold)), threshold);
    }
  });

  it("gives shares that the FROST implementation of noble puts together to the same key", () => {
    const { shares } = runCeremony(committeeOf(5, 3));
    const frost = [1, 3, 4].map((j) => ({
      identifier: secp256k1_FROST.Identifier.fromNumber(j),
      signingShare: intToBytes(shares[j - 1]!.secret, 32),
    }));
    const secret = secp256k1_FROST.combineSecret(frost, { min: 3, max: 5 });
    const point = group.mul(group.generator, bytesToInt(secret));
    expect(bytesToHex(fast.encode(point))).to.equal(bytesToHex(fast.encode(shares[0]!.publicKey)));
  });

  it("names a dealer whose share is wrong, leaves it out, and goes on", () => {
    const outcome = runCeremony(committeeOf(5, 3), {
      dealing: (d) => {
        if (d.dealer !== 2) return d;
        const shares = [...d.shares];
        shares[3] = shares[3]!.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
        return { ...d, shares };
      },
    });
    expectOneKey(outcome, 3, [{ trustee: 2, what: "bad share" }]);
  });

  it("names a dealer whose commitments are to another polynomial", () => {
    const outcome = runCeremony(committeeOf(3, 2), {
      dealing: (d) =>
        d.dealer === 3 ? { ...d, commitments: d.commitments.with(1, group.generator) } : d,
    });
    // All three complain, its own share included, and are found right once.
    expectOneKey(outcome, 2, [{ trustee: 3, what: "bad share" }]);
  });

  it("names who complains about a good share", () => {
    const set = committeeOf(3, 2);
    let first: Dealing | undefined;
    const outcome = runCeremony(set, {
      dealing: (d) => {
        first ??= d;
        return d;
      },
      complaints: (by, sent) =>
        by === 3
          ? [
              disclose({
                system: fast,
                committee: set.committee,
                by: 3,
                member: set.members[2]!,
                dealing: first!,
              }),
            ]
          : sent,
    });
    expectOneKey(outcome, 2, [{ trustee: 3, what: "false complaint" }]);
  });

  it("names who complains with a key that is not its own", () => {
    const set = committeeOf(3, 2);
    let first: Dealing | undefined;
    const forged = (): Disclosure => {
      const genuine = disclose({
        system: fast,
        committee: set.committee,
        by: 3,
        member: set.members[2]!,
        dealing: first!,
      });
      return { ...genuine, key: group.generator };
    };
    const outcome = runCeremony(set, {
      dealing: (d) => {
        first ??= d;
        return d;
      },
      complaints: (by, sent) => (by === 3 ? [forged()] : sent),
    });
    expectOneKey(outcome, 2, [{ trustee: 3, what: "false complaint" }]);
  });

  it("names silent and malformed dealers, and a dealer under another's ephemeral key", () => {
    let first: Dealing | undefined;
    const outcome = runCeremony(committeeOf(9, 5), {
      dealing: (d) => {
        first ??= d;
        if (d.dealer === 6) return undefined;
        if (d.dealer === 7) return { ...d, commitments: d.commitments.slice(1) };
        if (d.dealer === 8) return { ...d, shares: d.shares.slice(1) };
        if (d.dealer === 9) return { ...d, ephemeral: first.ephemeral, proof: first.proof };
        return d;
      },
    });
    expectOneKey(outcome, 5, [
      { trustee: 6, what: "no dealing" },
      { trustee: 7, what: "malformed dealing" },
      { trustee: 8, what: "malformed dealing" },
      { trustee: 9, what: "malformed dealing" },
    ]);
  });

  it("given a dealer that publishes no extraction, or a wrong one, then the ceremony ends and names it", () => {
    for (const wrong of [false, true]) {
      const error = expectError(
        () =>
          runCeremony(committeeOf(4, 3), {
            extraction: (e) => {
              if (e.dealer !== 2) return e;
              return wrong
                ? { ...e, coefficients: e.coefficients.with(0, group.generator) }
                : undefined;
            },
          }),
        "sealed/bad-extraction",
      );
      expect(error.details).to.deep.equal({ trustees: "2" });
    }
  });

  it("given a ceremony that ended, when the dealer is excluded, then the others make a key", () => {
    const { members, committee } = committeeOf(4, 3);
    const next = committeeWithout({
      system: fast,
      committee,
      excluded: [2],
      name: "test, second attempt",
    });
    expect(committee.tolerated).to.equal(1);
    expect(next.tolerated).to.equal(0);
    expect(next.context).not.to.deep.equal(committee.context);
    expectOneKey(runCeremony({ committee: next, members: members.filter((_, i) => i !== 1) }), 3);
  });

  it("stops when fewer honest dealers are left than the threshold, and names the others", () => {
    const error = expectError(
      () =>
        runCeremony(committeeOf(3, 2), {
          dealing: (d) => (d.dealer === 1 ? d : undefined),
        }),
      "sealed/too-few-dealers",
    );
    expect(error.message).to.contain("2, 3");
  });

  it("takes its steps in order, once", () => {
    const { members, committee } = committeeOf(1, 1);
    const ceremony = new KeyCeremony({ system: fast, committee, index: 1, self: members[0]! });
    expectError(() => ceremony.examine([]), "sealed/wrong-stage");
    ceremony.deal();
    expectError(() => ceremony.deal(), "sealed/wrong-stage");
    expectError(() => ceremony.finish([]), "sealed/wrong-stage");
  });

  it("takes only committees that make sense, and members that know their keys", () => {
    const members = Array.from({ length: 3 }, () => createMember(fast));
    for (const threshold of [0, 1, 4, 2.5]) {
      expectError(
        () => createCommittee(fast, { name: "x", threshold, members }),
        "sealed/bad-committee",
      );
    }
    expectError(
      () => createCommittee(fast, { name: "x", threshold: 1, members: [] }),
      "sealed/bad-committee",
    );
    const [a, b, c] = members as [(typeof members)[0], (typeof members)[0], (typeof members)[0]];
    expectError(
      () => createCommittee(fast, { name: "x", threshold: 2, members: [a, b, a] }),
      "sealed/bad-committee",
    );
    const thief = { ...a, proof: b.proof };
    expectError(
      () => createCommittee(fast, { name: "x", threshold: 2, members: [thief, b, c] }),
      "sealed/bad-committee",
    );
    const committee = createCommittee(fast, { name: "x", threshold: 2, members });
    expectError(
      () => new KeyCeremony({ system: fast, committee, index: 2, self: a }),
      "sealed/bad-committee",
    );
    expectError(
      () => new KeyCeremony({ system: fast, committee, index: 4, self: a }),
      "sealed/bad-committee",
    );
    const again = createCommittee(fast, { name: "y", threshold: 2, members });
    expect(again.context).not.to.deep.equal(committee.context);
  });
});

describe("proactive refresh", () => {
  const set = committeeOf(5, 3);
  const before = runCeremony(set).shares;
  const next = {
    ...set,
    committee: createCommittee(fast, { name: "refresh", threshold: 3, members: set.members }),
  };
  const after = runCeremony(next, {}, before);

  it("gives new shares of the same key", () => {
    const secret = expectOneKey(after, 3);
    expect(secret).to.equal(combine(before, [1, 2, 3]));
    expect(group.equals(after.shares[0]!.publicKey, before[0]!.publicKey)).to.equal(true);
    for (const [i, share] of after.shares.entries()) {
      expect(share.secret).not.to.equal(before[i]!.secret);
    }
  });

  it("makes old shares useless beside new ones", () => {
    const mixed = [before[0]!, before[1]!, after.shares[2]!, after.shares[3]!, after.shares[4]!];
    expect(combine(mixed, [1, 2, 3])).not.to.equal(combine(before, [1, 2, 3]));
  });

  it("leaves out a dealer who deals something else than zero", () => {
    const outcome = runCeremony(
      {
        ...set,
        committee: createCommittee(fast, { name: "refresh 2", threshold: 3, members: set.members }),
      },
      {
        // A commitment to a constant term is one too many.
        dealing: (d) =>
          d.dealer === 1 ? { ...d, commitments: [group.generator, ...d.commitments] } : d,
      },
      after.shares,
    );
    const secret = expectOneKey(outcome, 3, [{ trustee: 1, what: "malformed dealing" }]);
    expect(secret).to.equal(combine(before, [1, 2, 3]));
  });

  it("refuses shares that are not of this key, trustee or committee", () => {
    const start =
      (share: KeyShare, index = 1, committee = next.committee) =>
      () =>
        new KeyCeremony({
          system: fast,
          committee,
          index,
          self: set.members[index - 1]!,
          previous: share,
        });
    const share = before[0]!;
    expectError(start({ ...share, secret: share.secret + 1n }), "sealed/bad-share");
    expectError(start(share, 2), "sealed/bad-share");
    const other = createCommittee(fast, { name: "other", threshold: 4, members: set.members });
    expectError(start(share, 1, other), "sealed/bad-share");
  });
});
