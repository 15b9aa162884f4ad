import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ESLint } from "eslint";
import { expect } from "chai";

const root = resolve(import.meta.dirname, "../..");
const folder = resolve(root, "src/meter/trusted");

describe("the meter's trusted part", function () {
  this.timeout(120_000);
  const eslint = new ESLint({ cwd: root });
  const complaints = async (code: string): Promise<string[]> => {
    const [result] = await eslint.lintText(code, { filePath: resolve(folder, "charging.ts") });
    return result!.messages
      .filter((m) => m.ruleId === "sipster/trusted-is-pure")
      .map((m) => m.message);
  };

  it("reaches no input or output through any import, and has at most 400 lines", async () => {
    const files = readdirSync(folder).map((name) => resolve(folder, name));
    const lines = files.reduce((sum, f) => sum + readFileSync(f, "utf8").split("\n").length - 1, 0);
    expect(lines).to.be.at.most(400);
    const results = await eslint.lintFiles(files);
    expect(results.flatMap((r) => r.messages.map((m) => m.message))).to.deep.equal([]);
  });

  it("given an import that reaches a file, the network or the clock, the rule names the way", async () => {
    expect(await complaints('import "node:fs";')).to.deep.equal([
      "the meter's trusted part reaches the module node:fs",
    ]);
    const [far] = await complaints('export { readTariff } from "../../tariff/index.js";');
    expect(far).to.match(/reaches src\/tariff\/index\.ts → .* → the module node:fs$/);
    expect(await complaints('import { FileMemory } from "../file-memory.js";')).to.have.length(1);
    expect(await complaints("export const now = Date.now();")).to.have.length(1);
    expect(await complaints("export const key = process.env.KEY;")).to.have.length(1);
  });
});
