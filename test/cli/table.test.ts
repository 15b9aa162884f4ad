import { expect } from "chai";
import { table } from "../../src/cli/table.js";

describe("table", () => {
  it("aligns numbers to the right and draws no rules", () => {
    const text = table(
      [{ head: "home" }, { head: "units", align: "right" }],
      [
        ["a", "5"],
        ["bb", "1,000"],
      ],
    );
    expect(text).to.equal("home  units\na         5\nbb    1,000");
  });
});
