import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { ESLint } from "eslint";
import { expect } from "chai";

const root = resolve(import.meta.dirname, "../..");
const folder = resolve(root, "src/attack/attacker");

describe("the attacker's files", function () {
  this.timeout(600_000);
  const eslint = new ESLint({ cwd: root });
  const complaints = async (code: string): Promise<string[]> => {
    const [result] = await eslint.lintText(code, { filePath: resolve(folder, "fields.ts") });
    return result!.messages
      .filter((m) => m.ruleId === "sipster/attacker-is-blind")
      .map((m) => m.message);
  };

  it("given all of them, when they are linted, then none reaches the simulation, the truth or the scorer", async () => {
    const files = readdirSync(folder).map((name) => resolve(folder, name));
    const results = await eslint.lintFiles(files);
    expect(results.flatMap((r) => r.messages.map((m) => m.message))).to.deep.equal([]);
  });

  it("given an import of what no party holds, when it is linted, then the rule names it", async () => {
    for (const [code, to] of [
      ['import type { Truth } from "../truth.js";', "src/attack/truth.ts"],
      [
        'export { simulate } from "../simulation/simulate.js";',
        "src/attack/simulation/simulate.ts",
      ],
      ['await import("../scorer/score.js");', "src/attack/scorer/score.ts"],
      ['import "node:fs";', "node:fs"],
    ] as const) {
      expect(await complaints(code), code).to.deep.equal([
        `the attacker must not see ${to}: it reads the files of the view alone`,
      ]);
    }
  });
});
