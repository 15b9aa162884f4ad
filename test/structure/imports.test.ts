import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { expect } from "chai";

const root = resolve(import.meta.dirname, "../..");
/** Imports at load, types included; what is imported when it is wanted makes no circle. */
const IMPORT = /(?:import|export)\s[^;"']*?from\s+["'](\.[^"']+)["']/g;

/** Rooms may not grow beyond this share of the code: then they are two. */
const LARGEST_SHARE = 0.15;

function sources(): Map<string, string> {
  const files = globSync("src/**/*.ts", { cwd: root, exclude: ["src/chain/bindings/**"] });
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
  const files = sources();

  it("has no circle of imports", () => {
    expect(circles(files)).to.deep.equal([]);
  });

  it("finds a circle where there is one", () => {
    const made = new Map([
      ["src/a.ts", 'import type { B } from "./b.js";'],
      ["src/b.ts", 'export { C } from "./c.js";'],
      ["src/c.ts", 'import { A } from "./a.js";'],
      ["src/d.ts", 'import { A } from "./a.js";'],
    ]);
    expect(circles(made)).to.have.length(1);
  });

  it("has no room above 15 % of it", () => {
    const lines = new Map<string, number>();
    let all = 0;
    for (const [file, text] of files) {
      const room = file.split("/")[1]!;
      const count = text.split("\n").length;
      lines.set(room, (lines.get(room) ?? 0) + count);
      all += count;
    }
    for (const [room, count] of lines) {
      expect(count / all, `${room}: ${count} of ${all} lines`).to.be.at.most(LARGEST_SHARE);
    }
  });
});
