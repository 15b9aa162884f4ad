import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";

const root = resolve(import.meta.dirname, "../..");

function filesIn(folder: string, ext: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => ext.test(name))
    .map((name) => join(root, folder, name));
}

const text = (files: readonly string[]): string =>
  files.map((file) => readFileSync(file, "utf8")).join("\n");

describe("the errors and events of the contracts", () => {
  const contracts = filesIn("contracts", /\.sol$/).filter((file) => !file.includes("/mocks/"));
  const sources = text(contracts);
  const tests = text([
    ...filesIn("test", /\.test\.ts$/),
    ...filesIn("test/contracts", /\.ts$/),
    ...filesIn("test/solidity", /\.sol$/),
  ]);
  const declared = (kind: "error" | "event"): string[] => [
    ...new Set([...sources.matchAll(new RegExp(`^\\s*${kind} (\\w+)\\(`, "gm"))].map((m) => m[1]!)),
  ];

  it("given each error that is declared, when the contracts are read, then one reverts with it", () => {
    const dead = declared("error").filter(
      (name) => !new RegExp(`(revert|return|=)[^;]*\\b${name}\\b`).test(sources),
    );
    expect(dead).to.deep.equal([]);
  });

  it("given each error that is declared, when the tests are read, then one provokes it", () => {
    expect(declared("error").filter((name) => !tests.includes(name))).to.deep.equal([]);
  });

  it("given each event that is declared, when contracts and tests are read, then it is emitted, and looked at", () => {
    const dead = declared("event").filter(
      (name) => !sources.includes(`emit ${name}(`) || !tests.includes(name),
    );
    expect(dead).to.deep.equal([]);
  });
});
