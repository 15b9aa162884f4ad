import { expect } from "chai";
import { gapsIn, intervalNumber, intervalOf } from "../../src/sealed/interval.js";
import {
  checkTariffNotice,
  decodeTariff,
  encodeTariff,
  priceOf,
  roundToLevels,
  type TariffNotice,
} from "../../src/sealed/notices.js";
import { expectError } from "../support/errors.js";
import { flat, instant, month, number, PERIOD, STEP } from "./deployment.js";
import { fast } from "./support.js";

const HOUR = 3600;

describe("intervals", () => {
  it("have numbers that rise with time and tell the direction", () => {
    expect(intervalNumber({ start: 10, fed: true })).to.equal(21);
    expect(intervalOf(21)).to.deep.equal({ start: 10, fed: true });
    expect(intervalOf(20)).to.deep.equal({ start: 10, fed: false });
    for (const start of [-1, 0.5, 2 ** 47]) {
      expectError(() => intervalNumber({ start, fed: false }), "sealed/bad-interval");
    }
  });

  it("leave gaps at either end and between readings more than a step apart", () => {
    const span = { from: 0, to: 100 };
    const gaps = (...starts: number[]) =>
      gapsIn(
        starts.map((s) => 2 * s),
        span,
        10,
      );
    expect(gaps()).to.deep.equal([span]);
    expect(gaps(0, 10, 20, 30, 40, 50, 60, 70, 80, 90)).to.deep.equal([]);
    expect(gaps(0, 5, 15, 25)).to.deep.equal([{ from: 35, to: 100 }]);
    expect(gaps(10, 30, 95)).to.deep.equal([
      { from: 0, to: 10 },
      { from: 20, to: 30 },
      { from: 40, to: 95 },
    ]);
  });
});

describe("a tariff of a period", () => {
  const day: TariffNotice = {
    period: PERIOD,
    span: month,
    steps: [
      { from: month.from, drawn: 5n, fed: -2n },
      { from: instant(10), drawn: 9n, fed: 0n },
      { from: instant(20), drawn: -1n, fed: 7n },
    ],
  };

  it("has the price of the step in which a reading begins", () => {
    const price = (i: number): bigint => priceOf(day, number(i));
    expect([0, 9, 10, 19, 20, 1487].map(price)).to.deep.equal([5n, 5n, 9n, 9n, -1n, -1n]);
    expect(priceOf(day, number(9) + 1)).to.equal(-2n);
    expect(priceOf(day, number(10) - 2)).to.equal(5n);
  });

  it("travels as bytes", () => {
    const bytes = encodeTariff(fast, day);
    expect(decodeTariff(fast, bytes)).to.deep.equal(day);
    expectError(() => decodeTariff(fast, bytes.subarray(1)), "sealed/bad-encoding");
    const wrong = encodeTariff(fast, { ...day, period: 202305 });
    expectError(() => decodeTariff(fast, wrong), "sealed/bad-notice");
  });

  it("given a span that is not a calendar month somewhere on Earth, then it is refused", () => {
    const shifted = (from: number, to: number, period = PERIOD): TariffNotice => {
      const span = { from: month.from + from, to: month.to + to };
      return { ...flat(1n), period, span, steps: [{ from: span.from, drawn: 1n, fed: 0n }] };
    };
    for (const hours of [-14, 0, 12]) checkTariffNotice(shifted(hours * HOUR, hours * HOUR));
    checkTariffNotice(shifted(0, HOUR));
    for (const wrong of [
      shifted(-15 * HOUR, -14 * HOUR),
      shifted(13 * HOUR, 12 * HOUR),
      shifted(0, 3 * HOUR),
      shifted(0, -27 * 24 * HOUR),
      shifted(0, 0, 202302),
      shifted(0, 0, 202300),
      shifted(0, 0, 202313),
    ]) {
      expectError(() => {
        checkTariffNotice(wrong);
      }, "sealed/bad-notice");
    }
  });

  it("given steps out of order, or not from the beginning, then it is refused", () => {
    const [a, b, c] = day.steps as [TariffNotice["steps"][0], TariffNotice["steps"][0], never];
    for (const steps of [[], [b, c], [a, c, b], [a, b, b], [a, { ...b, from: month.to }]]) {
      expectError(() => {
        checkTariffNotice({ ...day, steps });
      }, "sealed/bad-notice");
    }
  });
});

describe("prices rounded to levels", () => {
  /** A price for each half-hour of the month. */
  const fine = (price: (i: number) => bigint): TariffNotice => ({
    period: PERIOD,
    span: month,
    steps: Array.from({ length: 1488 }, (_, i) => ({
      from: instant(i),
      drawn: price(i),
      fed: -price(i),
    })),
  });

  it("given a price that differs in every interval, then each level holds for enough, in the order of the prices", () => {
    const levels = roundToLevels(
      fine((i) => BigInt(i)),
      STEP,
      48,
    );
    for (const direction of ["drawn", "fed"] as const) {
      const counts = new Map<bigint, number>();
      for (const s of levels.steps) counts.set(s[direction], (counts.get(s[direction]) ?? 0) + 1);
      expect(counts.size).to.equal(31);
      for (const count of counts.values()) expect(count).to.be.greaterThanOrEqual(48);
    }
    const drawn = levels.steps.map((s) => s.drawn);
    expect(drawn).to.deep.equal([...drawn].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    // The mean of 0 … 47, rounded, and of −1,487 … −1,440.
    expect(drawn[0]).to.equal(24n);
    expect(levels.steps.at(-1)!.fed).to.equal(-1464n + 1n);
  });

  it("given a rest too small for a level, then it joins the one before", () => {
    const levels = roundToLevels(
      fine((i) => (i < 1450 ? 10n : 1000n)),
      STEP,
      48,
    );
    expect(new Set(levels.steps.map((s) => s.drawn)).size).to.equal(1);
    const two = roundToLevels(
      fine((i) => (i < 1440 ? 10n : 1000n)),
      STEP,
      48,
    );
    expect(new Set(two.steps.map((s) => s.drawn))).to.deep.equal(new Set([10n, 1000n]));
  });

  it("given more than the period has, then it is refused", () => {
    expectError(() => roundToLevels(flat(1n), STEP, 1489), "sealed/bad-notice");
    expect(roundToLevels(flat(1n), STEP, 1488)).to.deep.equal(flat(1n));
  });
});
