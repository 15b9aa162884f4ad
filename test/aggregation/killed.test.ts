import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect } from "chai";
import { temporaryDirectory } from "../support/temporary.js";

describe("a label whose processes are killed before and after every message", () => {
  const directory = temporaryDirectory();

  it("goes on where it was, signs nothing twice, and ends with the right sum", () => {
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
      expect(stdout).to.equal(`${10 + 11 + 12 + 13}\n`);
      break;
    }
    // Four contributions, receipts and repairs, and a drop-set: twice each.
    expect(deaths).to.equal(2 * 13);
  }).timeout(900_000);
});
