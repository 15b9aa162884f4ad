/**
 * For scripts whose process dies by SIGKILL twice for every message: when it is stored and has not left, and
 * when it has just left. Messages leave into files; one that leaves a second time with other bytes ends the
 * process with exit code 3.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Leave = (name: string, message: Uint8Array, mayDiffer?: boolean) => Uint8Array;

/** `mayDiffer`: for answers whose proofs are fresh each time; the first one counts. */
export function dyingWire(folder: string): Leave {
  const wire = join(folder, "wire");
  mkdirSync(wire, { recursive: true });
  return (name, message, mayDiffer = false) => {
    const path = join(wire, name);
    if (existsSync(path)) {
      const before = readFileSync(path);
      if (!mayDiffer && Buffer.compare(before, message) !== 0) {
        process.stderr.write(`${name} left twice with other bytes\n`);
        process.exit(3);
      }
      return new Uint8Array(before);
    }
    if (existsSync(`${path}.stored`)) writeFileSync(path, message);
    else writeFileSync(`${path}.stored`, "");
    process.kill(process.pid, "SIGKILL");
    throw new Error("alive");
  };
}

/** Starts the script until it does not die. */
export function runUntilAlive(script: string, folder: string) {
  for (let deaths = 0; ; deaths++) {
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", script, folder],
      { encoding: "utf8" },
    );
    if (signal !== "SIGKILL") return { deaths, status, stdout, stderr };
  }
}
