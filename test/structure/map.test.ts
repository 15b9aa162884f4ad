/** The map of docs/contributing.md: each question leads to a file, and to a name in it. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";

const root = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(resolve(root, file), "utf8");
const ROW = /^\| (.+?) +\| `([^`]+)` +\| `([^`]+)` +\|$/gm;

describe("the map of the code", () => {
  const rows = [...read("docs/contributing.md").matchAll(ROW)].map(([, question, file, name]) => ({
    question: question!,
    file: file!,
    name: name!,
  }));

  it("given the four questions of a newcomer, when they are looked up, then each leads to a file", () => {
    const questions = rows.map(({ question }) => question);
    expect(questions).to.include.members([
      "Where is a token's hash made?",
      "What does a utility do with a coin shown twice?",
      "Where does a new format of readings go?",
      "How does a revert become a sentence?",
    ]);
  });

  it("given a row, when its file is read, then the name is in it", () => {
    expect(rows).to.have.length.above(10);
    for (const { file, name } of rows) {
      expect(existsSync(resolve(root, file)), file).to.equal(true);
      expect(read(file), `${file} has no ${name}`).to.match(new RegExp(`(?<![\\w-])${name}\\b`));
    }
  });
});
