/**
 * What a control centre does that wants one reading: choose what is in a sum, ask twice, ask different
 * trustees, choose the prices. Each attack is first carried out on trustees that decrypt all that they
 * are given, and reads the value; then on those of this room, and is refused.
 */
import { expect } from "chai";
import { ed25519KeyPair, readEnvelope, seal, type Letter } from "../../src/envelope/index.js";
import { DEFAULT_POLICY, type SumPolicy } from "../../src/sealed/bill-terms.js";
import { toleratedTrustees } from "../../src/sealed/committee.js";
import { EncryptionKey, messageTable } from "../../src/sealed/elgamal.js";
import type { KeyShare } from "../../src/sealed/key-share.js";
import { postGroup, postTariff } from "../../src/sealed/notice-board.js";
import {
  priceOf,
  roundToLevels,
  type GroupNotice,
  type TariffNotice,
} from "../../src/sealed/notices.js";
import { encodeReport, reportDigest, type SealedReport } from "../../src/sealed/report.js";
import { rulesDigest } from "../../src/sealed/rules.js";
import {
  encodeStatement,
  openRequest,
  provesConflict,
  requestDigest,
  sealedSum,
  type Statement,
  type SumRequest,
  type SumTerm,
} from "../../src/sealed/sum-request.js";
import {
  combinePartials,
  PartialDecryptor,
  type PartialDecryption,
} from "../../src/sealed/threshold.js";
import { expectRejection } from "../support/errors.js";
import { committeeOf, runCeremony } from "./ceremony.js";
import {
  addressesOf,
  authority,
  flat,
  instant,
  LAX,
  month,
  newDeployment,
  newMeter,
  number,
  PERIOD,
  rules,
  sharedKey,
  shares,
} from "./deployment.js";
import { fast } from "./support.js";

const table = messageTable(fast, 100_000);
const context = rulesDigest(fast, rules);

function request(statement: Statement, reports: readonly SealedReport[]): SumRequest {
  const body = encodeStatement(fast, statement);
  const letter = { system: "sealed", kind: "request", context, sequence: 0n, body } as const;
  return { message: seal(letter, authority), reports };
}

/** What trustees without rules answer. */
function careless(
  of: readonly KeyShare[],
  terms: readonly SumTerm[],
  digest: Uint8Array,
): PartialDecryption[] {
  const sum = sealedSum(fast, terms);
  return of.map((share) => new PartialDecryptor(fast, share).decrypt(sum, digest));
}

function decrypt({
  terms,
  partials,
  digest,
  key = sharedKey,
}: {
  readonly terms: readonly SumTerm[];
  readonly partials: readonly PartialDecryption[];
  readonly digest: Uint8Array;
  readonly key?: KeyShare;
}): bigint {
  const { message } = combinePartials({
    system: fast,
    key,
    ciphertext: sealedSum(fast, terms),
    context: digest,
    partials,
  });
  return table.solve(message, { lo: 0n, hi: 3_000_000n });
}

const digest = new Uint8Array(32);

describe("47 known readings and one target", () => {
  it("given a sum over chosen readings, then careless trustees tell the target, and these refuse", async () => {
    const deployment = newDeployment({ ...DEFAULT_POLICY, minPerPrice: 1 });
    const { registry, centre, clock } = deployment;
    const tariff = await centre.postTariff(flat(1n));
    const trustee = await deployment.trustee(1);
    await trustee.takeTariff(tariff);
    clock.now = month.to;
    // An accomplice's meter shows zeros; the victim's nights are known to be zero too.
    const accomplice = newMeter(registry);
    const zeros = await accomplice.report(0, new Array<bigint>(47).fill(0n), month.to);
    const victim = newMeter(registry);
    const nights = await victim.report(0, new Array<bigint>(47).fill(0n));
    const target = await victim.report(47, [73n]);
    const rest = await victim.report(48, new Array<bigint>(10).fill(31n), month.to);

    const chosen = [...zeros.readings, ...target.readings];
    const terms = chosen.map((reading) => ({ reading, weight: 1n }));
    expect(terms).to.have.lengthOf(DEFAULT_POLICY.minReadings);
    const partials = careless(shares.slice(0, 3), terms, digest);
    expect(decrypt({ terms, partials, digest })).to.equal(73n);

    const bill = (meter: Uint8Array, reports: readonly SealedReport[]): SumRequest =>
      request(
        {
          kind: "bill",
          meter: meter as never,
          period: PERIOD,
          tariff: posted.tariff,
          gaps: [{ from: instant(48), to: month.to }],
          reports: reports.map((r) => reportDigest(fast, rules, r)),
        },
        reports,
      );
    const whole = [nights, target, rest].map((r) => encodeReport(fast, rules, r));
    expect(await centre.receive(whole)).to.deep.equal([]);
    const right = await centre.requestBill(victim.meter.address, PERIOD);
    const posted = openRequest(fast, rules, right) as Statement & { kind: "bill" };
    const { address } = victim.meter;
    await expectRejection(trustee.answer([bill(address, [zeros, target])]), "sealed/other-reports");
    await expectRejection(trustee.answer([bill(address, [nights, target])]), "sealed/incomplete");
    await expectRejection(trustee.answer([bill(address, [target])]), "sealed/incomplete");
    await expectRejection(
      trustee.answer([bill(address, [nights, target, rest])]),
      "sealed/gap-not-named",
    );
    expect(await trustee.answer([right])).to.have.lengthOf(1);
  });
});

