import { expect } from "chai";
import { EncryptionKey, messageTable } from "../../src/sealed/elgamal.js";
import type { SealedReading, SealedReport } from "../../src/sealed/report.js";
import { requestDigest, sumRange, type SumRequest } from "../../src/sealed/sum-request.js";
import type { LogEntry } from "../../src/sealed/trustee-log.js";
import { verifyPartial } from "../../src/sealed/threshold.js";
import { sealedSum } from "../../src/sealed/sum-request.js";
import { expectError } from "../support/errors.js";
import { newDeployment, newMeter, readingsFrom, rules, sharedKey } from "./deployment.js";
import { fast } from "./support.js";

const table = messageTable(fast, 50_000);

/** Price 7 in even intervals, 3 in odd ones; abnormal readings are left out. */
const evenAndOdd = (r: SealedReading): bigint | undefined =>
  r.flagged ? undefined : r.interval % 2 === 0 ? 7n : 3n;

/** A meter whose readings were taken. */
function reported(
  deployment: ReturnType<typeof newDeployment>,
  values: readonly bigint[],
  first = 0,
) {
  const { meter } = newMeter(deployment.registry);
  const reports: SealedReport[] = [];
  for (let i = 0; i < values.length; i += 4) {
    reports.push(meter.report(readingsFrom(first + i, values.slice(i, i + 4))));
  }
  expect(deployment.centre.receive(reports)).to.deep.equal([]);
  return { address: meter.address, meter, reports };
}

describe("a bill on sealed readings", () => {
  it("is price × reading of the normal readings, decrypted as one number", () => {
    const deployment = newDeployment();
    const { centre, trustee } = deployment;
    const values = [10n, 0n, 100n, 3n, 700n, 50n, 50n, -5n];
    const { address } = reported(deployment, values);
    const request = centre.requestBill(address, evenAndOdd);
    const partials = [trustee(1).answer(request), trustee(3).answer(request)];
    const { value, cheaters } = centre.open(request, sharedKey, partials, table);
    // Intervals 4 and 7 are abnormal.
    expect(value).to.equal(7n * (10n + 100n + 50n) + 3n * (0n + 3n + 50n));
    expect(cheaters).to.deep.equal([]);
    expect(centre.open(request, sharedKey, partials, table, 1000n).value).to.equal(value);
  });

  it("can include the abnormal readings, and prices of either sign", () => {
    const deployment = newDeployment();
    const { centre, trustee } = deployment;
    const { address } = reported(deployment, [10n, -900n, 1000n, 4n]);
    const request = centre.requestBill(address, (r) => (r.interval === 0 ? -5n : 2n));
    expect(sumRange(rules, request)).to.deep.equal({ lo: -4500n, hi: 2n * (1023n + 1023n + 100n) });
    const partials = [1, 2].map((j) => trustee(j).answer(request));
    const { value } = centre.open(request, sharedKey, partials, table);
    expect(value).to.equal(-5n * 10n + 2n * (-900n + 1000n + 4n));
  });

  it("needs t trustees, and names one who cheats", () => {
    const deployment = newDeployment();
    const { centre, trustee } = deployment;
    const { address } = reported(deployment, [1n, 2n, 3n]);
    const request = centre.requestBill(address, evenAndOdd);
    const [a, b, c] = [1, 2, 3].map((j) => trustee(j).answer(request));
    expectError(() => centre.open(request, sharedKey, [a!], table), "sealed/too-few-partials");
    const wrong = { ...b!, point: fast.group.generator };
    const opened = centre.open(request, sharedKey, [a!, wrong, c!], table);
    expect(opened).to.deep.equal({ value: 7n + 6n + 21n, cheaters: [2] });
    const context = requestDigest(fast, rules, request);
    const sum = sealedSum(fast, request);
    expect(verifyPartial(fast, sharedKey, sum, context, wrong)).to.equal(false);
  });

  it("is not found when the meters encrypted to another key", () => {
    const elsewhere = {
      ...rules,
      key: new EncryptionKey(fast, fast.group.mul(fast.group.generator, 5n)),
    };
    const deployment = newDeployment();
    const { meter } = newMeter(deployment.registry, elsewhere);
    const request = {
      reports: [meter.report(readingsFrom(0, [1n, 2n, 3n]))],
      weights: [[1n, 1n, 1n]],
    };
    expectError(() => deployment.trustee(1).answer(request), "sealed/bad-signature");
    // Trustees that checked nothing would answer: the number is then in no range.
    const { verifier } = deployment;
    verifier.check = () => [null];
    const partials = [1, 2].map((j) => deployment.trustee(j).answer(request));
    expectError(
      () => deployment.centre.open(request, sharedKey, partials, table),
      "sealed/sum-out-of-range",
    );
  });
});

