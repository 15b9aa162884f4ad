/** The README's tour of five minutes, command by command, in an empty folder. Only the port differs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { globalAgent } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { startHardhatNode, type HardhatNode } from "../support/hardhat-node.js";
import { sipster } from "../support/recorded-io.js";

const root = resolve(import.meta.dirname, "../..");
const PORT = "http://127.0.0.1:8545";

function commandsOfTour(): string[] {
  const text = readFileSync(resolve(root, "README.md"), "utf8");
  const section = /## A tour of five minutes.*?(?=\n## )/s.exec(text)![0];
  const [, block] = /```sh\n(.*?)```/s.exec(section)!;
  return block!.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

describe("the README's tour", function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), "sipster-tour-"));
  const atFirst = process.cwd();
  let node: HardhatNode;

  before(async () => {
    node = await startHardhatNode();
    process.chdir(folder);
  });
  after(async () => {
    process.chdir(atFirst);
    await node.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The words of a command, as a shell makes them. */
  const words = (command: string): string[] =>
    command.split(" ").flatMap((word) => {
      const [, directory] = /^(.*)\/\*\.json$/.exec(word) ?? [];
      if (directory === undefined) return [word.replace(PORT, node.url)];
      return readdirSync(directory).map((name) => join(directory, name));
    });

  it("given an empty folder, when each command is typed in its order, then all bills are settled and the audit is clean", async () => {
    const [chain, ...commands] = commandsOfTour();
    expect(chain).to.equal("npx hardhat node --hostname 127.0.0.1");
    const [explorer, ...steps] = commands.reverse();
    expect(explorer).to.equal(`npx sipster explorer --rpc ${PORT}`);
    const printed: string[] = [];
    for (const command of steps.reverse()) {
      if (command.startsWith("(umask")) {
        execFileSync("sh", ["-c", command]);
        continue;
      }
      // For a reader each command is a process of its own: no connection outlives it.
      globalAgent.destroy();
      const { code, out, err } = await sipster(...words(command.replace("npx sipster ", "")));
      expect(code, `${command}\n${out}\n${err}`).to.equal(0);
      printed.push(out);
    }
    expect(printed).to.have.length(4);
    expect(printed[0]).to.match(/ready/);
    expect(printed.at(-1)).to.match(/files in published/);
    expect(printed.at(-2)).to.match(/Clean: 6 settlements, each verified/);
  });
});
