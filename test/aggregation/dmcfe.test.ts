import { expect } from "chai";
import {
  agreeGroup,
  DmcfeAggregator,
  DmcfeMember,
  openDmcfeStream,
  type AgreedGroup,
  type DmcfeStream,
  type FunctionPolicy,
} from "../../src/aggregation/index.js";
import { labelPoints } from "../../src/aggregation/dmcfe/hash-to-groups.js";
import { decodeDmcfeKey, makeDmcfeKey } from "../../src/aggregation/dmcfe/keys.js";
import { checkWeights, defaultPolicy } from "../../src/aggregation/dmcfe/weights.js";
import { keyContext } from "../../src/aggregation/key-context.js";
import { readFromMember, write } from "../../src/aggregation/messages.js";
import { readEnvelope } from "../../src/envelope/index.js";
import { createMclBn254, GROUP_ORDER, nobleBn254, type Bn254 } from "../../src/algebra/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const mcl = await createMclBn254();
const maxValue = 5000n;
/** Any weights at all, for tests of the arithmetic. */
const anyWeights: FunctionPolicy = { leastSupport: 2, leastAlike: 1, mostFunctions: 1 };
const names = ["a", "b", "c", "d", "e", "f"];

async function encryptAll(
  { members }: DmcfeStream,
  label: bigint,
  values: readonly bigint[],
): Promise<Uint8Array[]> {
  return Promise.all(members.map((m, i) => m.encrypt(label, values[i]!)));
}

const now = (): number => 0;

/** What the aggregator decrypts from these messages. */
function sumOf({
  aggregator,
  label,
  messages,
  curve = mcl,
}: {
  readonly aggregator: DmcfeAggregator;
  readonly label: bigint;
  readonly messages: readonly Uint8Array[];
  readonly curve?: Bn254;
}) {
  const points = messages.map((message) => {
    const { member, body } = readFromMember(aggregator, "dmcfe-contribution", message);
    return [member, curve.g1.decode(body)] as const;
  });
  return aggregator.decrypt(label, new Map(points));
}

