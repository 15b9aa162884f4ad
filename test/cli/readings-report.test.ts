/** What `sipster readings` shows of a file, as wide as the terminal is. */
import { expect } from "chai";
import { contentText } from "../../src/cli/readings/report.js";
import { generateHomes, type ReadingSet } from "../../src/readings/index.js";

describe("homes in a terminal of 80 columns", () => {
  const set = (id: string): ReadingSet => {
    const made = generateHomes({ homes: 2, period: ["2024-01", "2024-06"], seed: 3 });
    const homes = made.homes.map((h, i) => ({ ...h, id: `${id}${i}` }));
    return { ...made, homes: homes.map((h) => ({ ...h, exported: h.intervals })) };
  };
  const tables = (text: string): string[] => text.split("\n\nMean load")[0]!.split("\n");

  it("given one table that is too wide, then there are two, each number and time whole", () => {
    const [short, long] = ["54144882005035790", "a home with a name of more than forty letters "];
    for (const id of [short, long]) {
      const text = contentText(set(id!), { width: 80, tableWidth: 80 });
      const rows = tables(text);
      expect(Math.max(...rows.map((row) => row.length)), text).to.be.at.most(80);
      expect(rows.filter((row) => row.startsWith("home")).length).to.equal(2);
      expect(text).to.include("2024-01-01 00:00").and.to.include("2024-07-01 00:00");
      expect(text).to.include("8,736");
    }
  });

  it("given a program or a file, then there is one table, with whole names", () => {
    const text = contentText(set("a home with a name of more than forty letters "), { width: 100 });
    expect(tables(text).filter((row) => row.startsWith("home")).length).to.equal(1);
    expect(text).to.include("a home with a name of more than forty letters 0");
  });

  it("given local times of no zone, then they are not said to be in UTC", () => {
    const made = set("h");
    const homes = made.homes.map((h) => ({ ...h, zoneUnknown: true as const }));
    const text = contentText({ ...made, homes }, { width: 100 });
    expect(text).to.include("local times of no known zone").and.not.to.include("times in UTC");
  });
});
