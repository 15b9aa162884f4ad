/**
 * The README's section on three terminals, command by command, in an empty folder: until the month is
 * settled and audited. What serves runs as a process of its own. Only ports differ, the clock goes as fast
 * as the wallet follows, and words in capitals are what earlier commands printed.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { freePorts } from "../../src/town/free-ports.js";
import { sipster, type CliRun } from "../support/recorded-io.js";

const root = resolve(import.meta.dirname, "../..");
const PORTS = ["8545", "8660", "7117"];
/** Commands that go on until they are ended, by what they print when they are ready. */
const SERVES: readonly [command: string, ready: RegExp][] = [
  ["town chain", /chain {5}(http\S+)/],
  ["utility serve", /utility {2}(http\S+)/],
  ["meter run", /pairing code {2}(\S+)/],
  ["wallet run", /^\d{4}-\d\d-\d\d .* UTC/m],
];
/** What a later command takes from what an earlier one printed. */
const PLACEHOLDERS: readonly [placeholder: string, from: RegExp][] = [
  ["NOTICE_SIGNER", /notice signer {2}(0x\S+)/],
  ["WALLET_ACCOUNT", /account {2}(0x\S+)/],
  ["CODE", /pairing code {2}(\S+)/],
  ["METER", /paired with meter (0x\S+)/],
];
/** For people who watch; a test need not wait. */
const PACES: readonly [readme: string, here: string][] = [
  ["--every 0.2", "--every 0.02"],
  ["--pace 0.4", "--pace 0.01"],
];

function commandsOfReadme(): string[] {
  const text = readFileSync(resolve(root, "README.md"), "utf8");
  const section = /## Three terminals play.*?(?=\n## )/s.exec(text)![0];
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!);
  return blocks
    .flatMap((block) => block.split("\n"))
    .filter((line) => line.startsWith("npx sipster "))
    .map((line) => line.slice("npx sipster ".length).replace(/ &$/, ""));
}

describe("the README's three terminals", function () {
  this.timeout(1_200_000);
  const folder = mkdtempSync(join(tmpdir(), "sipster-readme-"));
  const atFirst = { cwd: process.cwd(), rpc: process.env.SIPSTER_RPC };
  const children = new Set<ChildProcess>();
  let printed = "";
  let ports: number[];

  before(async () => {
    ports = await freePorts(PORTS.length);
    for (const name of ["prices.json", "readings.csv"]) {
      copyFileSync(resolve(root, "examples/month", name), join(folder, name));
    }
    process.chdir(folder);
    process.env.SIPSTER_PASSPHRASE = "correct-horse-battery";
    process.env.SIPSTER_RPC = `http://127.0.0.1:${ports[0]}`;
  });
  after(async () => {
    for (const child of children) {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
    process.chdir(atFirst.cwd);
    delete process.env.SIPSTER_PASSPHRASE;
    if (atFirst.rpc === undefined) delete process.env.SIPSTER_RPC;
    else process.env.SIPSTER_RPC = atFirst.rpc;
    rmSync(folder, { recursive: true, force: true });
  });

  /** Here with free ports, which servers are told, and with what earlier commands printed. */
  function here(command: string): string[] {
    let text = command.replace("$SIPSTER_RPC", "http://127.0.0.1:8545");
    for (const [readme, now] of PACES) text = text.replace(readme, now);
    for (const [placeholder, from] of PLACEHOLDERS) {
      if (!text.includes(placeholder)) continue;
      const found = from.exec(printed);
      expect(found, `${placeholder} for: ${command}`).not.to.equal(null);
      text = text.replaceAll(placeholder, found![1]!);
    }
    PORTS.forEach((port, i) => (text = text.replaceAll(port, String(ports[i]))));
    const words = text.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ""));
    const servers = ["town chain", "utility serve", "meter run"];
    const at = servers.findIndex((server) => text.startsWith(server));
    return at < 0 ? words : [...words, "--port", String(ports[at])];
  }

  /** A server in a process of its own; resolves when it has printed that it is ready. */
  async function serve(command: string, ready: RegExp): Promise<void> {
    const script = resolve(root, "test/support/sipster-child.ts");
    const child = spawn(
      process.execPath,
      ["--import", import.meta.resolve("tsx"), script, ...here(command)],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    children.add(child);
    let output = "";
    await new Promise<void>((done, reject) => {
      const take = (part: Buffer): void => {
        output += part.toString();
        printed += part.toString();
        if (ready.test(output)) done();
      };
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      child.on("close", () => reject(new Error(`${command}\n${output}`)));
    });
  }

  async function run(command: string): Promise<void> {
    const server = SERVES.find(([name]) => command.startsWith(name));
    if (server !== undefined) return serve(command, server[1]);
    const { code, out, err } = await sipster(...here(command));
    printed += `${out}\n${err}\n`;
    expect(code, `${command}\n${out}\n${err}`).to.equal(0);
  }

  it("given an empty folder, when each command is typed in its order, then the month is paid, settled and audited", async () => {
    const commands = commandsOfReadme();
    expect(commands).to.have.length(17);
    for (const command of commands) await run(command);
    const settled = /2026-03 +(\d+) +(\d+) +0 +0 +(0x[0-9a-f]{64})/.exec(printed);
    expect(settled, printed.slice(-3000)).not.to.equal(null);
    expect(Number(settled![1])).to.be.above(0);
    expect(settled![2]).to.equal(settled![1]);
    expect(printed).to.match(/Clean: \d settlements?, each verified/);
    expect(printed).to.include("it sees your network address with each of them");
  });

  it("given the roles running, when a second process opens a store of theirs, then it is refused, and the wallet's status is still told", async () => {
    const second: [command: string, code: string][] = [
      ["utility serve --json", "store/locked"],
      ["meter run --source file:readings.csv --follow $SIPSTER_RPC --json", "store/locked"],
      ["wallet run --json", "store/locked"],
    ];
    for (const [command, code] of second) {
      expect((await refusal(command)).json, command).to.include({ code });
    }
    const status = await sipster(...here("wallet status"));
    expect(status.err).to.include("The wallet is running");
    expect(status.out).to.match(/2026-03 +\d+ +\d+ +0 +0 +0x/);
  });

  it("given a paired meter, when another wallet pairs with a wrong code or with the used one, then it is refused", async () => {
    await run("wallet init --utility http://127.0.0.1:8660 --folder stranger");
    for (const code of ["CODE", "7KQ2M-00000-00000-00000"]) {
      const command = `wallet pair ${code} --meter 127.0.0.1:7117 --folder stranger --json`;
      const { json } = await refusal(command);
      expect((json as { code: string }).code).to.match(/meter\/(not-trusted|no-answer)/);
    }
  });

  /** What a command says that ends with an error. */
  async function refusal(command: string): Promise<CliRun> {
    const result = await sipster(...here(command));
    expect(result.code, result.out).not.to.equal(0);
    return result;
  }
});
