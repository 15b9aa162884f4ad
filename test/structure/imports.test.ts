import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { expect } from "chai";

const root = resolve(import.meta.dirname, "../..");
/** Imports at load or when wanted, types included. */
const IMPORT = /(?:\bfrom\s+|\bimport\s*\(?\s*)["'](\.[^"']+)["']/g;

/** A line that is neither blank nor a comment. */
const CODE = /^\s*(?!\/\/|\/?\*)\S/;

/** Rooms may not grow beyond this share of the code: then they are two. */
const LARGEST_SHARE = 0.15;

function sources(...folders: string[]): Map<string, string> {
  const patterns = folders.map((folder) => `${folder}/**/*.ts`);
  const files = globSync(patterns, { cwd: root, exclude: ["src/chain/bindings/**"] });
  return new Map(files.map((file) => [file, readFileSync(resolve(root, file), "utf8")]));
}

function importsOf(file: string, text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, source]) =>
    normalize(join(dirname(file), source!)).replace(/\.js$/, ".ts"),
  );
}

/** Circles of imports: strongly connected components (Tarjan, 1972). */
function circles(files: ReadonlyMap<string, string>): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    low.set(file, order.get(file)!);
    stack.push(file);
    for (const other of importsOf(file, files.get(file)!)) {
      if (!files.has(other)) continue;
      if (!order.has(other)) {
        visit(other);
        low.set(file, Math.min(low.get(file)!, low.get(other)!));
      } else if (stack.includes(other)) {
        low.set(file, Math.min(low.get(file)!, order.get(other)!));
      }
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1) found.push(circle);
  };
  for (const file of files.keys()) if (!order.has(file)) visit(file);
  return found;
}

describe("the structure of the code", () => {
  it("has no circle of imports", () => {
    const all = sources("src", "web/src", "test", "scripts", "bench", "examples");
    expect(circles(all)).to.deep.equal([]);
  });

  it("finds a circle where there is one", () => {
    const made = new Map([
      ["src/a.ts", 'import type { B } from "./b.js";'],
      ["src/b.ts", 'export { C } from "./c.js";'],
      ["src/c.ts", 'const load = () => import("./a.js");'],
      ["src/d.ts", 'import { A } from "./a.js";'],
    ]);
    expect(circles(made)).to.have.length(1);
  });

  const measures: readonly (readonly [what: string, measure: (text: string) => number])[] = [
    ["lines", (text) => text.split("\n").length],
    ["lines of code", (text) => text.split("\n").filter((line) => CODE.test(line)).length],
    ["characters", (text) => text.length],
  ];
  for (const [what, measure] of measures) {
    it(`has no room above 15 % of src, counted in ${what}`, () => {
      const sizes = new Map<string, number>();
      let all = 0;
      for (const [file, text] of sources("src")) {
        const room = file.split("/")[1]!;
        const size = measure(text);
        sizes.set(room, (sizes.get(room) ?? 0) + size);
        all += size;
      }
      for (const [room, size] of sizes) {
        expect(size / all, `${room}: ${size} of ${all} ${what}`).to.be.at.most(LARGEST_SHARE);
      }
    });
  }
});
