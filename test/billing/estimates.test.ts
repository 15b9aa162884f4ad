/** What is estimated where readings are missing, and from what. */
import { expect } from "chai";
import { estimateGaps, LONGEST_ESTIMATE_MS } from "../../src/billing/index.js";
import type { Interval } from "../../src/readings/index.js";
import { day, home, hour, hours, june, may, mayHours } from "./support/home.js";

describe("estimates", () => {
  it("take the mean of the same hour one to four weeks before and after", () => {
    const gap = 10 * 24 + 5;
    const series = home(
      hours({
        from: may,
        count: mayHours,
        wattHours: (i) => (i === gap ? undefined : i % 24 === 5 ? 100 + Math.floor(i / 24) : 7),
      }),
    ).intervals;
    const { estimates, left, series: whole } = estimateGaps(series, may, june);
    // Day 10 has days a week before, and one and two weeks after; three weeks after, May is over.
    const days = [3, 17, 24];
    const mean = Math.floor(days.reduce((sum, d) => sum + 100 + d, 0) / days.length);
    expect(estimates).to.deep.equal([
      { start: may + gap * hour, seconds: 3600, wattHours: mean, quality: "estimated" },
    ]);
    expect(left).to.deep.equal([]);
    expect(whole.gaps()).to.deep.equal([]);
    expect(whole.length).to.equal(mayHours);
  });

  it("take the mean of all around where no such hour is known", () => {
    const series = home(
      hours({
        from: may,
        count: 48,
        wattHours: (i) => (i >= 20 && i < 23 ? undefined : 10 * (i % 2)),
      }),
    ).intervals;
    const { estimates } = estimateGaps(series, may, june);
    expect(estimates.map((e) => e.wattHours)).to.deep.equal([5, 5, 5]);
  });

  it("given readings more than four weeks away, then they are not part of the mean", () => {
    const gap = may + 40 * day;
    const one = (start: number, wattHours: number): Interval => ({
      ...{ start, seconds: 3600, wattHours, quality: "actual" },
    });
    // No reading is at the gap's own clock time: half a day lies between.
    const near = [one(gap - 27.5 * day, 40), one(gap - hour, 10), one(gap + hour, 10)];
    const far = [one(gap - 28.5 * day, 9000), one(gap + hour + 28.5 * day, 9000)];
    for (const all of [near, [far[0]!, ...near], [...near, far[1]!]]) {
      const { estimates } = estimateGaps(home(all).intervals, gap, gap + hour);
      expect(estimates.map((e) => e.wattHours)).to.deep.equal([20]);
    }
  });

  it("fill a gap that ends within a step with a shorter step", () => {
    const odd: Interval = {
      start: may + 3.5 * hour,
      seconds: 1800,
      wattHours: 60,
      quality: "actual",
    };
    const series = home([...hours({ from: may, count: 2, wattHours: () => 60 }), odd]).intervals;
    const { estimates } = estimateGaps(series, may, june);
    expect(estimates.map((e) => [e.seconds, e.wattHours])).to.deep.equal([
      [3600, 60],
      [1800, 30],
    ]);
  });

  it("leave gaps of more than fourteen days, and what lies before and after all readings", () => {
    const long = LONGEST_ESTIMATE_MS / hour + 1;
    const series = home(
      hours({
        from: may + 5 * day,
        count: 400,
        wattHours: (i) => (i >= 10 && i < 10 + long ? undefined : 1),
      }),
    ).intervals;
    const { estimates, left } = estimateGaps(series, may, june);
    expect(estimates).to.deep.equal([]);
    expect(left).to.deep.equal([
      { from: may + 5 * day + 10 * hour, to: may + 5 * day + (10 + long) * hour },
    ]);
  });

  it("compare hours by the clock, across a change of clocks", () => {
    const start = Date.UTC(2024, 9, 20, 22);
    const zone = "Europe/Amsterdam";
    const twelve = (at: number): boolean =>
      new Date(at).toLocaleTimeString("en-GB", { timeZone: zone }).startsWith("12");
    const all = hours({ from: start, count: 14 * 24, wattHours: () => 1 }).map((i) =>
      twelve(i.start) ? { ...i, wattHours: 500 } : i,
    );
    const noon = all.filter((i) => i.wattHours === 500)[9]!;
    const { estimates } = estimateGaps(
      home(
        all.filter((i) => i !== noon),
        zone,
      ).intervals,
      start,
      start + 20 * day,
    );
    expect(estimates.map((e) => e.wattHours)).to.deep.equal([500]);
  });
});
