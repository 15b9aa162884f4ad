/**
 * Compiles the WebAssembly kernel of src/aggregation from its AssemblyScript source, and with
 * `--dist` copies it to where the built package looks for it.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const kernel = "aggregation/kernel/build/psa.wasm";
const built = resolve(root, "src", kernel);

mkdirSync(dirname(built), { recursive: true });
const { status } = spawnSync(
  "asc",
  [
    resolve(root, "src/aggregation/kernel/assembly/index.ts"),
    ...["--outFile", built, "-O3", "--noAssert", "--runtime", "stub"],
  ],
  { cwd: root, stdio: "inherit", shell: process.platform === "win32" },
);
if (status !== 0) process.exit(1);

if (process.argv.includes("--dist")) {
  const copy = resolve(root, "dist", kernel);
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(built, copy);
}
