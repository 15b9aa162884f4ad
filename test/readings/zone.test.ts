import { expect } from "chai";
import {
  instantText,
  periodAt,
  periodBounds,
  periodsBetween,
  Zone,
} from "../../src/readings/index.js";
import { Prng } from "../../src/readings/prng.js";
import { refusal } from "../support/errors.js";

const hour = 3_600_000;

describe("time zones", () => {
  it("know the changes of clocks of the tz database", () => {
    const changes: [string, number, number, number][] = [
      ["Europe/London", Date.UTC(2013, 2, 31, 1), 0, 1],
      ["Europe/London", Date.UTC(2013, 9, 27, 1), 1, 0],
      ["America/New_York", Date.UTC(2014, 2, 9, 7), -5, -4],
      ["Australia/Sydney", Date.UTC(2012, 9, 6, 16), 10, 11],
      ["Australia/Sydney", Date.UTC(2013, 3, 6, 16), 11, 10],
      ["Australia/Lord_Howe", Date.UTC(2024, 3, 6, 15), 11, 10.5],
      // At midnight: the day begins at one.
      ["America/Sao_Paulo", Date.UTC(2018, 10, 4, 3), -3, -2],
      // A zone that left out a whole day.
      ["Pacific/Apia", Date.UTC(2011, 11, 30, 10), -10, 14],
    ];
    for (const [name, at, before, after] of changes) {
      const zone = Zone.of(name);
      expect(zone.offsetAt(at - 1000) / hour, `${name} before`).to.equal(before);
      expect(zone.offsetAt(at) / hour, `${name} after`).to.equal(after);
    }
  });

  it("agree with the engine's own formatting at random instants", () => {
    const prng = new Prng("zones");
    const zones = [
      "Europe/Amsterdam",
      "America/St_Johns",
      "Asia/Kathmandu",
      "Australia/Adelaide",
      "Pacific/Apia",
      "+10:00",
    ];
    for (let round = 0; round < 600; round++) {
      const timeZone = zones[round % zones.length]!;
      const instant = Date.UTC(1990, 0, 1) + prng.below(1_048_576) * 1_200_000;
      const engine = new Date(instant).toLocaleString("sv-SE", { timeZone });
      const ours = new Date(Zone.of(timeZone).civil(instant))
        .toISOString()
        .slice(0, 19)
        .replace("T", " ");
      expect(ours, timeZone).to.equal(engine);
    }
  });

  it("give each civil time its instants: none, one or two", () => {
    const zone = Zone.of("Europe/London");
    expect(zone.instants(Date.UTC(2013, 2, 31, 1, 30))).to.deep.equal([]);
    expect(zone.instants(Date.UTC(2013, 9, 27, 1, 30))).to.deep.equal([
      Date.UTC(2013, 9, 27, 0, 30),
      Date.UTC(2013, 9, 27, 1, 30),
    ]);
    expect(zone.instants(Date.UTC(2013, 5, 1))).to.deep.equal([Date.UTC(2013, 4, 31, 23)]);
  });

  it("begin a day that has no midnight with its first instant", () => {
    expect(Zone.of("America/Sao_Paulo").startOf(Date.UTC(2018, 10, 4))).to.equal(
      Date.UTC(2018, 10, 4, 3),
    );
    // 30 December 2011 did not happen: it begins, and ends, with the 31st.
    const apia = Zone.of("Pacific/Apia");
    expect(apia.startOf(Date.UTC(2011, 11, 30))).to.equal(Date.UTC(2011, 11, 30, 10));
    expect(apia.startOf(Date.UTC(2011, 11, 31))).to.equal(Date.UTC(2011, 11, 30, 10));
  });

  it("a name that no zone has is refused", async () => {
    expect((await refusal(() => Zone.of("Europe/Atlantis"))).code).to.equal(
      "readings/unknown-time-zone",
    );
  });

  it("instants are written with the offset of the day", () => {
    const london = Zone.of("Europe/London");
    expect(instantText(Date.UTC(2013, 0, 1), london)).to.equal("2013-01-01T00:00:00Z");
    expect(instantText(Date.UTC(2013, 6, 1), london)).to.equal("2013-07-01T01:00:00+01:00");
    expect(instantText(0, Zone.of("America/St_Johns"))).to.equal("1969-12-31T20:30:00-03:30");
  });
});

describe("billing periods", () => {
  it("are calendar months of the zone", () => {
    expect(periodBounds("2013-03", "Europe/London")).to.deep.equal({
      from: Date.UTC(2013, 2, 1),
      to: Date.UTC(2013, 2, 31, 23),
    });
    expect(periodBounds("2013-12", "Australia/Sydney")).to.deep.equal({
      from: Date.UTC(2013, 10, 30, 13),
      to: Date.UTC(2013, 11, 31, 13),
    });
    expect(periodAt(Date.UTC(2013, 2, 31, 23), "Europe/London")).to.equal("2013-04");
  });

  it("follow each other over the turn of the year", () => {
    const between = periodsBetween(Date.UTC(2013, 10, 5), Date.UTC(2014, 1, 1), "UTC");
    expect(between).to.deep.equal(["2013-11", "2013-12", "2014-01"]);
    expect(periodsBetween(5, 5, "UTC")).to.deep.equal([]);
  });

  it("a text that is not a month is refused", async () => {
    for (const text of ["2013-00", "2013-13", "13-01", "2013-1", "2013-01-01", ""]) {
      expect((await refusal(() => periodBounds(text, "UTC"))).code).to.equal("readings/bad-period");
    }
  });
});
