/**
 * One process at a time on a file: a lock file that holds the number of the process. A lock whose
 * process is gone (killed, or the machine restarted) is taken over.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { storeErrors } from "./errors.js";

/** Locks held by this process: its own number in a lock file may also be that of an earlier one. */
const held = new Set<string>();

/** Takes the lock and returns what releases it. @throws store/locked */
export function lockFile(path: string): () => void {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, `${process.pid}\n`, { mode: 0o600 });
  try {
    for (let attempt = 0; ; attempt++) {
      if (tryLink(own, path)) break;
      const owner = readOwner(path);
      if (owner === null) continue;
      if (attempt >= 3 || isAlive(owner, path)) {
        throw storeErrors.error("locked", `${path} is held by process ${owner}`, {
          path,
          process: owner,
        });
      }
      removeStale(path, owner);
    }
  } finally {
    rmSync(own, { force: true });
  }
  held.add(path);
  return () => {
    held.delete(path);
    rmSync(path, { force: true });
  };
}

/** Makes the lock, number and all, in one step; false if there is one. */
function tryLink(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The number in the lock file; `null` if the file is gone by now. */
function readOwner(path: string): number | null {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function isAlive(process_: number, path: string): boolean {
  if (process_ === process.pid) return held.has(path);
  // Not written by this code: better to ask than to take it.
  if (!Number.isSafeInteger(process_) || process_ < 1) return true;
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Removes the lock of a dead process, unless another process has done so and locked again. */
function removeStale(path: string, owner: number): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  // What was moved may be the new lock of somebody who was faster: give it back.
  if (readOwner(aside) !== owner) tryLink(aside, path);
  rmSync(aside, { force: true });
}
