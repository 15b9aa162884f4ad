import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { temporaryDirectory } from "../support/temporary.js";

describe("a ceremony and a bill whose processes are killed before and after every message", () => {
  const directory = temporaryDirectory();

  it("go on where they were, sign nothing twice, and end with the right bill", () => {
    const script = resolve(import.meta.dirname, "dies-everywhere.ts");
    let deaths = 0;
    for (;;) {
      const { status, signal, stdout, stderr } = spawnSync(
        process.execPath,
        ["--import", "tsx", script, directory()],
        { encoding: "utf8" },
      );
      if (signal === "SIGKILL") {
        deaths++;
        continue;
      }
      expect(status, stderr).to.equal(0);
      expect(stdout).to.equal(`${5 * (11 + 22 + 33 + 44)}\n`);
      break;
    }
    // Two trustees, four steps; a tariff, two reports, a request, two answers: twice each.
    expect(deaths).to.equal(2 * 14);
    const sent = readdirSync(join(directory(), "wire")).filter((name) => !name.endsWith("stored"));
    expect(sent).to.have.lengthOf(14);
  }).timeout(900_000);
});
