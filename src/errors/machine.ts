/** Faults of the machine as errors of the catalogue: a full disk, a missing permission, a closed pipe. */
import { defineErrors } from "./catalogue.js";
import { ExitCode, type SipsterError } from "./sipster-error.js";

export const machineErrors = defineErrors("machine", {
  "disk-full": {
    consequence: "What was to be written is not on the disk; files that were there are unchanged.",
    cure: "Make room on the disk and run the same command again.",
    exit: ExitCode.TryAgain,
  },
  "no-permission": {
    consequence: "The file or folder was not touched.",
    cure: "Give this user the permission, or name another place.",
    exit: ExitCode.Usage,
  },
  "no-such-file": {
    consequence: "Nothing was read or written there.",
    cure: "Check the path; create the folder first if it is to be written to.",
    exit: ExitCode.Usage,
  },
  "not-a-folder": {
    consequence: "Nothing was read or written there.",
    cure: "Name a folder where a folder is wanted, and a file where a file is.",
    exit: ExitCode.Usage,
  },
  "read-only": {
    consequence: "Nothing was written.",
    cure: "Name a place on a file system that can be written to.",
    exit: ExitCode.Usage,
  },
  "too-many-files": {
    consequence: "The command stopped; what it had confirmed is kept.",
    cure: "Raise the limit of open files (`ulimit -n`) and run the command again.",
    exit: ExitCode.TryAgain,
  },
  "out-of-memory": {
    consequence: "The command stopped; what it had confirmed is kept.",
    cure: "Give it more memory, or less to do at once.",
    exit: ExitCode.TryAgain,
  },
});

/** Codes of the operating system, as Node names them. */
const ERRNO: Readonly<Record<string, keyof typeof machineErrors.entries>> = {
  ENOSPC: "disk-full",
  EDQUOT: "disk-full",
  EFBIG: "disk-full",
  EACCES: "no-permission",
  EPERM: "no-permission",
  ENOENT: "no-such-file",
  ENOTDIR: "not-a-folder",
  EISDIR: "not-a-folder",
  EROFS: "read-only",
  EMFILE: "too-many-files",
  ENFILE: "too-many-files",
  ENOMEM: "out-of-memory",
};

/** The catalogue's error for a failure of the machine; `null` for anything else. */
export function machineFault(error: unknown): SipsterError | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  const key = ERRNO[String(error.code)];
  if (key === undefined) return null;
  const path = "path" in error && typeof error.path === "string" ? { path: error.path } : {};
  return machineErrors.errorFrom({ key, message: error.message, details: path, cause: error });
}
