import { expect } from "chai";
import { sealAsMeter } from "../../src/envelope/index.js";
import { noticeDigest, encodeTariff } from "../../src/sealed/notices.js";
import { checkOpening, MeterOpenings, type OpeningCheck } from "../../src/sealed/opening.js";
import type { SealedReport } from "../../src/sealed/report.js";
import { rulesDigest } from "../../src/sealed/rules.js";
import { readEnvelope } from "../../src/envelope/index.js";
import { postTariff } from "../../src/sealed/notice-board.js";
import { expectError, expectRejection } from "../support/errors.js";
import {
  authority,
  evenAndOdd,
  flat,
  instant,
  month,
  newDeployment,
  newMeter,
  PERIOD,
  rules,
} from "./deployment.js";
import { fast } from "./support.js";

const tariff = evenAndOdd(1488);

async function stay() {
  const clock = { now: month.from - 3600 };
  const { registry } = newDeployment();
  const own = newMeter(registry);
  const openings = new MeterOpenings({
    ...{ system: fast, rules, meter: own.meter, secretKey: own.secretKey, store: own.store },
    now: () => clock.now,
    minReadings: 3,
  });
  await openings.takeTariff(postTariff({ system: fast, rules, notice: tariff, key: authority }));
  clock.now = month.to;
  const reports: SealedReport[] = [
    await own.report(0, [1n, 2n, 3n, 700n]),
    await own.report(4, [5n, 6n, 7n, 8n]),
    await own.report(8, [9n, 10n, 11n]),
  ];
  const check: OpeningCheck = {
    system: fast,
    rules,
    tariff: { notice: tariff, digest: noticeDigest("tariff", encodeTariff(fast, tariff)) },
    reports,
  };
  return { ...own, openings, reports, check, clock };
}

const span = (from: number, to: number) => ({ from: instant(from), to: instant(to) });

describe("a bill that the meter opens", () => {
  it("given a stay, then it is price × reading of the normal readings, and everybody can check it", async () => {
    const { openings, check } = await stay();
    const message = await openings.open(PERIOD, span(0, 6));
    expect(checkOpening(message, check)).to.deep.equal({
      period: PERIOD,
      span: span(0, 6),
      value: 7n * 1n + 3n * 2n + 7n * 3n + 7n * 5n + 3n * 6n,
    });
    expect(await openings.open(PERIOD, span(0, 6))).to.deep.equal(message);
    const rest = await openings.open(PERIOD, span(6, 11));
    expect(checkOpening(rest, check).value).to.equal(7n * 7n + 3n * 8n + 63n + 30n + 77n);
  });

  it("given a span opened before in part, too small, or that leaves too little, then the meter refuses", async () => {
    const { openings } = await stay();
    await expectRejection(openings.open(PERIOD, span(0, 2)), "sealed/bad-opening");
    // Half-hour 3 is abnormal: two readings count.
    await expectRejection(openings.open(PERIOD, span(2, 5)), "sealed/bad-opening");
    await expectRejection(openings.open(PERIOD, span(2, 11)), "sealed/bad-opening");
    await openings.open(PERIOD, span(4, 8));
    for (const overlapping of [span(4, 9), span(7, 11), span(0, 5), span(0, 11)]) {
      await expectRejection(openings.open(PERIOD, overlapping), "sealed/bad-opening");
    }
    await openings.open(PERIOD, span(8, 11));
  });

  it("given what is not reported, another period, or a tariff it did not see in time, then the meter refuses", async () => {
    const { openings, clock } = await stay();
    await expectRejection(openings.open(PERIOD, span(0, 12)), "sealed/bad-opening");
    await expectRejection(openings.open(PERIOD, span(-1, 8)), "sealed/bad-opening");
    await expectRejection(openings.open(202302, span(0, 8)), "sealed/unknown-notice");
    await expectRejection(
      openings.takeTariff(postTariff({ system: fast, rules, notice: flat(5n), key: authority })),
      "sealed/second-notice",
    );
    clock.now = month.to;
    const february = { period: 202302, span: { from: month.to, to: month.to + 28 * 86_400 } };
    const late = { ...february, steps: [{ from: month.to, drawn: 1n, fed: 0n }] };
    await expectRejection(
      openings.takeTariff(postTariff({ system: fast, rules, notice: late, key: authority })),
      "sealed/notice-too-late",
    );
  });

  it("given an opening that says another number, or is checked against other reports, then it is refused", async () => {
    const { openings, check, secretKey, reports } = await stay();
    const message = await openings.open(PERIOD, span(0, 6));
    const { body } = readEnvelope(message);
    const context = rulesDigest(fast, rules);
    const signed = (changed: Uint8Array): Uint8Array =>
      sealAsMeter(
        { system: "sealed", kind: "opening", context, sequence: 0n, body: changed },
        secretKey,
      );
    for (let byte = 0; byte < body.length; byte++) {
      // The lowest bytes of both ends move them by minutes: the readings within stay the same.
      if ([41, 46, 47].includes(byte)) continue;
      const changed = body.slice();
      changed[byte]! ^= 1;
      let code = "accepted";
      try {
        checkOpening(signed(changed), check);
      } catch (error) {
        ({ code } = error as { code: string });
      }
      expect(code, `byte ${byte}`).to.match(/^sealed\//);
    }
    checkOpening(signed(body), check);
    const short = { ...check, reports: reports.slice(1) };
    expectError(() => checkOpening(message, short), "sealed/incomplete");
    const other = newMeter();
    const foreign = await other.report(0, [1n, 2n, 3n], instant(11));
    expectError(
      () => checkOpening(message, { ...check, reports: [foreign] }),
      "sealed/bad-opening",
    );
    const dearer = { ...check, tariff: { ...check.tariff, notice: flat(9n) } };
    expectError(() => checkOpening(message, dearer), "sealed/bad-opening");
  });
});
