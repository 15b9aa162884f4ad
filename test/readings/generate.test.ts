import { expect } from "chai";
import { generateHomes } from "../../src/readings/index.js";
import { refusal } from "../support/errors.js";

describe("generated homes", () => {
  it("the same seed gives the same watt-hours, for any number of homes", () => {
    const load = (homes: number, seed: string, id: number): number[] => {
      const set = generateHomes({ homes, period: "2024-02", seed });
      return [...set.homes[id]!.intervals].map((i) => i.wattHours);
    };
    expect(load(3, "s", 2)).to.deep.equal(load(5, "s", 2));
    expect(load(3, "s", 2)).not.to.deep.equal(load(3, "t", 2));
    expect(load(3, "s", 2)).not.to.deep.equal(load(3, "s", 1));
    // Pinned: a change of the generator changes every demonstration.
    expect(load(3, "s", 2).slice(0, 8)).to.deep.equal([75, 33, 47, 64, 40, 53, 61, 60]);
  });

  it("covers the month of its zone, 23 and 25 hours included", () => {
    const hours = (period: string): number =>
      generateHomes({ homes: 1, period, seed: 1, timeZone: "Europe/London" }).homes[0]!.intervals
        .length / 2;
    expect(hours("2013-03")).to.equal(31 * 24 - 1);
    expect(hours("2013-10")).to.equal(31 * 24 + 1);
    expect(hours("2013-02")).to.equal(28 * 24);
  });

  it("is spread like real homes: median and 95th percentile of a year within a tenth", () => {
    const months = ["2013-01", "2013-04", "2013-07", "2013-10"];
    const all = Float64Array.from(
      months.flatMap((period) =>
        generateHomes({ homes: 200, period, seed: "spread" }).homes.flatMap((h) =>
          [...h.intervals].map((i) => i.wattHours),
        ),
      ),
    );
    all.sort();
    expect(all[all.length >> 1]).to.be.within(126, 154);
    expect(all[Math.floor(all.length * 0.95)]).to.be.within(846, 1034);
    expect(all.at(-1)).to.be.within(3000, 9000);
    expect(all[0]).to.be.at.least(0);
  });

  it("uses more in the evening than at night, and in winter than in summer", () => {
    const set = generateHomes({ homes: 40, period: ["2013-01", "2013-12"], seed: 7 });
    const sum = { night: 0, evening: 0, january: 0, july: 0 };
    for (const home of set.homes) {
      for (const { start, wattHours } of home.intervals) {
        const [hour, month] = [new Date(start).getUTCHours(), new Date(start).getUTCMonth()];
        if (hour >= 2 && hour < 5) sum.night += wattHours;
        if (hour >= 17 && hour < 20) sum.evening += wattHours;
        if (month === 0) sum.january += wattHours;
        if (month === 6) sum.july += wattHours;
      }
    }
    expect(sum.evening).to.be.greaterThan(3 * sum.night);
    expect(sum.january).to.be.greaterThan(sum.july);
  });

  it("refuses no homes, and periods that end before they begin", async () => {
    const homes = await refusal(() => generateHomes({ homes: 0, period: "2013-01", seed: 1 }));
    expect(homes.code).to.equal("readings/bad-argument");
    const period = await refusal(() =>
      generateHomes({ homes: 1, period: ["2013-02", "2013-01"], seed: 1 }),
    );
    expect(period.code).to.equal("readings/bad-period");
    const month = await refusal(() => generateHomes({ homes: 1, period: "2013-13", seed: 1 }));
    expect(month.code).to.equal("readings/bad-period");
    const zone = await refusal(() =>
      generateHomes({ homes: 1, period: "2013-01", seed: 1, timeZone: "Mars/Olympus" }),
    );
    expect(zone.code).to.equal("readings/unknown-time-zone");
  });
});
