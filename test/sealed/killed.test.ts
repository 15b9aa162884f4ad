import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { runUntilAlive } from "../support/dying-wire.js";
import { temporaryDirectory } from "../support/temporary.js";

describe("a ceremony, a bill, a sum and an opening whose processes are killed before and after every message", () => {
  const directory = temporaryDirectory();

  it("go on where they were, sign nothing twice, end with the right sums, and leave no secret in their files", () => {
    const script = resolve(import.meta.dirname, "dies-everywhere.ts");
    const { deaths, status, stdout, stderr } = runUntilAlive(script, directory());
    expect(status, stderr).to.equal(0);
    const { sums, secrets } = JSON.parse(stdout) as { sums: string[]; secrets: string[] };
    const bill = `${5 * (11 + 22 + 33 + 44)}`;
    expect(sums).to.deep.equal([bill, "33", bill]);
    // Two trustees, four steps; tariff, group, two reports, an opening; two requests with two answers each.
    expect(deaths).to.equal(2 * (2 * 4 + 5 + 2 * 3));
    expect(secrets).to.have.lengthOf(2 + 4);
    for (const file of readdirSync(directory(), { withFileTypes: true })) {
      if (!file.isFile()) continue;
      const bytes = readFileSync(join(directory(), file.name));
      for (const secret of secrets) {
        expect(secret).to.have.lengthOf(64);
        expect(bytes.includes(Buffer.from(secret, "hex")), file.name).to.equal(false);
      }
    }
  }).timeout(900_000);
});
