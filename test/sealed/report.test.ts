import { expect } from "chai";
import { wasmEcdsa } from "../../src/algebra/index.js";
import { envelopeDigest, isEquivocation, readEnvelope } from "../../src/envelope/index.js";
import {
  decodeReport,
  encodeReport,
  MAX_READINGS,
  reportDigest,
  type SealedReport,
} from "../../src/sealed/report.js";
import { SealedMeter } from "../../src/sealed/meter.js";
import { rangesPerProof } from "../../src/sealed/ranges.js";
import { ReportVerifier } from "../../src/sealed/report-verifier.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import {
  instant,
  month,
  newDeployment,
  newMeter,
  number,
  readingsFrom,
  rules,
} from "./deployment.js";
import { alterations, fast } from "./support.js";

/** The code of what is wrong with one report. */
function fault(verifier: ReportVerifier, report: SealedReport): string | undefined {
  return verifier.check([report])[0]?.code;
}

/** The report with other contents, signed again by its meter: what a lying meter can send. */
function resigned(report: SealedReport, secretKey: Uint8Array): SealedReport {
  return { ...report, signature: wasmEcdsa.sign(reportDigest(fast, rules, report), secretKey) };
}

describe("a meter's report", () => {
  const { registry, verifier } = newDeployment();
  const { secretKey, report: make } = newMeter(registry);
  let report: SealedReport;

  before(async () => {
    report = await make(0, [0n, 100n, 57n, 101n, -1n]);
  });

  it("holds, with the abnormal readings marked and no others", () => {
    expect(verifier.check([report])).to.deep.equal([null]);
    expect(report.readings.map((r) => r.flagged)).to.deep.equal([false, false, false, true, true]);
    expect(report.readings.map((r) => r.interval)).to.deep.equal([0, 1, 2, 3, 4].map(number));
    expect(report.span).to.deep.equal({ from: month.from, to: instant(5) });
  });

  it("travels as a signed message", () => {
    const bytes = encodeReport(fast, rules, report);
    const read = decodeReport(fast, rules, bytes);
    expect(verifier.check([read])).to.deep.equal([null]);
    expect(encodeReport(fast, rules, read)).to.deep.equal(bytes);
    expect(reportDigest(fast, rules, read)).to.deep.equal(envelopeDigest(readEnvelope(bytes)));
    expectError(() => decodeReport(fast, rules, bytes.subarray(1)), "envelope/malformed");
    const elsewhere = { ...rules, deployment: "other" };
    expectError(() => decodeReport(fast, elsewhere, bytes), "envelope/wrong-place");
    const marked = bytes.slice();
    // The mark of the first reading, behind the head of the envelope, the span and the count.
    marked[79 + 12 + 2 + 6] = 2;
    expectError(() => decodeReport(fast, rules, marked), "sealed/bad-encoding");
    const moved = bytes.slice();
    moved[79 + 5]! ^= 1;
    expectError(() => decodeReport(fast, rules, moved), "sealed/bad-encoding");
  });

  it("given any bit flipped, then it is refused", () => {
    const bytes = encodeReport(fast, rules, report);
    // Every bit of the head, the marks and the signature; one of each byte of points and proofs.
    const end = bytes.length - 65;
    for (let byte = 0; byte < bytes.length; byte++) {
      const bits = byte < 79 + 60 || byte >= end ? [0, 1, 2, 3, 4, 5, 6, 7] : [byte & 7];
      for (const bit of bits) {
        const altered = bytes.slice();
        altered[byte]! ^= 1 << bit;
        let code: string | undefined;
        try {
          code = fault(verifier, decodeReport(fast, rules, altered));
        } catch (error) {
          ({ code } = error as { code: string });
        }
        expect(code, `byte ${byte}, bit ${bit}`).to.match(/^(sealed|envelope)\//);
      }
    }
  });

  it("is refused after any alteration by another party", () => {
    for (const { path, altered } of alterations(fast, report)) {
      expect(fault(verifier, altered), path).to.equal("sealed/bad-signature");
    }
    const signature = report.signature.with(7, report.signature[7]! ^ 1);
    expect(fault(verifier, { ...report, signature })).to.equal("sealed/bad-signature");
  });

  it("is refused after any alteration that the meter itself signs", () => {
    for (const { path, altered } of alterations(fast, report)) {
      expect(fault(verifier, resigned(altered, secretKey)), path).to.equal("sealed/bad-proof");
    }
    const { readings, span } = report;
    for (const changed of [
      { readings: readings.with(0, { ...readings[0]!, flagged: true }) },
      { readings: readings.with(3, { ...readings[3]!, flagged: false }) },
      { readings: readings.with(0, { ...readings[0]!, interval: number(0) + 1 }) },
      { readings: readings.slice(1) },
      { span: { ...span, to: span.to + 1 } },
      { ranges: [] },
      { ranges: [...report.ranges, ...report.ranges] },
    ]) {
      const lie = resigned({ ...report, ...changed }, secretKey);
      expect(fault(verifier, lie)).to.equal("sealed/bad-proof");
    }
    for (const changed of [
      { readings: readings.toReversed() },
      { readings: [] },
      // Two readings of one interval, and readings outside the span.
      { readings: readings.with(1, { ...readings[1]!, interval: readings[0]!.interval }) },
      { span: { ...span, to: instant(4) } },
      { span: { ...span, from: instant(1) } },
    ]) {
      const lie = resigned({ ...report, ...changed }, secretKey);
      expect(fault(verifier, lie)).to.equal("sealed/bad-encoding");
    }
  });

  it("is refused when another meter signs its contents as its own, and from an unknown meter", async () => {
    const other = newMeter(registry);
    const stolen = resigned({ ...report, meter: other.meter.address }, other.secretKey);
    expect(fault(verifier, stolen)).to.equal("sealed/bad-proof");
    expect(fault(verifier, await newMeter().report(1, [1n]))).to.equal("sealed/unknown-meter");
  });

  it("is refused under other rules: deployment, key, ranges, step, authority", () => {
    for (const changed of [
      { ...rules, deployment: "other" },
      { ...rules, normal: { lo: 0n, hi: 127n } },
      { ...rules, possible: { lo: -1000n, hi: 1000n } },
      { ...rules, billAbnormal: true },
      { ...rules, step: 900 },
      { ...rules, authority: new Uint8Array(32) },
    ]) {
      const elsewhere = new ReportVerifier({ system: fast, rules: changed, meters: registry });
      expect(fault(elsewhere, report)).to.equal("sealed/bad-signature");
      // Even signed for those rules the proofs do not hold there.
      const signed = wasmEcdsa.sign(reportDigest(fast, changed, report), secretKey);
      expect(fault(elsewhere, { ...report, signature: signed })).to.equal("sealed/bad-proof");
    }
  });

  it("is found among many, each for its own reason", async () => {
    const good = await Promise.all(
      Array.from({ length: 6 }, (_, i) => newMeter(registry).report(i, [5n])),
    );
    const bad = resigned(
      { ...report, equality: { ...report.equality, zValue: report.equality.zValue + 1n } },
      secretKey,
    );
    const unsigned = { ...report, signature: new Uint8Array(65) };
    const codes = verifier.check([...good, bad, unsigned, report]).map((e) => e?.code ?? null);
    const nothing = good.map(() => null);
    expect(codes).to.deep.equal([...nothing, "sealed/bad-proof", "sealed/bad-signature", null]);
    expect(verifier.check([])).to.deep.equal([]);
  });

  it("given more readings than one proof holds, then it has several, and any of them altered is found", async () => {
    const values = Array.from({ length: 300 }, (_, i) => BigInt(i % 101));
    const many = await newMeter(registry).report(0, values);
    // 7 bits each, 256 a proof.
    expect(many.ranges).to.have.lengthOf(9);
    const bytes = encodeReport(fast, rules, many);
    expect(verifier.check([decodeReport(fast, rules, bytes)])).to.deep.equal([null]);
    expect(rangesPerProof(values.map(() => rules.normal))).to.deep.equal([
      ...new Array<number>(8).fill(36),
      12,
    ]);
  });

  it("given two proofs of a report exchanged, then they do not hold", async () => {
    const mine = newMeter(registry);
    const many = await mine.report(0, new Array<bigint>(72).fill(1n));
    const [a, b] = many.ranges;
    const swapped = resigned({ ...many, ranges: [b!, a!] }, mine.secretKey);
    expect(fault(verifier, swapped)).to.equal("sealed/bad-proof");
  });
});

describe("the meter", () => {
  it("reports each instant once and in order, through a restart too", async () => {
    const { meter, secretKey, store } = newMeter();
    await meter.report(readingsFrom(5, [1n, 2n]), instant(8));
    expect(await meter.reportedUntil()).to.equal(instant(8));
    for (const first of [0, 5, 7]) {
      await expectRejection(
        meter.report(readingsFrom(first, [1n]), instant(20)),
        "sealed/interval-not-increasing",
      );
    }
    const place = { system: fast, rules, secretKey, store, installed: month.from };
    const restarted = new SealedMeter({ ...place, now: () => month.to });
    await expectRejection(
      restarted.report(readingsFrom(7, [1n]), instant(20)),
      "sealed/interval-not-increasing",
    );
    await restarted.report(readingsFrom(8, [1n]), instant(9));
    expect(await meter.reportedUntil()).to.equal(instant(9));
  });

  it("reports nothing twice, out of order, outside the span, or before its time by the meter's clock", async () => {
    const { meter } = newMeter();
    const twice = [...readingsFrom(8, [1n]), ...readingsFrom(8, [1n])];
    const down = [...readingsFrom(9, [1n]), ...readingsFrom(8, [1n])];
    for (const [readings, until] of [
      [twice, instant(20)],
      [down, instant(20)],
      [readingsFrom(8, [1n]), instant(8)],
      [readingsFrom(8, [1n]), instant(8) + 0.5],
      [readingsFrom(8, [1n]), month.to + 1],
      [[{ interval: 7.5, value: 1n }], instant(20)],
      [[{ interval: Number.NaN, value: 1n }], instant(20)],
      [readingsFrom(-1, [1n]), instant(20)],
    ] as const) {
      await expectRejection(meter.report(readings, until), "sealed/interval-not-increasing");
    }
    expect(await meter.reportedUntil()).to.equal(month.from);
    await meter.report(readingsFrom(1487, [1n]), month.to);
  });

  it("reports nothing impossible, nothing empty, and no more than a month", async () => {
    const { meter } = newMeter();
    for (const value of [rules.possible.lo - 1n, rules.possible.hi + 1n]) {
      await expectRejection(
        meter.report(readingsFrom(1, [value]), instant(2)),
        "sealed/impossible-reading",
      );
    }
    await expectRejection(meter.report([], instant(2)), "sealed/report-size");
    const many = Array.from({ length: MAX_READINGS + 1 }, (_, i) => ({
      interval: 2 * month.from + i,
      value: 1n,
    }));
    await expectRejection(meter.report(many, instant(1000)), "sealed/report-size");
    expect(await meter.reportedUntil()).to.equal(month.from);
  });

  it("sends the same bytes again until they are acknowledged, through a restart", async () => {
    const { meter, secretKey, store } = newMeter();
    const first = await meter.report(readingsFrom(0, [1n]), instant(1));
    const second = await meter.report(readingsFrom(1, [2n]), instant(2));
    const place = { system: fast, rules, secretKey, store, installed: month.from };
    const restarted = new SealedMeter({ ...place, now: () => month.to });
    expect(await restarted.unacknowledged()).to.deep.equal([first, second]);
    await restarted.acknowledge(instant(1));
    expect(await meter.unacknowledged()).to.deep.equal([second]);
    await restarted.acknowledge(instant(2));
    expect(await meter.unacknowledged()).to.deep.equal([]);
    expect(await meter.reportedUntil()).to.equal(instant(2));
  });

  it("given a store that fails, then no report leaves and nothing is used up", async () => {
    const { meter, store } = newMeter();
    const { transaction } = store;
    store.transaction = (body) =>
      transaction.call(store, async (tx) => {
        await body(tx);
        throw new Error("disk full");
      }) as never;
    let message = "";
    try {
      await meter.report(readingsFrom(0, [1n]), instant(1));
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).to.equal("disk full");
    store.transaction = transaction;
    expect(await meter.reportedUntil()).to.equal(month.from);
  });

  it("given a meter set back to an old store, then its two reports of one time convict it", async () => {
    const { meter, secretKey } = newMeter();
    const first = await meter.report(readingsFrom(0, [1n]), instant(1));
    const place = { system: fast, rules, secretKey, installed: month.from };
    const copy = new SealedMeter({ ...place, store: new MemoryStore(), now: () => month.to });
    const second = await copy.report(readingsFrom(0, [2n]), instant(1));
    expect(isEquivocation(first, second)).to.equal(true);
  });

  it("keeps what it reported for openings until it is told to forget", async () => {
    const { meter } = newMeter();
    await meter.report(readingsFrom(0, [1n, 200n]), instant(2));
    await meter.report(readingsFrom(2, [3n]), instant(3));
    const kept = await meter.reported({ from: instant(1), to: instant(3) });
    expect(kept.map((r) => [r.interval, r.value, r.flagged])).to.deep.equal([
      [number(1), 200n, true],
      [number(2), 3n, false],
    ]);
    await meter.forget(instant(1));
    expect(await meter.reported(month)).to.have.lengthOf(2);
    await meter.forget(month.to);
    expect(await meter.reported(month)).to.deep.equal([]);
  });
});

describe("the control centre", () => {
  it("takes reports that hold and follow each other, and refuses replays and holes", async () => {
    const { registry, centre } = newDeployment();
    const { meter, report } = newMeter(registry);
    const [first, second, third] = [
      await report(1, [10n, 20n]),
      await report(5, [30n]),
      await report(6, [40n]),
    ];
    const bytes = (r: SealedReport): Uint8Array => encodeReport(fast, rules, r);
    expect(await centre.receive([bytes(first)])).to.deep.equal([]);
    const bad = { ...second, signature: first.signature };
    const sent = [first, bad, third, second].map(bytes);
    const refused = await centre.receive([...sent, new Uint8Array(3)]);
    expect(refused.map((r) => [r.index, r.error.code])).to.deep.equal([
      [0, "sealed/replayed-interval"],
      [1, "sealed/bad-signature"],
      [2, "sealed/report-missing"],
      [4, "envelope/malformed"],
    ]);
    expect(await centre.receive([bytes(third)])).to.deep.equal([]);
    const numbers = (await centre.readings(meter.address, month)).map((r) => r.interval);
    expect(numbers).to.deep.equal([1, 2, 5, 6].map(number));
    expect(await centre.readings(newMeter().meter.address, month)).to.deep.equal([]);
  });
});
