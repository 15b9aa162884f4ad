/**
 * Replacing a file so that after a crash at any point either the old or the new content is there,
 * whole: write beside it, sync, rename, sync the directory.
 */
import { randomBytes } from "node:crypto";
import * as nodeFs from "node:fs";
import { dirname } from "node:path";
import { storeFault } from "./faults.js";

const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = nodeFs.constants;
/** Never through a symbolic link: in a shared folder anybody can lay one to another file of ours. */
const TO_WRITE = O_WRONLY | O_CREAT | O_TRUNC | (process.platform === "win32" ? 0 : O_NOFOLLOW);

/** The operations used, in the shape of `node:fs`, so that tests can cut the power at each. */
export type FileSystem = Pick<
  typeof nodeFs,
  "openSync" | "writeSync" | "fchmodSync" | "fsyncSync" | "closeSync" | "renameSync"
>;

/**
 * Replaces the content of `path`, durably: when this returns, the new content survives a power cut.
 * The file has mode 0600, no matter what it had before.
 * @throws store/no-folder, no-access, disk-full, write-failed
 */
export function replaceFile(path: string, content: Uint8Array, fs: FileSystem = nodeFs): void {
  try {
    const beside = `${path}.new`;
    const file = fs.openSync(beside, TO_WRITE, 0o600);
    try {
      // An old file of that name may have had another mode.
      fs.fchmodSync(file, 0o600);
      for (let at = 0; at < content.length;) at += fs.writeSync(file, content, at);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(beside, path);
    syncDirectory(dirname(path), fs);
  } catch (error) {
    throw storeFault(path, error);
  }
}

/**
 * Makes the file `path` with this content and mode 0600, durably and whole, unless there is one.
 * Of two processes that do this at once exactly one returns true.
 * @throws store/no-folder, no-access, disk-full, write-failed
 */
export function createFile(path: string, content: Uint8Array): boolean {
  const beside = `${path}.${randomBytes(8).toString("hex")}.new`;
  try {
    replaceFile(beside, content);
    nodeFs.linkSync(beside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw storeFault(path, error);
  } finally {
    nodeFs.rmSync(beside, { force: true });
    if (nodeFs.existsSync(path)) syncDirectory(dirname(path));
  }
}

/** The content of `path`; `null` if there is no such file. */
export function readFileIfPresent(path: string): Uint8Array | null {
  try {
    return Uint8Array.from(nodeFs.readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Removes the file `path` if it is there, durably. @throws store/write-failed and its like */
export function removeFile(path: string): void {
  try {
    nodeFs.rmSync(path, { force: true });
    syncDirectory(dirname(path));
  } catch (error) {
    throw storeFault(path, error);
  }
}

/** Makes the names in a folder durable. */
export function syncDirectory(path: string, fs: FileSystem = nodeFs): void {
  // Windows has no handle on directories to sync.
  if (process.platform === "win32") return;
  const directory = fs.openSync(path, "r");
  try {
    fs.fsyncSync(directory);
  } finally {
    fs.closeSync(directory);
  }
}
