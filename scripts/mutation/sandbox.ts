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

export type TestRun = "passed" | "failed" | "timed out";

export class Sandbox {
  readonly #folder = mkdtempSync(join(tmpdir(), "sipster-mutation-"));
  readonly #project = join(this.#folder, "project");

  constructor(root: string) {
    for (const name of [...COPIED, ...FILES]) {
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

  /** Runs the test files until one fails. Children that a test started end with it. */
  test(files: readonly string[], timeoutMs: number): Promise<TestRun> {
    const mocha = resolve(this.#project, "node_modules/mocha/bin/mocha.js");
    const args = ["--import", "tsx", mocha, "--bail", "--exit", "--timeout", "120000", ...files];
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, args, {
        cwd: this.#project,
        stdio: "ignore",
        detached: true,
      });
      const end = (result: TestRun): void => {
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
