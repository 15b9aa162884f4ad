import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";
import { allCatalogues, errorsDocument } from "../../scripts/lib/errors-document.js";

describe("docs/errors.md", () => {
  it("lists every error of every catalogue, as generated", async () => {
    const path = resolve(import.meta.dirname, "../../docs/errors.md");
    expect(readFileSync(path, "utf8"), "run: tsx scripts/errors-doc.ts").to.equal(
      await errorsDocument(),
    );
  });

  it("no two rooms share a name", async () => {
    const rooms = (await allCatalogues()).map((c) => c.room);
    expect(new Set(rooms).size).to.equal(rooms.length);
  });
});
