import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { machineFault } from "../../src/errors/machine.js";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { reportError } from "../../src/cli/report-error.js";
import { sipster } from "../support/recorded-io.js";
import { temporaryDirectory } from "../support/temporary.js";

const root = resolve(import.meta.dirname, "../..");

/** Runs the command line's entry in a shell pipeline, and gives its own exit code. */
function piped(command: string): { readonly code: number; readonly err: string } {
  const entry = `node --import tsx src/cli/run.ts ${command}`;
  const { status, stderr } = spawnSync("bash", ["-c", `${entry}; exit \${PIPESTATUS[0]}`], {
    cwd: root,
    encoding: "utf8",
  });
  return { code: status ?? -1, err: stderr };
}

describe("a command that fails", () => {
  const directory = temporaryDirectory();

  for (const [what, args] of [
    ["an unknown command", ["settel"]],
    ["an unknown option", ["audit", "--rcp", "http://127.0.0.1:9"]],
    ["a missing option", ["audit"]],
    ["a value that does not parse", ["audit", "--rpc", "http://127.0.0.1:9", "--period", "x"]],
  ] as const) {
    it(`given --json and ${what}, prints the error as JSON`, async () => {
      const { code, json } = await sipster(...args, "--json");
      expect(code).to.equal(2);
      expect(json).to.include({ format: "sipster/error@1", code: "cli/usage" });
    });
  }

  it("given --json and a defect, prints the error as JSON and the stack to stderr", () => {
    const printed: unknown[] = [];
    const lines: string[] = [];
    const io = {
      out: () => undefined,
      err: (text: string) => void lines.push(text),
      json: (value: unknown) => void printed.push(value),
      colour: false,
      width: 80,
    };
    expect(reportError(new RangeError("too far"), io, true)).to.equal(75);
    expect(printed[0]).to.include({ code: "cli/internal", cause: "too far" });
    expect(lines.join("\n")).to.contain("failures.test.ts");
  });

  it("names a fault of the machine: full, forbidden, missing, read-only", () => {
    for (const [code, key] of [
      ["ENOSPC", "machine/disk-full"],
      ["EDQUOT", "machine/disk-full"],
      ["EACCES", "machine/no-permission"],
      ["ENOENT", "machine/no-such-file"],
      ["EROFS", "machine/read-only"],
      ["EMFILE", "machine/too-many-files"],
    ] as const) {
      const fault = Object.assign(new Error(`${code}: it says`), { code, path: "/data/x" });
      expect(isSipsterError(machineFault(fault), key), code).to.equal(true);
    }
    expect(machineFault(new Error("anything"))).to.equal(null);
    expect(machineFault(Object.assign(new Error(), { code: "ERR_ASSERTION" }))).to.equal(null);
  });

  it("given a disk that is full, says so and does not call it internal", () => {
    const { code, err } = piped("explain store > /dev/full");
    expect(err)
      .to.match(/disk-full|no space/i)
      .and.to.not.contain("internal error");
    expect(code).to.equal(75);
  });

  it("given a reader that has read enough, ends quietly and gives no answer", () => {
    const { code, err } = piped("explain | head -n 1 > /dev/null");
    expect(err).to.equal("");
    expect([0, 141], "0 where everything fitted into the pipe").to.include(code);
  });

  it("takes options from a configuration file, and the command line goes first", async () => {
    const file = join(directory(), "config.json");
    const settings = { format: "sipster/config@1", rpc: "http://127.0.0.1:9", "time-zone": "UTC" };
    writeFileSync(file, JSON.stringify(settings));
    process.env.SIPSTER_CONFIG = file;
    try {
      const configured = await sipster("audit");
      expect(configured.code).to.equal(69);
      expect(configured.err).to.contain("http://127.0.0.1:9").and.to.contain(`${file}: --rpc`);
      const given = await sipster("audit", "--rpc", "http://127.0.0.1:10");
      expect(given.err).to.contain("http://127.0.0.1:10").and.to.not.contain("127.0.0.1:9 ");
      for (const bad of [
        "{",
        "[]",
        '{"format":"sipster/config@2"}',
        '{"format":"sipster/config@1","key":"x"}',
        '{"format":"sipster/config@1","rpc":1}',
      ]) {
        writeFileSync(file, bad);
        expect((await sipster("audit", "--json")).json, bad).to.include({ code: "cli/bad-config" });
      }
      process.env.SIPSTER_CONFIG = join(directory(), "missing.json");
      expect((await sipster("audit", "--json")).json).to.include({ code: "cli/bad-config" });
    } finally {
      delete process.env.SIPSTER_CONFIG;
    }
  });

  it("takes the node from SIPSTER_RPC", async () => {
    process.env.SIPSTER_RPC = "http://127.0.0.1:11";
    try {
      const { code, err } = await sipster("audit");
      expect(code).to.equal(69);
      expect(err).to.contain("http://127.0.0.1:11");
    } finally {
      delete process.env.SIPSTER_RPC;
    }
  });
});

describe("sipster explain", () => {
  it("explains one error, lists a room, and knows every error of the list", async () => {
    const one = await sipster("explain", "machine/disk-full");
    expect(one.out).to.contain("this means:").and.to.contain("what to do:");
    const room = await sipster("explain", "machine", "--json");
    const { errors } = room.json as { errors: { code: string }[] };
    expect(errors.map(({ code }) => code)).to.include("machine/disk-full");
    expect(errors.every(({ code }) => code.startsWith("machine/"))).to.equal(true);
    const all = await sipster("explain", "--json");
    expect((all.json as { errors: unknown[] }).errors.length).to.be.greaterThan(100);
  });

  it("says that it does not know", async () => {
    const { code, json } = await sipster("explain", "nothing/such", "--json");
    expect(code).to.equal(2);
    expect(json).to.include({ code: "cli/no-such-error" });
  });
});

describe("sipster completion", () => {
  const directory = temporaryDirectory();

  it("writes scripts that bash accepts and that complete commands and options", async () => {
    const { out } = await sipster("completion", "bash");
    const file = join(directory(), "complete.bash");
    mkdirSync(directory(), { recursive: true });
    writeFileSync(file, out);
    const ask = (words: string, index: number) =>
      spawnSync("bash", [
        "-c",
        `source ${file}; COMP_WORDS=(${words}); COMP_CWORD=${index}; _sipster; echo "\${COMPREPLY[@]}"`,
      ]).stdout.toString();
    expect(ask("sipster se", 1)).to.contain("settle").and.to.contain("sealed");
    expect(ask("sipster settle --key", 2)).to.contain("--key-file").and.to.contain("--keystore");
  });

  it("writes scripts for zsh and fish, and refuses another shell", async () => {
    expect((await sipster("completion", "zsh")).out).to.match(/^#compdef sipster/);
    expect((await sipster("completion", "fish")).out).to.contain("-l key-file");
    expect((await sipster("completion", "tcsh")).code).to.equal(2);
  });
});
