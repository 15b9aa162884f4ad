/** What docs publishes of the attack: tables and picture from one file, and a challenge without its truth. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { format, resolveConfig } from "prettier";
import { MOST_LINKAGE } from "../../src/attack/index.js";
import { see } from "../../src/attack/attacker/seen.js";
import { withTables } from "../../scripts/lib/attack/page.js";
import { picture } from "../../scripts/lib/attack/picture.js";
import { measuredRows, readResults } from "../../scripts/lib/attack/results.js";
import { rowsOf, TABLES } from "../../scripts/lib/attack/tables.js";
import { scoreFolder } from "../../src/cli/attack/folder.js";

const docs = resolve(import.meta.dirname, "../../docs");
const page = readFileSync(join(docs, "privacy.md"), "utf8");

describe("the published tables", () => {
  const results = readResults();

  it("given the file of results, then docs/privacy.md and its picture are made of it, and no row is missing", async () => {
    for (const table of TABLES) {
      expect(measuredRows(results, table), table).to.have.length(rowsOf(table).length);
    }
    const config = await resolveConfig(join(docs, "privacy.md"));
    const made = await format(withTables(page, results), { ...config, parser: "markdown" });
    expect(made).to.equal(page);
    expect(readFileSync(join(docs, "attack/policies.svg"), "utf8")).to.equal(picture(results));
  });

  it("given a thousand homes, then the offered policies keep the bound with and without outside knowledge, and each careless switch misses one", () => {
    const rows = new Map(
      measuredRows(results, "policies").map(({ result }) => [result.policy, result]),
    );
    for (const name of ["common-deadline", "next-month"]) {
      const { holds, interval, topInterval, outsideKnowledge: known } = rows.get(name)!;
      for (const upper of [interval, topInterval, known.interval, known.topInterval]) {
        expect(upper![1], name).to.be.at.most(MOST_LINKAGE);
      }
      expect(holds, name).to.equal(true);
    }
    expect(rows.get("next-month")!.rankInterval![1]).to.be.at.most(MOST_LINKAGE);
    expect(rows.get("at-once")!.interval![0]).to.be.at.least(0.2);
    for (const name of [
      ...["at-once", "accrual+0d", "accrual+5d", "opening-day-1"],
      ...["settle-after-last", "basket-by-need"],
    ]) {
      expect(rows.get(name)!.holds, name).to.equal(false);
    }
  });

  it("given crowds of 11 and 21 homes, then assignments were sampled together, with and without load curves", () => {
    for (const { row, result } of measuredRows(results, "populations")) {
      const isSmall = row.homes <= 21;
      expect(result.joint !== undefined, `${row.homes} homes`).to.equal(isSmall);
      expect(result.jointKnowing !== undefined, `${row.homes} homes`).to.equal(isSmall);
    }
  });
});

describe("the published challenge", () => {
  const folder = join(docs, "attack/challenge");
  const commitment = readFileSync(join(folder, "commitment"), "utf8").trim();

  it("has what an attacker reads, the commitment of the page, and neither truth nor outside knowledge", () => {
    const files = readdirSync(join(folder, "view"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const root = join(folder, "view");
    const seen = see(
      new Map(
        files.map((file) => [
          file.slice(root.length + 1).replaceAll("\\", "/"),
          new Uint8Array(readFileSync(file)),
        ]),
      ),
    );
    expect(seen.accounts).to.have.length(30);
    expect(seen.at.length).to.be.above(300);
    expect(seen.curves).to.equal(null);
    expect(page).to.contain(commitment);
    expect(readFileSync(join(folder, "README.md"), "utf8")).to.contain(commitment);
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    expect(bytes).to.be.below(300_000);
    expect(files.some((file) => readFileSync(file, "utf8").includes("senders"))).to.equal(false);
  });

  it("given no truth beside it, when claims are scored, then nothing is", () => {
    expect(() => scoreFolder(join(docs, "attack"), join(folder, "README.md"))).to.throw("truth");
  });
});
