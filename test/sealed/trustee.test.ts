import { expect } from "chai";
import { ed25519KeyPair } from "../../src/envelope/index.js";
import { EncryptionKey } from "../../src/sealed/elgamal.js";
import { intervalNumber } from "../../src/sealed/interval.js";
import { type SealedReport } from "../../src/sealed/report.js";
import {
  decodeStatement,
  encodeStatement,
  openRequest,
  provesConflict,
  type BillStatement,
  type SumRequest,
} from "../../src/sealed/sum-request.js";
import { verifyPartial } from "../../src/sealed/threshold.js";
import { billTerms } from "../../src/sealed/bill-terms.js";
import { requestDigest, sealedSum, sumRange } from "../../src/sealed/sum-request.js";
import { expectError, expectRejection } from "../support/errors.js";
import {
  evenAndOdd,
  flat,
  instant,
  LAX,
  month,
  newMeter,
  number,
  PERIOD,
  rules,
  sharedKey,
} from "./deployment.js";
import { fast } from "./support.js";
import { table, reported, billing, answers, altered, signed, reportAfter } from "./billing.js";

describe("a bill on sealed readings", () => {
  it("is price × reading of the normal readings, decrypted as one number", async () => {
    const d = await billing(evenAndOdd(1488));
    const { address } = await reported(d, [10n, 0n, 100n, 3n, 700n, 50n, 50n, -5n]);
    const request = await d.centre.requestBill(address, PERIOD);
    const partials = await answers([d.all[0]!, d.all[2]!, d.all[3]!], request);
    const opener = { key: sharedKey, partials, table };
    const { value, cheaters } = await d.centre.open(request, opener);
    // Half-hours 4 and 7 are abnormal.
    expect(value).to.equal(7n * (10n + 100n + 50n) + 3n * (0n + 3n + 50n));
    expect(cheaters).to.deep.equal([]);
    expect((await d.centre.open(request, { ...opener, near: 1000n })).value).to.equal(value);
  });

  it("includes abnormal readings where the rules say so, and pays for energy fed in", async () => {
    const under = { ...rules, billAbnormal: true };
    const d = await billing(evenAndOdd(1488), LAX, under);
    const own = newMeter(d.registry, under);
    const fed = { interval: intervalNumber({ start: instant(1), fed: true }), value: 20n };
    const readings = [
      { interval: number(0), value: -900n },
      { interval: number(1), value: 1000n },
      fed,
      { interval: number(3), value: 4n },
    ];
    const message = await own.meter.report(readings, month.to);
    expect(await d.centre.receive([message])).to.deep.equal([]);
    const request = await d.centre.requestBill(own.meter.address, PERIOD);
    const { terms } = billTerms(under, evenAndOdd(1488), request.reports);
    expect(sumRange(under, terms)).to.deep.equal({
      lo: -7000n - 3000n - 100n,
      hi: 7n * 1023n + 3n * 1023n + 3n * 100n,
    });
    const partials = await answers(d.all.slice(0, 3), request);
    const { value } = await d.centre.open(request, { key: sharedKey, partials, table });
    expect(value).to.equal(7n * -900n + 3n * 1000n - 20n + 3n * 4n);
  });

  it("needs t trustees, and names one who cheats", async () => {
    const d = await billing(evenAndOdd(1488));
    const { address } = await reported(d, [1n, 2n, 3n]);
    const request = await d.centre.requestBill(address, PERIOD);
    const [a, b, c, e] = await answers(d.all, request);
    const open = (...partials: (typeof a & {})[]) =>
      d.centre.open(request, { key: sharedKey, partials, table });
    await expectRejection(open(a!, b!), "sealed/too-few-partials");
    await expectRejection(open(a!, b!, b!), "sealed/too-few-partials");
    const wrong = { ...b!, point: fast.group.generator };
    expect(await open(a!, wrong, c!, e!)).to.deep.equal({ value: 7n + 6n + 21n, cheaters: [2] });
    const { terms } = billTerms(rules, evenAndOdd(1488), request.reports);
    const context = requestDigest(fast, rules, openRequest(fast, rules, request));
    const sum = sealedSum(fast, terms);
    expect(
      verifyPartial({ system: fast, key: sharedKey, ciphertext: sum, context, partial: a! }),
    ).to.equal(true);
    expect(
      verifyPartial({ system: fast, key: sharedKey, ciphertext: sum, context, partial: wrong }),
    ).to.equal(false);
    expect(
      verifyPartial({
        system: fast,
        key: sharedKey,
        ciphertext: sum,
        context: new Uint8Array(32),
        partial: a!,
      }),
    ).to.equal(false);
  });

  it("is not found when the meters encrypted to another key", async () => {
    const d = await billing(flat(1n));
    const key = new EncryptionKey(fast, fast.group.mul(fast.group.generator, 5n));
    const other = newMeter(d.registry, { ...rules, key });
    const report = await other.report(0, [1n, 2n, 3n], month.to);
    const { address } = await reported(d, [1n, 2n, 3n]);
    const right = await d.centre.requestBill(address, PERIOD);
    const request = altered(right, { meter: other.meter.address, gaps: gapsAfter(3) }, [report]);
    await expectRejection(d.all[0]!.answer([request]), "sealed/bad-signature");
    // Trustees that checked nothing would answer: the number is then in no range.
    d.verifier.check = () => [null];
    const partials = await answers(d.all.slice(0, 3), request);
    await expectRejection(
      d.centre.open(request, { key: sharedKey, partials, table }),
      "sealed/sum-out-of-range",
    );
  });
});

const gapsAfter = (count: number) => [{ from: instant(count), to: month.to }];

