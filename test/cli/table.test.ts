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

  it("given sentences and addresses, breaks the ones into lines, and keeps both ends of the others", () => {
    const columns = [
      { head: "who", long: "middle" },
      { head: "what", long: "wrap" },
    ] as const;
    const sentence = "may register and retire meters, and nothing else";
    const text = table(columns, [[`0x${"1".repeat(36)}beef`, sentence]], 40);
    const lines = text.split("\n");
    for (const line of lines) expect(line.length).to.be.at.most(40);
    expect(text).to.match(/0x1+…1*beef/);
    const words = lines.slice(1).map((line) => line.replace(/^0x\S+/, "").trim());
    expect(words.join(" ")).to.equal(sentence);
    expect(table(columns, [["0x12", sentence]])).to.contain(sentence);
  });

  it("given more columns than a terminal has room for, shows each row as a list, and no line beyond its edge", () => {
    const columns = ["deposit", "acknowledge by", "disputable until", "base units"].map((head) => ({
      head,
      align: "right" as const,
    }));
    const rows = ["1", "2"].map((id) => [id, "2026-11-21", "2026-11-28", "10,000"]);
    const text = table(columns, rows, 40);
    for (const line of text.split("\n")) expect(line.length).to.be.at.most(40);
    expect(text.split("\n\n")).to.have.length(2);
    expect(text).to.contain("deposit           2\nacknowledge by    2026-11-21\n");
  });
});
