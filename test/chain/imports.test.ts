import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { expect } from "chai";
import { commands } from "../../src/cli/commands.js";

const root = resolve(import.meta.dirname, "../..");

/**
 * Every file that `entry` imports at run time, itself included, and the packages they import; without
 * those that are imported when they are needed, if so told.
 */
function importsOf(
  entry: string,
  { isLazyToo = true } = {},
): { files: Set<string>; packages: Map<string, string> } {
  const files = new Set<string>();
  const packages = new Map<string, string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const text = readFileSync(file, "utf8");
    const statements = text.matchAll(
      /^(?:import|export)\s+(?!type\b)[^"';]*?from\s+["']([^"']+)["']|^import\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm,
    );
    for (const [, from, bare, lazy] of statements) {
      const source = from ?? bare ?? lazy!;
      if (source === lazy && !isLazyToo) continue;
      if (source.startsWith(".")) {
        visit(resolve(dirname(file), source.replace(/\.js$/, ".ts")));
      } else {
        packages.set(source, relative(root, file));
      }
    }
  };
  visit(resolve(root, entry));
  return { files, packages };
}

describe("what a browser needs, and a command at its start", () => {
  it("src/chain reaches nothing of Node", () => {
    const { files, packages } = importsOf("src/chain/index.ts");
    expect(files.size).to.be.greaterThan(30);
    const ofNode = [...packages].filter(
      ([name]) => name.startsWith("node:") || /^(hardhat|@nomicfoundation)\b/.test(name),
    );
    expect(ofNode).to.deep.equal([]);
    expect([...files].filter((f) => f.includes("/src/chain/node/"))).to.deep.equal([]);
  });

  it("explaining errors takes ethers and the bindings, nothing else", () => {
    const { packages } = importsOf("src/chain/errors/decode-error.ts");
    expect([...packages.keys()]).to.deep.equal(["ethers"]);
  });

  it("the command line loads a command when it is wanted, and nothing before", () => {
    const { packages } = importsOf("src/cli/main.ts", { isLazyToo: false });
    expect([...packages.keys()]).to.deep.equal(["commander"]);
  });

  it("no command loads a compiler, a verifier or a chain at its start", () => {
    const heavy = /^(solc|hardhat|@ethereum-sourcify|@nomicfoundation)\b/;
    for (const { name } of commands) {
      const { packages } = importsOf(`src/cli/${name}.ts`, { isLazyToo: false });
      expect([...packages.keys()].filter((p) => heavy.test(p))).to.deep.equal([]);
    }
    const { packages } = importsOf("src/cli/main.ts");
    expect([...packages.keys()]).to.include("@ethereum-sourcify/lib-sourcify");
  });

  it("reading files takes no curve and no chain", () => {
    const { packages } = importsOf("src/cli/readings.ts", { isLazyToo: false });
    expect([...packages.keys()])
      .to.not.include.members(["ethers"])
      .and.not.include("mcl-wasm");
  });

  it("the check sees what it looks for", () => {
    const { packages } = importsOf("src/chain/node/index.ts");
    expect(packages.has("node:path")).to.equal(true);
    expect(packages.has("hardhat/hre")).to.equal(true);
  });
});