describe("a trustee asked for a bill", () => {
  let d: Awaited<ReturnType<typeof billing>>;
  let own: Awaited<ReturnType<typeof reported>>;
  let right: SumRequest;

  before(async () => {
    d = await billing(evenAndOdd(1488), { ...LAX, minReadings: 4 });
    own = await reported(d, [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
    right = await d.centre.requestBill(own.address, PERIOD);
  });

  const first = () => d.all[0]!;

  it("answers for the whole period and names the gaps; the same again gets the same answer", async () => {
    const statement = openRequest(fast, rules, right) as BillStatement;
    expect(statement.gaps).to.deep.equal(gapsAfter(8));
    const bytes = encodeStatement(fast, statement);
    expect(decodeStatement(fast, bytes)).to.deep.equal(statement);
    const longer = Uint8Array.from([...bytes, 0]);
    expectError(() => decodeStatement(fast, longer), "sealed/bad-encoding");
    expectError(() => decodeStatement(fast, bytes.with(0, 3)), "sealed/bad-encoding");
    const trustee = await fresh(2);
    const [a] = await trustee.answer([right]);
    const [b] = await trustee.answer([right]);
    expect(fast.group.equals(a!.point, b!.point)).to.equal(true);
    expect(trustee.answers).to.have.lengthOf(1);
  });

  /** A trustee that took the tariff in time and has answered nothing. */
  async function fresh(j: number) {
    const trustee = await d.trustee(j);
    d.clock.now = month.from - 3600;
    await trustee.takeTariff(d.message);
    d.clock.now = month.to;
    return trustee;
  }

  it("given part of the reports, in any choice, then it refuses", async () => {
    const [a, b] = own.reports as [SealedReport, SealedReport];
    for (const reports of [[a], [b], [b, a], [a, a, b], []]) {
      await expectRejection(first().answer([altered(right, {}, reports)]), "sealed/incomplete");
    }
    expect(first().answers).to.deep.equal([]);
  });

  it("given a report with a hole to the next, then it refuses", async () => {
    const another = newMeter(d.registry);
    const [a, , c] = [
      await another.report(0, [1n, 1n]),
      await another.report(2, [1n]),
      await another.report(3, [1n, 1n], month.to),
    ];
    const request = altered(right, { meter: another.meter.address, gaps: [] }, [a, c]);
    await expectRejection(first().answer([request]), "sealed/incomplete");
  });

  it("given gaps that are not named, or named where there is none, then it refuses", async () => {
    for (const gaps of [
      [],
      [{ from: instant(7), to: month.to }],
      [{ from: instant(8), to: month.to - 1 }],
      [{ from: instant(2), to: instant(3) }, ...gapsAfter(8)],
    ]) {
      await expectRejection(first().answer([altered(right, { gaps })]), "sealed/gap-not-named");
    }
  });

  it("given a request that the control centre did not sign, or with other reports, then it refuses", async () => {
    const statement = openRequest(fast, rules, right);
    const forged = signed(statement, right.reports, ed25519KeyPair());
    await expectRejection(first().answer([forged]), "envelope/wrong-place");
    for (const reports of [right.reports.slice(1), right.reports.toReversed()]) {
      await expectRejection(
        first().answer([{ message: right.message, reports }]),
        "sealed/other-reports",
      );
    }
  });

  it("given reports that do not hold, or of meters unknown or others, then it refuses", async () => {
    const [a, b] = own.reports as [SealedReport, SealedReport];
    const lie = { ...a, signature: b.signature };
    await expectRejection(first().answer([altered(right, {}, [lie, b])]), "sealed/bad-signature");
    const stranger = newMeter();
    const report = await stranger.report(0, [1n, 1n, 1n, 1n], month.to);
    const meter = stranger.meter.address;
    const foreign = altered(right, { meter, gaps: gapsAfter(4) }, [report]);
    await expectRejection(first().answer([foreign]), "sealed/unknown-meter");
    const mixed = altered(right, { meter }, own.reports);
    await expectRejection(first().answer([mixed]), "sealed/other-reports");
  });

  it("given too few readings, then it refuses", async () => {
    const few = await reported(d, [1n, 2n, 3n]);
    const request = await d.centre.requestBill(few.address, PERIOD);
    await expectRejection(first().answer([request]), "sealed/too-few-readings");
  });

  it("given a period that is not over, then it refuses", async () => {
    d.clock.now = month.to - 1;
    await expectRejection(first().answer([right]), "sealed/period-open");
    d.clock.now = month.to;
  });

  it("given another tariff than the one it took, or none, then it refuses", async () => {
    const tariff = new Uint8Array(32);
    await expectRejection(first().answer([altered(right, { tariff })]), "sealed/unknown-notice");
    const period = 202302;
    await expectRejection(first().answer([altered(right, { period })]), "sealed/unknown-notice");
  });

  it("given a second request over the same readings, then it refuses, and both together are evidence", async () => {
    const trustee = await fresh(3);
    await trustee.answer([right]);
    // The same readings in one more report than before: another statement.
    const extra = await own.meter.reportedUntil();
    expect(extra).to.equal(month.to);
    const another = await reportAfter(own);
    const second = altered(right, {}, [...own.reports, another]);
    const error = await expectRejection(trustee.answer([second]), "sealed/already-decrypted");
    const earlier = await trustee.requestAnswered(String(error.details.earlier));
    expect(provesConflict({ system: fast, rules, requests: [earlier!, second.message] })).to.equal(
      true,
    );
    expect(provesConflict({ system: fast, rules, requests: [earlier!, earlier!] })).to.equal(false);
  });
});
