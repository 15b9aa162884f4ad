/** A copy of the project in which source files are changed and tests are run, away from the checkout. */
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const COPIED = [
  "src",
  "test",
  "contracts",
  "artifacts",
  "scripts",
  "bin",
  "vectors",
  "examples",
  "docs",
];
const FILES = ["package.json", "tsconfig.json", "hardhat.config.ts", "eslint.config.js"];

export interface TestRun {
  readonly result: "passed" | "failed" | "timed out" | "does not compile";
  /** Title of the test that failed. */
  readonly by?: string;
}

export interface TestFiles {
  readonly mocha: readonly string[];
  /** Solidity's own tests, which run after the others. */
  readonly solidity: readonly string[];
}

/** What failed first, in a report of mocha's. */
function titleOf(report: string): { readonly by?: string } {
  if (!existsSync(report)) return {};
  const { failures } = JSON.parse(readFileSync(report, "utf8")) as {
    failures: readonly { readonly fullTitle: string }[];
  };
  return failures[0] === undefined ? {} : { by: failures[0].fullTitle };
}

export class Sandbox {
  readonly #folder = mkdtempSync(join(tmpdir(), "sipster-mutation-"));
  readonly #project = join(this.#folder, "project");

  constructor(root: string, more: readonly string[] = []) {
    for (const name of [...COPIED, ...FILES, ...more]) {
      const from = resolve(root, name);
      if (existsSync(from)) cpSync(from, join(this.#project, name), { recursive: true });
    }
    symlinkSync(resolve(root, "node_modules"), join(this.#project, "node_modules"));
    const shared = resolve(root, "../shared");
    if (existsSync(shared)) symlinkSync(shared, join(this.#folder, "shared"));
  }

  /** Replaces a file of the copy; the function it returns puts the original back. */
  replace(file: string, text: string): () => void {
    const path = join(this.#project, file);
    const original = readFileSync(path);
    writeFileSync(path, text);
    return () => {
      writeFileSync(path, original);
    };
  }

  /** Compiles the contracts that changed; false when one does not compile. */
  async build(timeoutMs: number): Promise<boolean> {
    return (
      (await this.#run([this.#bin("hardhat/dist/src/cli.js"), "build"], timeoutMs)) === "passed"
    );
  }

  /** Runs the test files until one fails. Children that a test started end with it. */
  async test(files: TestFiles, timeoutMs: number): Promise<TestRun> {
    const report = join(this.#folder, "report.json");
    rmSync(report, { force: true });
    const mocha = ["--import", "tsx", this.#bin("mocha/bin/mocha.js"), "--bail", "--exit"];
    const reporting = ["--reporter", "json", "--reporter-option", `output=${report}`];
    const options = [...mocha, ...reporting, "--timeout", "120000"];
    const result = await this.#run([...options, ...files.mocha], timeoutMs);
    if (result === "failed") return { result, ...titleOf(report) };
    if (result !== "passed" || files.solidity.length === 0) return { result };
    const hardhat = [this.#bin("hardhat/dist/src/cli.js"), "test", "solidity", "--no-compile"];
    const last = await this.#run([...hardhat, ...files.solidity], timeoutMs);
    return { result: last, ...(last === "failed" ? { by: "the Solidity tests" } : {}) };
  }

  #bin(path: string): string {
    return resolve(this.#project, "node_modules", path);
  }

  #run(args: readonly string[], timeoutMs: number): Promise<"passed" | "failed" | "timed out"> {
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, args, {
        cwd: this.#project,
        stdio: "ignore",
        detached: true,
      });
      const end = (result: "passed" | "failed" | "timed out"): void => {
        clearTimeout(timer);
        try {
          process.kill(-child.pid!, "SIGKILL");
        } catch {
          // The whole group has ended by itself.
        }
        done(result);
      };
      const timer = setTimeout(() => {
        end("timed out");
      }, timeoutMs);
      child.on("error", fail);
      child.on("exit", (code) => {
        end(code === 0 ? "passed" : "failed");
      });
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