describe("a tariff with one odd price", () => {
  const odd = {
    ...flat(20_000n),
    steps: [
      { from: month.from, drawn: 20_000n, fed: 0n },
      { from: instant(30), drawn: 20_001n, fed: 0n },
      { from: instant(31), drawn: 20_000n, fed: 0n },
    ],
  };
  const values = Array.from({ length: 60 }, (_, i) => BigInt(i % 2));

  async function billed(policy: SumPolicy, tariff: TariffNotice = odd) {
    const deployment = newDeployment(policy);
    const message = await deployment.centre.postTariff(tariff);
    const trustee = await deployment.trustee(1);
    await trustee.takeTariff(message);
    deployment.clock.now = month.to;
    const { meter, report } = newMeter(deployment.registry);
    const made = await report(0, values.with(30, 97n), month.to);
    await deployment.centre.receive([encodeReport(fast, rules, made)]);
    const asked = await deployment.centre.requestBill(meter.address, PERIOD);
    return { trustee, asked, made };
  }

  it("given a bill at these prices, then careless trustees tell the odd reading, and these refuse", async () => {
    const { trustee, asked, made } = await billed(DEFAULT_POLICY);
    const terms = made.readings.map((reading) => ({
      reading,
      weight: priceOf(odd, reading.interval),
    }));
    const bill = decrypt({ terms, partials: careless(shares.slice(0, 3), terms, digest), digest });
    expect(bill % 20_000n).to.equal(97n);
    await expectRejection(trustee.answer([asked]), "sealed/too-few-at-a-price");
  });

  it("given the prices rounded to levels that enough readings share, then the bill is answered", async () => {
    const levels = roundToLevels(odd, rules.step, DEFAULT_POLICY.minPerPrice);
    expect(new Set(levels.steps.map((s) => s.drawn))).to.deep.equal(new Set([20_000n]));
    const { trustee, asked } = await billed(DEFAULT_POLICY, levels);
    expect(await trustee.answer([asked])).to.have.lengthOf(1);
  });

  it("given a tariff that is published late, twice, or by another, then trustees do not take it", async () => {
    const { trustee: start, centre, clock } = newDeployment();
    const trustee = await start(1);
    const first = await centre.postTariff(flat(1n));
    const forOne = postTariff({ system: fast, rules, notice: odd, key: authority });
    await trustee.takeTariff(first);
    await trustee.takeTariff(first);
    const error = await expectRejection(trustee.takeTariff(forOne), "sealed/second-notice");
    expect(error.details.first).not.to.equal(error.details.second);
    await expectRejection(centre.postTariff(odd), "sealed/second-notice");
    const forged = Uint8Array.from(first);
    forged[forged.length - 1]! ^= 1;
    await expectRejection(trustee.takeTariff(forged), "envelope/bad-signature");
    clock.now = month.from;
    const late = await start(2);
    await expectRejection(late.takeTariff(first), "sealed/notice-too-late");
    clock.now = month.from - 1;
    await late.takeTariff(first);
  });
});

