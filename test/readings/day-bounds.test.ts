import { expect } from "chai";
import { dayBounds } from "../../src/readings/index.js";
import { expectError } from "../support/errors.js";

describe("The bounds of a day", () => {
  const hours = (day: string, zone: string): number => {
    const { from, to } = dayBounds(day, zone);
    return (to - from) / 3_600_000;
  };

  it("are local midnights: 23, 24 or 25 hours apart", () => {
    expect(dayBounds("2013-02-05", "UTC").from).to.equal(Date.UTC(2013, 1, 5));
    expect(dayBounds("2013-02-05", "Australia/Sydney").from).to.equal(Date.UTC(2013, 1, 4, 13));
    expect(hours("2026-03-28", "Europe/Berlin")).to.equal(24);
    expect(hours("2026-03-29", "Europe/Berlin")).to.equal(23);
    expect(hours("2026-10-25", "Europe/Berlin")).to.equal(25);
  });

  it("exist for days of the calendar only", () => {
    for (const day of ["2013-02-30", "2013-2-5", "2013-02", "tomorrow", "2013-02-05T00:00"]) {
      expectError(() => dayBounds(day, "UTC"), "readings/bad-period");
    }
  });
});
