import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";

const root = resolve(import.meta.dirname, "../..");

/** Of the tour and the source files that it names. */
const MAX_LINES = 1500;
const FENCE = /^```(.*)\n([\s\S]*?)^```$/gm;
const NAMED_FILE = /\b(?:src|contracts|web|scripts|bench)\/[\w./-]+\.\w+/g;
const STEP = /^## (?=\d+\. )/m;

interface Excerpt {
  readonly file: string | null;
  readonly lines: readonly string[];
}

function read(file: string): string {
  return readFileSync(resolve(root, file), "utf8");
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}

/** The fenced blocks of a text; `file` is null if the info string names none. */
function excerptsOf(text: string): Excerpt[] {
  return [...text.matchAll(FENCE)].map(([, info, body]) => ({
    file: /^(?:ts|solidity) file=(\S+)$/.exec(info!)?.[1] ?? null,
    lines: linesOf(body!),
  }));
}

/** The lines without the indentation that all of them share. */
function outdented(lines: readonly string[]): string {
  const indents = lines.filter((line) => line !== "").map((line) => line.search(/\S/));
  const shared = Math.min(...indents);
  return lines.map((line) => line.slice(shared)).join("\n");
}

function occursIn(source: string, { lines }: Excerpt): boolean {
  const all = linesOf(source);
  const wanted = outdented(lines);
  return all.some((_, i) => outdented(all.slice(i, i + lines.length)) === wanted);
}

describe("the tour of the code", () => {
  const tour = read("docs/tour.md");
  const named = [...new Set(tour.match(NAMED_FILE))];

  it("given the files that it names, when they are looked up, then all exist", () => {
    expect(named).to.have.length.above(0);
    expect(named.filter((file) => !existsSync(resolve(root, file)))).to.deep.equal([]);
  });

  it("given its numbered steps, when they are read, then each has an equation and one excerpt", () => {
    const steps = tour.split(STEP).slice(1);
    expect(steps).to.have.length.above(0);
    for (const step of steps) {
      const title = step.split("\n")[0];
      expect(step, title).to.include("**Equation:**");
      expect(excerptsOf(step), title).to.have.length(1);
    }
  });

  it("given its excerpts, when the files are searched, then each occurs word for word", () => {
    for (const excerpt of excerptsOf(tour)) {
      const text = excerpt.lines.join("\n");
      expect(excerpt.file, `an excerpt that names no file:\n${text}`).not.to.equal(null);
      expect(occursIn(read(excerpt.file!), excerpt), `not in ${excerpt.file}:\n${text}`).to.equal(
        true,
      );
    }
  });

  it("given the tour and its files, when their lines are counted, then they are at most 1,500", () => {
    const lines = [...named, "docs/tour.md"].map((file) => linesOf(read(file)).length);
    expect(lines.reduce((sum, count) => sum + count, 0)).to.be.at.most(MAX_LINES);
  });

  it("given an excerpt with one changed sign or a missing line, when it is searched, then it is not found", () => {
    const source = "class A {\n  f() {\n    g();\n    return a - b;\n  }\n}\n";
    const found = (lines: string[]) => occursIn(source, { file: null, lines });
    expect(found(["f() {", "  g();", "  return a - b;", "}"])).to.equal(true);
    expect(found(["f() {", "  g();", "  return a + b;", "}"])).to.equal(false);
    expect(found(["f() {", "  return a - b;", "}"])).to.equal(false);
    expect(found(["f() {", "g();", "return a - b;", "}"])).to.equal(false);
  });
});
