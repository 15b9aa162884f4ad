import { expect } from "chai";
import { wasmEcdsa } from "../../src/algebra/index.js";
import { ControlCentre } from "../../src/sealed/control-centre.js";
import {
  decodeReport,
  encodeReport,
  reportDigest,
  type SealedReport,
} from "../../src/sealed/report.js";
import { ReportVerifier } from "../../src/sealed/report-verifier.js";
import { SealedMeter } from "../../src/sealed/meter.js";
import { expectError } from "../support/errors.js";
import { newDeployment, newMeter, readingsFrom, rules } from "./deployment.js";
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
  const { meter, secretKey } = newMeter(registry);
  const report = meter.report(readingsFrom(10, [0n, 100n, 57n, 101n, -1n]));

  it("holds, with the abnormal readings marked and no others", () => {
    expect(verifier.check([report])).to.deep.equal([null]);
    expect(report.readings.map((r) => r.flagged)).to.deep.equal([false, false, false, true, true]);
    expect(report.readings.map((r) => r.interval)).to.deep.equal([10, 11, 12, 13, 14]);
    expect(meter.last).to.equal(14);
  });

  it("travels as bytes", () => {
    const bytes = encodeReport(fast, report);
    const read = decodeReport(fast, rules, bytes);
    expect(verifier.check([read])).to.deep.equal([null]);
    expect(encodeReport(fast, read)).to.deep.equal(bytes);
    expectError(() => decodeReport(fast, rules, bytes.subarray(1)), "sealed/bad-encoding");
    expectError(
      () => decodeReport(fast, rules, Uint8Array.from([...bytes, 0])),
      "sealed/bad-encoding",
    );
    const marked = bytes.slice();
    marked[20 + 2 + 6] = 2;
    expectError(() => decodeReport(fast, rules, marked), "sealed/bad-encoding");
  });

  it("is refused after any alteration by somebody else", () => {
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
    const { readings } = report;
    for (const changed of [
      readings.with(0, { ...readings[0]!, flagged: true }),
      readings.with(3, { ...readings[3]!, flagged: false }),
      readings.with(0, { ...readings[0]!, interval: 3 }),
      readings.slice(1),
    ]) {
      const lie = resigned({ ...report, readings: changed }, secretKey);
      expect(fault(verifier, lie)).to.equal("sealed/bad-proof");
    }
    const shuffled = resigned({ ...report, readings: readings.toReversed() }, secretKey);
    expect(fault(verifier, shuffled)).to.equal("sealed/bad-encoding");
    const empty = resigned({ ...report, readings: [] }, secretKey);
    expect(fault(verifier, empty)).to.equal("sealed/bad-encoding");
  });

  it("is refused when another meter signs its contents as its own, and from an unknown meter", () => {
    const other = newMeter(registry);
    const stolen = resigned({ ...report, meter: other.meter.address }, other.secretKey);
    expect(fault(verifier, stolen)).to.equal("sealed/bad-proof");
    const stranger = newMeter();
    expect(fault(verifier, stranger.meter.report(readingsFrom(1, [1n])))).to.equal(
      "sealed/unknown-meter",
    );
  });

  it("is refused under other rules: deployment, key, ranges", () => {
    for (const changed of [
      { ...rules, deployment: "other" },
      { ...rules, normal: { lo: 0n, hi: 127n } },
      { ...rules, possible: { lo: -1000n, hi: 1000n } },
    ]) {
      const elsewhere = new ReportVerifier(fast, changed, registry);
      expect(fault(elsewhere, report)).to.equal("sealed/bad-signature");
      // Even signed for those rules the proofs do not hold there.
      const signed = wasmEcdsa.sign(reportDigest(fast, changed, report), secretKey);
      expect(fault(elsewhere, { ...report, signature: signed })).to.equal("sealed/bad-proof");
    }
  });

  it("is found among many, each for its own reason", () => {
    const good = Array.from({ length: 6 }, (_, i) =>
      newMeter(registry).meter.report(readingsFrom(i, [5n])),
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
});

describe("the meter", () => {
  it("reports each interval once and in order, through a restart too", () => {
    const { meter, secretKey } = newMeter();
    meter.report(readingsFrom(5, [1n, 2n]));
    for (const first of [0, 5, 6]) {
      expectError(() => meter.report(readingsFrom(first, [1n])), "sealed/interval-not-increasing");
    }
    const twice = [...readingsFrom(8, [1n]), ...readingsFrom(8, [1n])];
    expectError(() => meter.report(twice), "sealed/interval-not-increasing");
    for (const interval of [7.5, Number.NaN, 2 ** 48]) {
      expectError(() => meter.report([{ interval, value: 1n }]), "sealed/interval-not-increasing");
    }
    const restarted = new SealedMeter(fast, rules, secretKey, meter.last);
    expectError(() => restarted.report(readingsFrom(6, [1n])), "sealed/interval-not-increasing");
    expect(restarted.report(readingsFrom(7, [1n])).readings).to.have.lengthOf(1);
  });

  it("reports nothing impossible, nothing empty, and no more than one proof holds", () => {
    const { meter } = newMeter();
    for (const value of [rules.possible.lo - 1n, rules.possible.hi + 1n]) {
      expectError(() => meter.report(readingsFrom(1, [value])), "sealed/impossible-reading");
    }
    expectError(() => meter.report([]), "sealed/report-size");
    const many = new Array<bigint>(147).fill(1n);
    expectError(() => meter.report(readingsFrom(1, many)), "sealed/bad-range");
    expect(meter.last).to.equal(-1);
  });
});

describe("the control centre", () => {
  it("takes reports that hold and rise, and refuses replays", () => {
    const { registry, centre } = newDeployment();
    const { meter } = newMeter(registry);
    const first = meter.report(readingsFrom(1, [10n, 20n]));
    const second = meter.report(readingsFrom(5, [30n]));
    const third = meter.report(readingsFrom(6, [40n]));
    expect(centre.receive([first])).to.deep.equal([]);
    const bad = { ...second, signature: first.signature };
    const refused = centre.receive([first, bad, third, second]);
    expect(refused.map((r) => [r.index, r.error.code])).to.deep.equal([
      [0, "sealed/replayed-interval"],
      [1, "sealed/bad-signature"],
      [3, "sealed/replayed-interval"],
    ]);
    expect(centre.readings(meter.address).map((r) => r.interval)).to.deep.equal([1, 2, 6]);
    expect(centre.readings(newMeter().meter.address)).to.deep.equal([]);
  });

  it("has nothing to add up for a meter without priced readings", () => {
    const { registry, verifier } = newDeployment();
    const centre = new ControlCentre(fast, rules, verifier);
    const { meter } = newMeter(registry);
    expectError(() => centre.requestBill(meter.address, () => 1n), "sealed/no-readings");
    centre.receive([meter.report(readingsFrom(1, [10n]))]);
    expectError(() => centre.requestBill(meter.address, () => undefined), "sealed/no-readings");
  });
});
