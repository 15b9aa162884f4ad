import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { commands } from "../../src/cli/commands.js";
import { sipster } from "../support/recorded-io.js";
import { temporaryDirectory } from "../support/temporary.js";

describe("sipster", () => {
  const directory = temporaryDirectory();

  it("without arguments lists every command with what it does", async () => {
    const { code, out } = await sipster();
    expect(code).to.equal(2);
    for (const { name, description } of commands) {
      expect(out).to.match(new RegExp(`^  ${name} +${description.slice(0, 20)}`, "m"));
    }
    const help = await sipster("--help");
    expect([help.code, help.out]).to.deep.equal([0, out]);
  });

  for (const { name } of commands) {
    it(`${name} has help, with examples first, both ways`, async () => {
      const { code, out } = await sipster(name, "--help");
      expect(code).to.equal(0);
      expect(out).to.match(new RegExp(`^Examples:\\n +sipster ${name}`));
      expect(out).to.contain(`Usage: sipster ${name}`).and.to.contain("--json");
      expect((await sipster("help", name)).out).to.equal(out);
    });
  }

  it("shows what a file holds without letting it command the terminal", async () => {
    const file = join(directory(), "readings.csv");
    writeFileSync(file, "\u001b[2J\u001b]0;mine\u0007\u009b31m gone\n");
    const { code, err } = await sipster("readings", file);
    expect(code).to.equal(65);
    expect(err)
      .to.contain('begins "·[2J·]0;mine··31m gone')
      .and.to.not.match(/(?!\n)\p{Cc}/u);
  });

  it("an unknown command is wrong usage, and the nearest one is named", async () => {
    const { code, out, err } = await sipster("settel", "bill.json");
    expect([code, out]).to.deep.equal([2, ""]);
    expect(err).to.contain("unknown command 'settel'").and.to.contain("Did you mean settle?");
  });
});
