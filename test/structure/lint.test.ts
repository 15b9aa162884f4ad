/** The lint rules about the structure, each broken once: a rule that cannot fail protects nothing. */
import { resolve } from "node:path";
import { expect } from "chai";
import { ESLint } from "eslint";
import { BROWSER_SAFE, MAY_IMPORT, PARTS, TOP_LAYERS } from "../../scripts/lint/rooms.js";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";

const root = resolve(import.meta.dirname, "../..");

/** Rules that need no types, so that a text without a file can be judged. */
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [
    { files: ["**/*.ts"], languageOptions: { parserOptions: { projectService: false } } },
    {
      files: ["**/*.ts"],
      rules: {
        "@typescript-eslint/no-floating-promises": "off",
        "@typescript-eslint/no-misused-promises": "off",
        "@typescript-eslint/await-thenable": "off",
        "@typescript-eslint/switch-exhaustiveness-check": "off",
      },
    },
  ],
});

async function brokenRules(file: string, text: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(text, { filePath: resolve(root, file) });
  return [...new Set(result!.messages.map(({ ruleId }) => ruleId))];
}

/** The text of each file of src, with its room. */
const sources = globSync("src/**/*.ts", { cwd: root, exclude: ["src/chain/bindings/**"] }).map(
  (file) => [file.split("/")[1]!, readFileSync(resolve(root, file), "utf8")] as const,
);

const lines = (count: number): string =>
  Array.from({ length: count }, (_, i) => `  console.assert(${i} > 0);`).join("\n");

describe("the lint rules about the structure", () => {
  const broken: readonly (readonly [rule: string, file: string, text: string])[] = [
    ["sipster/import-direction", "src/sipster/new.ts", 'export * from "../chain/index.js";'],
    ["sipster/import-direction", "src/errors/new.ts", 'export * from "../json/index.js";'],
    ["sipster/import-direction", "src/unknown/new.ts", 'export * from "../json/index.js";'],
    ["sipster/by-index", "src/relay/new.ts", 'export * from "../chain/settle/settle.js";'],
    ["sipster/by-index", "src/cli/new.ts", 'import { rate } from "../tariff/rate.js";'],
    ["sipster/runs-in-browser", "src/sipster/new.ts", 'import "node:fs";'],
    ["sipster/runs-in-browser", "src/resident/new.ts", 'export * from "../store/index.js";'],
    ["sipster/runs-in-browser", "src/chain/settle/new.ts", 'export * from "../node/index.js";'],
    ["sipster/runs-in-browser", "src/ecash/new.ts", 'export const pool = import("pg");'],
    ["sipster/runs-in-browser", "web/src/new.ts", 'import "../../src/store/index.js";'],
    ["sipster/attacker-is-blind", "src/attack/attacker/new.ts", 'import "../truth.js";'],
    ["sipster/trusted-is-pure", "src/meter/trusted/new.ts", 'import "node:fs";'],
    ["max-lines-per-function", "src/sipster/new.ts", `export function f() {\n${lines(61)}\n}`],
    ["max-params", "src/sipster/new.ts", "export function f(a, b, c, d) {}"],
    ["max-params", "test/sipster/new.test.ts", "const f = (a, b, c, d) => a;"],
    ["max-lines", "test/sipster/new.test.ts", lines(401)],
    ["no-restricted-properties", "src/relay/new.ts", 'export const v = JSON.parse("1");'],
    ["no-restricted-properties", "src/relay/new.ts", "export const v = Math.random();"],
    ["no-restricted-properties", "src/relay/new.ts", "export const v = Date.now();"],
  ];
  for (const [rule, file, text] of broken) {
    it(`given ${text.slice(0, 60).split("\n")[0]} in ${file}, when linted, then ${rule} refuses it`, async () => {
      expect(await brokenRules(file, text)).to.include(rule);
    });
  }

  it("given imports as the table has them, when linted, then no rule refuses them", async () => {
    const allowed: readonly (readonly [file: string, text: string])[] = [
      ["src/relay/new.ts", 'export * from "../chain/index.js";'],
      ["src/resident/new.ts", 'export type { Store } from "../store/index.js";'],
      ["src/json/new.ts", 'export const v: unknown = JSON.parse("1");'],
      ["src/pages/server.ts", 'import "node:fs";'],
      ["src/mint/new.ts", 'export * from "../chain/node/index.js";'],
      ["src/billing/new.ts", 'export * from "../readings/zone.js";'],
      ["src/meter/trusted/new.ts", 'export * from "../../tariff/register.js";'],
      ["src/algebra/mcl/new.ts", "export const f = (a, b, c, d) => [a, b, c, d];"],
    ];
    for (const [file, text] of allowed)
      expect(await brokenRules(file, text), text).to.deep.equal([]);
  });

  it("given the rooms of src, when the table is read, then each is in it, and it names no other", () => {
    const rooms = readdirSync(resolve(root, "src"));
    expect([...Object.keys(MAY_IMPORT), ...TOP_LAYERS].sort()).to.deep.equal(rooms.sort());
  });

  it("given the parts that rooms lend by themselves, then every file of them is there and some room takes it", () => {
    for (const [room, files] of Object.entries(PARTS)) {
      for (const file of files) {
        const path = resolve(root, "src", room, `${file}.ts`);
        expect(existsSync(path), path).to.equal(true);
        const isTaken = sources.some(
          ([from, text]) => from !== room && text.includes(`/${room}/${file}.js"`),
        );
        expect(isTaken, `${room}/${file} is imported by another room`).to.equal(true);
      }
    }
  });

  it("given the list of what runs in a browser, then every path of it is there", () => {
    const paths = BROWSER_SAFE.flatMap(({ path, except = [] }) => [path, ...except]);
    for (const path of paths) expect(existsSync(resolve(root, path)), path).to.equal(true);
  });
});