describe("a trustee", () => {
  const deployment = newDeployment({ minReadings: 4, minPerWeight: 2 });
  const { trustee } = deployment;
  const { reports, meter } = reported(deployment, [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
  const request = (weights: bigint[][], of = reports): SumRequest => ({ reports: of, weights });
  const all = request([
    [1n, 1n, 2n, 2n],
    [1n, 1n, 2n, 2n],
  ]);

  it("decrypts no sum over too few readings; those with weight 0 do not count", () => {
    const one = trustee(1);
    for (const weights of [
      [
        [1n, 1n, 1n, 0n],
        [0n, 0n, 0n, 0n],
      ],
      [
        [0n, 0n, 0n, 0n],
        [0n, 0n, 0n, 1n],
      ],
    ]) {
      expectError(() => one.answer(request(weights)), "sealed/too-few-readings");
    }
    expect(one.log).to.deep.equal([]);
  });

  it("decrypts no sum whose weights single readings out", () => {
    const spread = [
      [1n, 1n, 1n, 1n],
      [100_000n, 1n, 1n, 1n],
    ];
    const error = expectError(
      () => trustee(1).answer(request(spread)),
      "sealed/too-few-at-a-price",
    );
    expect(error.details).to.deep.equal({ weight: 100_000n, readings: 1, needed: 2 });
  });

  it("decrypts each reading in one sum only, and the same sum again", () => {
    const one = trustee(1);
    const half = request([[1n, 1n, 1n, 1n]], reports.slice(0, 1));
    const first = one.answer(half);
    const again = one.answer(half);
    expect(fast.group.equals(first.point, again.point)).to.equal(true);
    expect(one.log).to.have.lengthOf(1);
    expectError(() => one.answer(all), "sealed/already-decrypted");
    const other = request([[2n, 2n, 2n, 2n]], reports.slice(0, 1));
    expectError(() => one.answer(other), "sealed/already-decrypted");
    expect(one.answer(request([[1n, 1n, 1n, 1n]], reports.slice(1))).trustee).to.equal(1);
  });

  it("counts a reading that is twice in a request as an overlap", () => {
    const doubled = request(
      [
        [1n, 1n, 1n, 1n],
        [1n, 1n, 1n, 1n],
      ],
      [reports[0]!, reports[0]!],
    );
    expectError(() => trustee(1).answer(doubled), "sealed/already-decrypted");
  });

  it("adds up reports that hold, only", () => {
    const lie = { ...reports[0]!, signature: reports[1]!.signature };
    expectError(
      () => trustee(1).answer({ ...all, reports: [lie, reports[1]!] }),
      "sealed/bad-signature",
    );
    const stranger = newMeter().meter.report(readingsFrom(0, [1n, 1n, 1n, 1n]));
    const foreign = request([[1n, 1n, 1n, 1n]], [stranger]);
    expectError(() => trustee(1).answer(foreign), "sealed/unknown-meter");
    expectError(() => trustee(1).answer({ ...all, weights: [[1n]] }), "sealed/no-price");
  });

  it("adds up readings of several meters as well: the neighbourhood's sum", () => {
    const second = reported(deployment, [10n, 20n, 30n, 40n]);
    const both = request(
      [
        [1n, 1n, 1n, 1n],
        [1n, 1n, 1n, 1n],
      ],
      [reports[0]!, second.reports[0]!],
    );
    const partials = [2, 3].map((j) => trustee(j).answer(both));
    expect(deployment.centre.open(both, sharedKey, partials, table).value).to.equal(110n);
  });

  it("writes down what it answers before it answers, and remembers it after a restart", () => {
    const kept: LogEntry[] = [];
    const one = trustee(1, [], (entry) => kept.push(entry));
    one.answer(all);
    expect(kept).to.deep.equal(one.log);
    expect(kept[0]!.spent).to.deep.equal([
      { meter: Buffer.from(meter.address).toString("hex"), intervals: [[0, 7]] },
    ]);
    const restored = JSON.parse(JSON.stringify(kept)) as LogEntry[];
    const later = trustee(1, restored);
    const half = request([[1n, 1n, 1n, 1n]], reports.slice(0, 1));
    expectError(() => later.answer(half), "sealed/already-decrypted");
    expect(later.answer(all).trustee).to.equal(1);

    const failing = trustee(1, [], () => {
      throw new Error("disk full");
    });
    expect(() => failing.answer(all)).to.throw("disk full");
    expect(failing.log).to.deep.equal([]);
  });

  it("does not start with a log that was shortened at the front, reordered or altered", () => {
    const one = trustee(1);
    one.answer(request([[1n, 1n, 1n, 1n]], reports.slice(0, 1)));
    one.answer(request([[1n, 1n, 1n, 1n]], reports.slice(1)));
    const [a, b] = one.log as [LogEntry, LogEntry];
    expect(trustee(1, [a, b]).log).to.have.lengthOf(2);
    for (const log of [[b], [b, a], [{ ...a, spent: [] }, b], [a, { ...b, number: 2 }]]) {
      expectError(() => trustee(1, log), "sealed/damaged-log");
    }
  });
});