/** Meters with one reading each in half-hour 3, taken by the control centre. */
async function neighbourhood(values: readonly bigint[], policy: SumPolicy = LAX, own = shares) {
  const key = new EncryptionKey(fast, own[0]!.publicKey);
  const under = own === shares ? rules : { ...rules, key };
  const deployment = newDeployment(policy, under, own);
  const meters = values.map(() => newMeter(deployment.registry, under));
  const reports: SealedReport[] = [];
  for (const [i, { report }] of meters.entries()) reports.push(await report(3, [values[i]!]));
  await deployment.centre.receive(reports.map((r) => encodeReport(fast, under, r)));
  const day = { from: month.from, to: month.from + 86_400 };
  const notice = (group: number, ...members: number[]): GroupNotice => ({
    group,
    span: day,
    members: addressesOf(members.map((m) => meters[m]!)),
  });
  return { ...deployment, under, meters, reports, notice };
}

describe("overlapping sums through different trustees", () => {
  /** Both sums, as far as a control centre gets with one corrupt trustee, the last. */
  async function attack(own: readonly KeyShare[]) {
    const n = await neighbourhood([11n, 22n, 33n, 44n], LAX, own);
    const all = await n.trustees(...own.map((s) => s.index));
    const groups = [n.notice(1, 0, 1, 2, 3), n.notice(2, 0, 1, 2)];
    const messages: Uint8Array[] = [];
    for (const g of groups) messages.push(await n.centre.postGroup(g));
    for (const t of all) for (const message of messages) await t.takeGroup(message);
    const asked = [
      await n.centre.requestSum(1, number(3)),
      await n.centre.requestSum(2, number(3)),
    ];
    const digests = asked.map((r) => requestDigest(fast, n.under, openRequest(fast, n.under, r)));
    const terms = asked.map((r) =>
      r.reports.map((report) => ({ reading: report.readings[0]!, weight: 1n })),
    );
    const corrupt = own.at(-1)!;
    const honest = all.slice(0, -1);
    const partials: PartialDecryption[][] = [[], []];
    const { threshold } = corrupt;
    for (const [i, trustee] of honest.entries()) {
      // As many as needed are asked for the first sum, the others for the second; then everybody for both.
      for (const k of i < threshold - 1 ? [0, 1] : [1, 0]) {
        try {
          partials[k]!.push(...(await trustee.answer([asked[k]!])));
        } catch {
          // This trustee has answered for these readings.
        }
      }
    }
    for (const k of [0, 1]) partials[k]!.push(...careless([corrupt], terms[k]!, digests[k]!));
    const sums = partials.map((p, k) =>
      p.length < threshold
        ? null
        : decrypt({ terms: terms[k]!, partials: p, digest: digests[k]!, key: corrupt }),
    );
    return { sums, asked, messages };
  }

  it("given 2 of 3, which tolerate no corrupt trustee, when one is, then the difference is a reading", async () => {
    expect(toleratedTrustees(3, 2)).to.equal(0);
    const { sums } = await attack(runCeremony(committeeOf(3, 2)).shares);
    expect(sums).to.deep.equal([110n, 66n]);
  });

  it("given 3 of 4, when one is corrupt, then one of two overlapping sums stays closed, and the requests convict", async () => {
    const { sums, asked, messages } = await attack(shares);
    expect(sums.filter((s) => s !== null)).to.deep.equal([110n]);
    const pair = [asked[0]!.message, asked[1]!.message] as const;
    expect(provesConflict({ system: fast, rules, requests: pair, groups: messages })).to.equal(
      true,
    );
    expect(provesConflict({ system: fast, rules, requests: pair })).to.equal(false);
    expect(
      provesConflict({ system: fast, rules, requests: pair, groups: [messages[0]!, messages[0]!] }),
    ).to.equal(false);
    // Notices and requests that the control centre did not sign prove nothing.
    const other = ed25519KeyPair();
    const resealed = (message: Uint8Array): Uint8Array => {
      const { system, kind, context: of, sequence, body } = readEnvelope(message);
      return seal({ system, kind, context: of, sequence, body } as Letter<"sealed">, other);
    };
    const forged = [messages[0]!, resealed(messages[1]!)];
    expect(provesConflict({ system: fast, rules, requests: pair, groups: forged })).to.equal(false);
    expect(
      provesConflict({
        system: fast,
        rules,
        requests: [resealed(pair[0]), pair[1]],
        groups: messages,
      }),
    ).to.equal(false);
    expect(
      provesConflict({
        system: fast,
        rules,
        requests: [pair[0], resealed(pair[1])],
        groups: messages,
      }),
    ).to.equal(false);
    expect(
      provesConflict({ system: fast, rules, requests: [messages[0]!, pair[1]], groups: messages }),
    ).to.equal(false);
  });

  it("given any n and t to 12, then two sums over one reading need an honest trustee to answer twice", () => {
    for (let n = 1; n <= 12; n++) {
      for (let t = 1; t <= n; t++) {
        const f = toleratedTrustees(n, t);
        if (f < 0) continue;
        // Corrupt ones answer both, honest ones one each.
        expect(2 * f + (n - f) < 2 * t, `${t} of ${n}`).to.equal(true);
        expect(n - f >= t).to.equal(true);
        // One more is one too many.
        const g = f + 1;
        expect(2 * g + (n - g) >= 2 * t || n - g < t).to.equal(true);
      }
    }
  });
});

