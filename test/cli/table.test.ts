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

  it("given a narrow terminal, shortens the widest columns of text and no number", () => {
    const columns = [{ head: "file" }, { head: "hash" }, { head: "gas", align: "right" }] as const;
    const row = ["a".repeat(20), "0x" + "1".repeat(64), "155,045"];
    const text = table(columns, [row], 60);
    for (const line of text.split("\n")) expect(line.length).to.be.at.most(60);
    expect(text).to.contain("a".repeat(20)).and.to.contain("155,045").and.to.contain("…");
    expect(table(columns, [row])).to.contain("1".repeat(64));
    expect(table(columns, [row], 10), "not below what can be read").to.contain("155,045");
  });
});
