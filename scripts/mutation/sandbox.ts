/** A copy of the project in which source files are changed and tests are run, away from the checkout. */
import { spawn } from "node:child_process";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
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

/** Milliseconds for all contracts at once, on a busy machine. */
const BUILD_TIMEOUT = 1_200_000;

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

export class Sandbox {
  readonly #folder = mkdtempSync(join(tmpdir(), "sipster-mutation-"));
  readonly #project = join(this.#folder, "project");
  /** What the last tests printed. */
  readonly #output = join(this.#folder, "output.txt");

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

  /**
   * Compiles the contracts that changed since the last build, all of them at first; false when one does not compile.
   * A build that is cut off keeps nothing, so the next one would be cut off as well: it is an error.
   */
  async build(): Promise<boolean> {
    const hardhat = this.#bin("hardhat/dist/src/cli.js");
    const result = await this.#run([hardhat, "build"], BUILD_TIMEOUT);
    if (result === "timed out") throw new Error(`a build took more than ${BUILD_TIMEOUT} ms`);
    return result === "passed";
  }

  /**
   * Runs the test files until one fails, by Hardhat's runner: mocha's own loads packages twice, once for each kind
   * of module. Children that a test started end with it.
   */
  async test(files: TestFiles, timeoutMs: number): Promise<TestRun> {
    const hardhat = [this.#bin("hardhat/dist/src/cli.js"), "test"];
    const mocha = [...hardhat, "mocha", "--no-compile", "--bail"];
    const result = await this.#run([...mocha, ...files.mocha], timeoutMs);
    if (result === "failed") return { result, ...this.#failed() };
    if (result !== "passed" || files.solidity.length === 0) return { result };
    const solidity = [...hardhat, "solidity", "--no-compile"];
    const last = await this.#run([...solidity, ...files.solidity], timeoutMs);
    return { result: last, ...(last === "failed" ? this.#failed() : {}) };
  }

  /** The title of what failed first, from the output of the tests. */
  #failed(): { readonly by?: string } {
    const title = /^ +1\) (.+)$/m.exec(readFileSync(this.#output, "utf8"))?.[1];
    return title === undefined ? {} : { by: title };
  }

  #bin(path: string): string {
    return resolve(this.#project, "node_modules", path);
  }

  #run(args: readonly string[], timeoutMs: number): Promise<"passed" | "failed" | "timed out"> {
    const output = openSync(this.#output, "w");
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, args, {
        cwd: this.#project,
        stdio: ["ignore", output, "ignore"],
        detached: true,
      });
      closeSync(output);
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