describe("a neighbourhood's sum", () => {
  it("given all readings of an interval, then it is their sum, the abnormal ones included", async () => {
    const n = await neighbourhood([11n, 22n, 500n]);
    const message = await n.centre.postGroup(n.notice(7, 0, 1, 2));
    const trustees = await n.trustees(1, 2, 4);
    for (const t of trustees) await t.takeGroup(message);
    const asked = await n.centre.requestSum(7, number(3));
    const partials: PartialDecryption[] = [];
    for (const t of trustees) partials.push(...(await t.answer([asked])));
    const { value } = await n.centre.open(asked, { key: sharedKey, partials, table });
    expect(value).to.equal(533n);
  });

  it("given a reading missing, doubled, of another meter or interval, then there is no sum", async () => {
    const n = await neighbourhood([11n, 22n, 33n, 44n]);
    const message = await n.centre.postGroup(n.notice(7, 0, 1, 2));
    const trustee = await n.trustee(1);
    await trustee.takeGroup(message);
    await expectRejection(n.centre.requestSum(7, number(4)), "sealed/incomplete");
    const right = await n.centre.requestSum(7, number(3));
    const statement = openRequest(fast, rules, right) as Statement & { kind: "group" };
    const [a, b, c, d] = n.reports as [SealedReport, SealedReport, SealedReport, SealedReport];
    const ask = (reports: readonly SealedReport[], change: object = {}): SumRequest =>
      request(
        {
          ...statement,
          ...change,
          reports: reports.map((r) => reportDigest(fast, rules, r)),
        },
        reports,
      );
    for (const reports of [[a, b], [a, b, b], [a, b, d], [b, a, c], [a, b, c, d], []]) {
      await expectRejection(trustee.answer([ask(reports)]), "sealed/incomplete");
    }
    for (const interval of [number(4), number(3) + 1, number(3) + 2 * 86_400]) {
      await expectRejection(trustee.answer([ask([a, b, c], { interval })]), "sealed/incomplete");
    }
    await expectRejection(
      trustee.answer([ask([a, b, c], { notice: new Uint8Array(32) })]),
      "sealed/unknown-notice",
    );
    await expectRejection(trustee.answer([ask([a, b, c], { group: 8 })]), "sealed/unknown-notice");
    await trustee.answer([right]);
  });

  it("given a group too small, with a meter unknown or twice, or published on its day, then it is not taken", async () => {
    const n = await neighbourhood([1n, 2n, 3n, 4n], { ...LAX, minHonest: 3, assumedCorrupt: 1 });
    const trustee = await n.trustee(1);
    const post = (notice: GroupNotice): Uint8Array =>
      postGroup({ system: fast, rules, notice, key: authority });
    await expectRejection(trustee.takeGroup(post(n.notice(1, 0, 1, 2))), "sealed/group-too-small");
    const right = n.notice(1, 0, 1, 2, 3);
    const stranger = newMeter().meter.address;
    const unknown = { ...right, members: [...right.members.slice(1), stranger] };
    await expectRejection(trustee.takeGroup(post(unknown)), "sealed/unknown-meter");
    const twice = { ...right, members: [...right.members, right.members[0]!] };
    await expectRejection(trustee.takeGroup(post(twice)), "sealed/bad-notice");
    const long = { ...right, span: { from: month.from, to: month.to } };
    await expectRejection(trustee.takeGroup(post(long)), "sealed/bad-notice");
    n.clock.now = month.from;
    await expectRejection(trustee.takeGroup(post(right)), "sealed/notice-too-late");
    n.clock.now = month.from - 1;
    await trustee.takeGroup(post(right));
    const other = { ...right, members: right.members.toReversed() };
    await expectRejection(trustee.takeGroup(post(other)), "sealed/second-notice");
  });
});
