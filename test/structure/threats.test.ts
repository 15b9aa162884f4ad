import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";

const root = resolve(import.meta.dirname, "../..");

interface Attack {
  readonly promise: string;
  readonly file: string;
  readonly title: string;
}

/** A promise is an item of a list: `- **P1.** sentence`, then its attacks, each `file` "title". */
const PROMISE = /^- \*\*(P\d+)\.\*\* ((?:.+\n(?!- ))*.+)/gm;
const ATTACK = /`(test\/[^`]+)`\s+"([^"]+)"/g;

function attacksOf(document: string): [promise: string, attacks: Attack[]][] {
  return [...document.matchAll(PROMISE)].map(([, promise, text]) => [
    promise!,
    [...text!.matchAll(ATTACK)].map(([, file, title]) => ({
      promise: promise!,
      file: file!,
      title: title!.replace(/\s+/g, " "),
    })),
  ]);
}

/** Titles in a file of tests: of `it` in TypeScript, of `test…` and `invariant…` in Solidity. */
function titlesOf(file: string, text: string): (string | undefined)[] {
  const found = file.endsWith(".sol")
    ? text.matchAll(/function ()((?:test|invariant)\w*)\(/g)
    : text.matchAll(/\bit\(\s*(["'`])((?:\\.|(?!\1)[^])*?)\1\s*,/g);
  return [...found].map(([, , title]) => title);
}

/** Attacks whose file or title is not in the tree. */
function missing(attacks: readonly Attack[]): Attack[] {
  return attacks.filter(({ file, title }) => {
    const path = resolve(root, file);
    return !existsSync(path) || !titlesOf(file, readFileSync(path, "utf8")).includes(title);
  });
}

describe("docs/threats.md", () => {
  const document = readFileSync(resolve(root, "docs/threats.md"), "utf8");
  const promises = attacksOf(document);
  const attacks = promises.flatMap(([, of]) => of);

  it("numbers its promises from 1 without a gap, and names an attack for each", () => {
    expect(promises).to.have.length.above(0);
    expect(promises.map(([name]) => name)).to.deep.equal(promises.map((_, i) => `P${i + 1}`));
    expect(promises.filter(([, of]) => of.length === 0)).to.deep.equal([]);
    // None is outside a promise, where nothing would read it.
    expect(attacks).to.have.length([...document.matchAll(ATTACK)].length);
  });

  it("names only tests that exist, by file and title", () => {
    expect(missing(attacks)).to.deep.equal([]);
  });

  it("given the README's table of who may do what, when it names promises, then each role has some, and all of them exist", () => {
    const readme = readFileSync(resolve(root, "README.md"), "utf8");
    const table = readme.slice(
      readme.indexOf("## Who may do what"),
      readme.indexOf("## Reading on"),
    );
    const rows = table.split("\n").filter((line) => line.startsWith("| "));
    const known = promises.map(([name]) => name);
    expect(rows.length).to.be.above(8);
    for (const row of rows.slice(2)) {
      const named = row.match(/\bP\d+\b/g) ?? [];
      expect(named, row).to.have.length.above(0);
      expect(known, row).to.include.members(named);
    }
  });

  it("given a title or a file that does not exist, when it is looked for, then it is named", () => {
    const made = attacksOf(
      [
        '- **P1.** One. `test/structure/imports.test.ts` "finds a circle where\n  there is one"',
        '- **P2.** Two. `test/structure/imports.test.ts` "finds a circle where there is on"',
        '- **P3.** Three. `test/structure/nothing.test.ts` "finds a circle where there is one"',
        '- **P4.** Four. `test/solidity/VaultInvariants.t.sol` "invariant_nothing"',
      ].join("\n"),
    );
    const named = missing(made.flatMap(([, of]) => of)).map(({ promise }) => promise);
    expect(named).to.deep.equal(["P2", "P3", "P4"]);
  });

  it("refers only to promises and assumptions that it has", () => {
    const known = new Set(promises.map(([name]) => name));
    for (const [, name] of document.matchAll(/^- \*\*(A\d+)\.\*\* /gm)) known.add(name!);
    const text = document.replace(ATTACK, "");
    const unknown = [...text.matchAll(/\b[AP]\d+\b/g)].filter(([name]) => !known.has(name));
    expect(unknown.map(([name]) => name)).to.deep.equal([]);
  });
});
