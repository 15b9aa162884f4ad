import { expect } from "chai";
import { PageBook } from "../../src/ledger/page-book.js";
import type { ConsumptionStatement } from "../../src/ledger/statements.js";
import { FIRST, INITIAL_AVERAGE } from "./support.js";

const REACH = 128;

/** A book of this many pages, one an interval. */
function bookOf(pages: number) {
  const book = new PageBook({ firstInterval: FIRST, initialAverage: INITIAL_AVERAGE });
  const statement = (interval: number): ConsumptionStatement => ({
    interval,
    revision: 0,
    withheld: 0,
    rows: 0,
    load: 0n,
    root: new Uint8Array(32),
    source: interval - 1,
    homes: 1,
    average: BigInt(interval),
    mask: 0,
    enrolment: new Uint8Array(32),
  });
  const signature = new Uint8Array(65);
  for (let interval = FIRST; interval < FIRST + pages; interval++) {
    book.add({ consumption: { statement: statement(interval), signature } });
  }
  const sourceAt = (interval: number) => book.sourceFor(interval)?.consumption.statement.interval;
  const namedAt = (interval: number, source: number) =>
    book.sourceOf({ interval, source })?.consumption.statement.interval;
  return { book, sourceAt, namedAt };
}

describe("A book of pages", () => {
  it("given void pages, when the last that stands is looked for, then 128 are looked at and no more", () => {
    const { book, sourceAt } = bookOf(REACH + 2);
    const next = FIRST + REACH + 2;
    expect(sourceAt(next)).to.equal(next - 1);
    for (let interval = next - 1; interval > next - REACH; interval--) {
      book.setVoid(interval, 0);
      expect(sourceAt(next)).to.equal(interval - 1);
    }
    book.setVoid(next - REACH, 0);
    expect(sourceAt(next)).to.equal(undefined);
    expect(sourceAt(FIRST)).to.equal(undefined);
    expect(sourceAt(FIRST + 1)).to.equal(FIRST);
  });

  it("given a page that names one that was void later, then it is judged by that one, if it may have stood", () => {
    const { book, namedAt } = bookOf(REACH + 2);
    const next = FIRST + REACH + 2;
    expect(namedAt(next, next - 2)).to.equal(next - 1);
    expect(namedAt(next, next - 1)).to.equal(next - 1);
    expect(namedAt(next, next)).to.equal(next - 1);
    book.setVoid(next - 1, 0);
    expect(namedAt(next, next - 1)).to.equal(next - 1);
    expect(namedAt(next, next - 2)).to.equal(next - 2);
    expect(namedAt(next, next - 3)).to.equal(next - 2);
    // When all that may be named are void, the oldest of them may have stood, and those before it not.
    for (let interval = next - 1; interval >= FIRST; interval--) book.setVoid(interval, 0);
    expect(namedAt(next, next - REACH)).to.equal(next - REACH);
    expect(namedAt(next, next - REACH - 1)).to.equal(undefined);
  });
});
