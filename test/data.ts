/**
 * Real readings and published vectors live outside the project, in a folder beside it. A clone
 * without them skips the tests that need them and says so; SIPSTER_REQUIRE_DATA=1 makes their
 * absence a failure.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Suite } from "mocha";

const folder = resolve(import.meta.dirname, "../../shared/data");

/** Absolute path of a data file, e.g. `dataFile("tariffs/au_tou_windows.json")`. */
export function dataFile(name: string): string {
  return resolve(folder, name);
}

/** A suite whose tests need the real data. */
export function describeWithData(title: string, body: (this: Suite) => void): void {
  if (existsSync(folder) || process.env.SIPSTER_REQUIRE_DATA === "1") {
    describe(title, body);
  } else {
    describe(`${title} (skipped: needs the real readings, which are not in this clone)`, () => {
      it("needs the folder ../shared/data");
    });
  }
}