describe("inner-product aggregation (DMCFE)", () => {
  let agreed: AgreedGroup;
  let epoch = 0;

  before(async () => {
    agreed = await agreeGroup({ group: "dmcfe", members: names, maxValue });
  });

  const open = (
    curve: Bn254,
    weights?: readonly bigint[],
    policy?: FunctionPolicy,
  ): Promise<DmcfeStream> =>
    openDmcfeStream(curve, agreed, {
      stream: "load-wh",
      epoch: ++epoch,
      ...(weights === undefined ? {} : { weights }),
      ...(policy === undefined ? {} : { policy }),
    });

  it("gives the inner product with random weights, negative ones and zeros included", async () => {
    const random = new TestRandom("weights");
    for (let round = 0; round < 3; round++) {
      const weights = names.map((_, i) => (i === round ? 0n : random.below(201n) - 100n));
      const stream = await open(mcl, weights, anyWeights);
      for (let label = 0n; label < 3n; label++) {
        const values = names.map(() => random.below(maxValue + 1n));
        const expected = values.reduce((sum, x, i) => sum + x * weights[i]!, 0n);
        const all = await encryptAll(stream, label, values);
        expect(sumOf({ aggregator: stream.aggregator, label, messages: all })).to.equal(expected);
        // Who has no weight may be absent.
        const others = all.filter((_, i) => weights[i] !== 0n);
        expect(sumOf({ aggregator: stream.aggregator, label, messages: others })).to.equal(
          expected,
        );
      }
    }
  });

  it("gives sums at both ends of the range", async () => {
    const stream = await open(mcl);
    for (const [label, value] of [
      [0n, 0n],
      [1n, 1n],
      [2n, maxValue],
    ] as const) {
      const all = await encryptAll(
        stream,
        label,
        names.map(() => value),
      );
      expect(sumOf({ aggregator: stream.aggregator, label, messages: all })).to.equal(6n * value);
    }
    const negative = await open(
      mcl,
      names.map(() => -3n),
    );
    const all = await encryptAll(
      negative,
      1n,
      names.map(() => maxValue),
    );
    expect(sumOf({ aggregator: negative.aggregator, label: 1n, messages: all })).to.equal(
      -18n * maxValue,
    );
  });

  it("decrypts with noble what mcl encrypted, and the other way round", async () => {
    const pair = await agreeGroup({ group: "pair", members: ["a", "b"], maxValue });
    for (const [encrypting, decrypting] of [
      [mcl, nobleBn254],
      [nobleBn254, mcl],
    ] as const) {
      const { roster } = pair;
      const context = keyContext(roster, encrypting.name, 1);
      const weights = [2n, 7n];
      const aggregator = new DmcfeAggregator({
        curve: decrypting,
        roster: { ...roster, maxValue: 30n },
        context,
        weights,
      });
      const contributions = [];
      for (const [index, { pairwise, secrets }] of pair.members.entries()) {
        const place = { roster, context, index, identity: secrets.identity, now };
        const store = new MemoryStore();
        const member = await DmcfeMember.create({
          curve: encrypting,
          place,
          pairwise,
          store,
          policy: anyWeights,
        });
        aggregator.addShare(await member.functionShare(weights));
        contributions.push(await member.encrypt(9n, BigInt(10 + index)));
      }
      expect(sumOf({ aggregator, label: 9n, messages: contributions, curve: decrypting })).to.equal(
        97n,
      );
    }
  });

  it("encrypts as its definition says: ciphertext − ⟨u, s⟩ is value·P1", async () => {
    const { roster, members } = agreed;
    const context = keyContext(roster, "definition", 1);
    const store = new MemoryStore();
    const { pairwise, secrets: own } = members[2]!;
    const place = { roster, context, index: 2, identity: own.identity, now };
    const member = await DmcfeMember.create({ curve: mcl, place, pairwise, store });
    const { body: ciphertext } = readEnvelope(await member.encrypt(77n, 1234n));
    const [[, secrets]] = (await store.transaction((tx) => tx.list(""))).filter(([place]) =>
      place.endsWith("secrets"),
    ) as [[string, Uint8Array]];
    const { s, t } = decodeDmcfeKey(secrets);
    const { g1 } = nobleBn254;
    const [u1, u2] = labelPoints(nobleBn254, context.id, 77n);
    const mask = g1.add(g1.mul(u1, s[0]), g1.mul(u2, s[1]));
    const rest = g1.sub(g1.decode(ciphertext), mask);
    expect(g1.equals(rest, g1.mul(g1.generator, 1234n))).to.equal(true);
    expect(t).to.deep.equal(makeDmcfeKey(context.id, 2, pairwise).t);
  });

  it("shares zero among the members: the matrices add up to nothing, in every epoch", () => {
    const first = keyContext(agreed.roster, "zero", 1).id;
    const second = keyContext(agreed.roster, "zero", 2).id;
    for (const context of [first, second]) {
      const sum = [0n, 0n, 0n, 0n];
      agreed.members.forEach(({ pairwise }, i) => {
        makeDmcfeKey(context, i, pairwise).t.forEach((e, k) => {
          expect(e).not.to.equal(0n);
          sum[k] = (sum[k]! + e) % GROUP_ORDER;
        });
      });
      expect(sum).to.deep.equal([0n, 0n, 0n, 0n]);
    }
    const { pairwise } = agreed.members[0]!;
    const keys = [first, second].map((c) => makeDmcfeKey(c, 0, pairwise));
    expect(keys[0]!.t).not.to.deep.equal(keys[1]!.t);
  });

  it("refuses weights of small support, and weights that few members share", () => {
    const policy = defaultPolicy(10);
    expect(policy).to.deep.equal({ leastSupport: 8, leastAlike: 5, mostFunctions: 1 });
    /** The first weights as given, then zeros up to ten. */
    const ten = (...weights: bigint[]): bigint[] => [
      ...weights,
      ...Array.from({ length: 10 - weights.length }, () => 0n),
    ];
    const times = (count: number, weight: bigint): bigint[] =>
      Array.from({ length: count }, () => weight);
    checkWeights(times(10, 1n), 10, policy);
    checkWeights(ten(...times(8, 1n)), 10, policy);
    checkWeights([...times(5, 1n), ...times(5, -2n)], 10, policy);
    for (const weights of [
      ten(...times(7, 1n)),
      ten(1n),
      ten(),
      // Full support, yet the result modulo 1000 is the first value.
      [1n, ...times(9, 1000n)],
      ten(...times(4, 2n), ...times(6, 1n)),
    ]) {
      expectError(() => {
        checkWeights(weights, 10, policy);
      }, "aggregation/weights-refused");
    }
    expectError(() => {
      checkWeights(ten(1n), 10, { ...anyWeights, leastSupport: 1 });
    }, "aggregation/weights-refused");
    for (const weights of [times(9, 1n), ten(1n << 64n), ten(-(1n << 64n))]) {
      expectError(() => {
        checkWeights(weights, 10, anyWeights);
      }, "aggregation/bad-weights");
    }
  });

  it("makes members refuse them too, and a second function", async () => {
    const { members } = await open(mcl);
    await expectRejection(
      members[0]!.functionShare([1n, 0n, 0n, 0n, 0n, 0n]),
      "aggregation/weights-refused",
    );
    const again = await members[0]!.functionShare(names.map(() => 1n));
    expect(readEnvelope(again).kind).to.equal("function-share");
    await expectRejection(
      members[0]!.functionShare(names.map(() => 2n)),
      "aggregation/functions-spent",
    );
  });

  it("refuses a label twice and values out of range", async () => {
    const { members } = await open(mcl);
    await members[0]!.encrypt(5n, 1n);
    await expectRejection(members[0]!.encrypt(5n, 1n), "aggregation/label-used");
    for (const value of [-1n, maxValue + 1n]) {
      await expectRejection(members[0]!.encrypt(6n, value), "aggregation/value-out-of-range");
    }
  });

  it("keeps its key, its mark and the function it answered across a restart", async () => {
    const store = new MemoryStore();
    const stream = await openDmcfeStream(mcl, agreed, {
      stream: "restart",
      store: (i) => (i === 0 ? store : new MemoryStore()),
    });
    const { roster, context } = stream.aggregator;
    await stream.members[0]!.encrypt(1n, 1n);
    const { identity } = agreed.members[0]!.secrets;
    const place = { roster, context, index: 0, identity, now };
    const resumed = await DmcfeMember.resume({ curve: mcl, place, store });
    await expectRejection(resumed.encrypt(1n, 1n), "aggregation/label-used");
    await expectRejection(
      resumed.functionShare(names.map(() => 2n)),
      "aggregation/functions-spent",
    );
    const all = [await resumed.encrypt(2n, 4n)];
    for (const m of stream.members.slice(1)) all.push(await m.encrypt(2n, 4n));
    expect(sumOf({ aggregator: stream.aggregator, label: 2n, messages: all })).to.equal(24n);
    await expectRejection(
      DmcfeMember.resume({ curve: mcl, place: { ...place, index: 1 }, store }),
      "aggregation/state-missing",
    );
    await expectRejection(
      openDmcfeStream(mcl, agreed, { stream: "restart", store: () => store }),
      "aggregation/state-exists",
    );
  });

  it("needs the share of every member for its function, each once", async () => {
    const { members, aggregator } = await open(mcl);
    const ones = names.map(() => 1n);
    const fresh = new DmcfeAggregator({
      curve: mcl,
      roster: aggregator.roster,
      context: aggregator.context,
      weights: ones,
    });
    const share = await members[0]!.functionShare(ones);
    const { identity } = agreed.members[0]!.secrets;
    const body = readEnvelope(share).body;
    const another = write({
      place: aggregator,
      kind: "function-share",
      label: 0n,
      body: body.with(0, body[0]! ^ 1),
      key: identity,
    });
    expectError(() => {
      fresh.addShare(another);
    }, "aggregation/bad-function-share");
    fresh.addShare(share);
    expectError(() => {
      fresh.addShare(share);
    }, "aggregation/bad-function-share");
    expectError(() => {
      const context = keyContext(agreed.roster, "elsewhere", 1);
      fresh.addShare(
        write({
          place: { roster: agreed.roster, context },
          kind: "function-share",
          label: 0n,
          body,
          key: identity,
        }),
      );
    }, "aggregation/wrong-roster");
    const all = await Promise.all(members.map((m) => m.encrypt(1n, 5n)));
    const error = expectError(
      () => sumOf({ aggregator: fresh, label: 1n, messages: all }),
      "aggregation/members-missing",
    );
    expect(error.message).to.contain("key shares are missing of b, c, d, e, f");
  });

  it("refuses functions whose results nobody could search through", () => {
    const { roster } = agreed;
    const huge = names.map(() => 1n << 40n);
    expectError(
      () =>
        new DmcfeAggregator({
          curve: mcl,
          roster,
          context: keyContext(roster, "huge", 1),
          weights: huge,
        }),
      "aggregation/range-too-large",
    );
  });

  it("refuses keys of another length", () => {
    expectError(() => decodeDmcfeKey(new Uint8Array(191)), "aggregation/bad-length");
  });
});
