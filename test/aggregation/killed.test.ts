import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { runUntilAlive } from "../support/dying-wire.js";
import { temporaryDirectory } from "../support/temporary.js";

describe("a group whose processes are killed before and after every message, from enrolment to repair", () => {
  const directory = temporaryDirectory();

  it("goes on where it was, signs nothing twice, ends with the right sum, and leaves no secret in its files", () => {
    const script = resolve(import.meta.dirname, "dies-everywhere.ts");
    const { deaths, status, stdout, stderr } = runUntilAlive(script, directory());
    expect(status, stderr).to.equal(0);
    const { sum, secrets } = JSON.parse(stdout) as { sum: string; secrets: string[] };
    expect(sum).to.equal(`${10 + 11}`);
    // Of three members each: enrolment, introduction, key share. Of two: contributions of two labels, receipts,
    // repairs. A drop-set and an objection.
    expect(deaths).to.equal(2 * (3 * 3 + 4 * 2 + 2));
    const files = readdirSync(directory(), { withFileTypes: true }).filter((f) => f.isFile());
    expect(files.length).to.be.greaterThan(4);
    for (const { name } of files) {
      const bytes = readFileSync(join(directory(), name));
      for (const secret of secrets) {
        expect(secret).to.have.lengthOf(64);
        expect(bytes.includes(Buffer.from(secret, "hex")), name).to.equal(false);
        expect(bytes.includes(secret), name).to.equal(false);
      }
    }
  }).timeout(900_000);

  it("ends with the right weighted sum under functional encryption, and signs nothing twice", () => {
    const script = resolve(import.meta.dirname, "dmcfe-dies-everywhere.ts");
    const { deaths, status, stdout, stderr } = runUntilAlive(script, directory());
    expect(status, stderr).to.equal(0);
    expect(stdout).to.equal(`${2 * 7 + 3 * 8 + 5 * 9}`);
    // Of three members each: enrolment, introduction, share of the function's key, contribution, receipt.
    expect(deaths).to.equal(2 * 3 * 5);
  }).timeout(900_000);
});
