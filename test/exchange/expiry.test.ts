/** The expiry that all payments of a day have: nothing of the home's own is in it. */
import { expect } from "chai";
import { expiryOf, isPublicExpiry } from "../../src/exchange/index.js";

const at = (text: string): number => Date.parse(text) / 1000;
const lastInstantOf = (month: string): bigint => BigInt(at(`${month}-01T00:00:00Z`) - 1);

describe("the expiry of a payment", () => {
  it("given any instant of a month but its last two days, then it is the month's last instant", () => {
    for (const time of ["2026-03-01T00:00:00Z", "2026-03-15T13:14:15Z", "2026-03-29T23:59:59Z"]) {
      expect(expiryOf(at(time)), time).to.equal(lastInstantOf("2026-04"));
    }
  });

  it("given an instant of the month's last two days, then it is the next month's last instant", () => {
    for (const time of ["2026-03-30T00:00:00Z", "2026-03-31T23:59:59Z"]) {
      expect(expiryOf(at(time)), time).to.equal(lastInstantOf("2026-05"));
    }
    expect(expiryOf(at("2026-02-27T00:00:00Z"))).to.equal(lastInstantOf("2026-04"));
    expect(expiryOf(at("2026-02-26T23:59:59Z"))).to.equal(lastInstantOf("2026-03"));
  });

  it("given the end of a year, then it goes over to the next", () => {
    expect(expiryOf(at("2026-12-29T23:59:59Z"))).to.equal(lastInstantOf("2027-01"));
    expect(expiryOf(at("2026-12-30T00:00:00Z"))).to.equal(lastInstantOf("2027-02"));
    expect(expiryOf(at("2027-01-01T00:00:00Z"))).to.equal(lastInstantOf("2027-02"));
  });

  it("given the instant of a boundary, when the sender's clock was an hour before, then both expiries are public, and no other", () => {
    const boundary = at("2026-03-30T00:00:00Z");
    const [april, may] = [lastInstantOf("2026-04"), lastInstantOf("2026-05")];
    const isTaken = (expiry: bigint, now: number): boolean => isPublicExpiry(expiry, now);
    expect([isTaken(april, boundary - 1), isTaken(may, boundary - 1)]).to.deep.equal([true, false]);
    expect([isTaken(april, boundary), isTaken(may, boundary)]).to.deep.equal([true, true]);
    const late = boundary + 3_599;
    expect([isTaken(april, late), isTaken(may, late)]).to.deep.equal([true, true]);
    expect([isTaken(april, late + 1), isTaken(may, late + 1)]).to.deep.equal([false, true]);
  });

  it("given an expiry of a home's own, then it is not public on any day of a year", () => {
    for (let day = 0; day < 366; day++) {
      const now = at("2026-01-01T00:00:00Z") + day * 86_400 + 3_600 * (day % 24);
      const right = expiryOf(now);
      expect(isPublicExpiry(right, now), `${day}`).to.equal(true);
      const own = [BigInt(now + 86_400 + 5), right - 1n, right + 1n, right + 86_400n];
      for (const other of own) expect(isPublicExpiry(other, now), `${other}`).to.equal(false);
    }
  });
});
