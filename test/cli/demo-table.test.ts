/** What `sipster demo` shows people. */
import { expect } from "chai";
import { sipster } from "../support/recorded-io.js";

describe("the table of sipster demo", function () {
  this.timeout(180_000);

  it("shows people a table, and what each party saw", async () => {
    const { code, out, err } = await sipster("demo", "--homes", "2", "--unit", "100");
    expect(code).to.equal(0);
    expect(out).to.include("home-0001");
    expect(out).to.include("What the utility saw");
    expect(out).to.include("just what was paid.");
    expect(out).to.include("Everything is in order.");
    expect(err).to.match(/✓ 2 of 2 bills settled/);
    // What the columns mean: money and units, gas, coins.
    const text = out.replaceAll(/\s+/g, " ");
    expect(text).to.include("carry in + owed = units × EUR 1.00 + carry out");
    expect(text).to.include("The first of each 256 meters to settle opens a storage word");
    expect(text).to.match(
      /Each home holds coins worth EUR [\d,.]+; half of the bills are at most EUR [\d,.]+\./,
    );
  });
});
