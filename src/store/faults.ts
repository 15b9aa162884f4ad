/** What SQLite and the file system throw, as errors of the store. */
import { isSipsterError, type SipsterError } from "../errors/sipster-error.js";
import { storeErrors } from "./errors.js";

/** Primary result codes of SQLite: https://sqlite.org/rescode.html */
const SQLITE = {
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
} as const;
/** Extended codes: damage that the operating system reports. */
const IOERR_SHORT_READ = 522;
const IOERR_CORRUPTFS = 8458;

type Fault = Parameters<typeof storeErrors.error>[0];

const FAILED = ["write-failed", "could not be written"] as const;
/** Also for every other code of SQLite: the statements are right, so the tables do not fit them. */
const DAMAGED = ["damaged", "is damaged"] as const;

const OF_SQLITE: Readonly<Record<number, readonly [Fault, string]>> = {
  [SQLITE.PERM]: ["no-access", "must not be opened by this user"],
  [SQLITE.BUSY]: ["locked", "is open in another process"],
  [SQLITE.LOCKED]: ["locked", "is open in another process"],
  [SQLITE.READONLY]: ["no-access", "can only be read"],
  [SQLITE.IOERR]: FAILED,
  [SQLITE.FULL]: ["disk-full", "could not be written: no space is left"],
  [SQLITE.CANTOPEN]: ["no-access", "could not be opened for writing"],
  [SQLITE.NOTADB]: ["not-a-store", "is not a store"],
};

const OF_SYSTEM: Readonly<Record<string, readonly [Fault, string]>> = {
  ENOENT: ["no-folder", "has no folder to be in"],
  ENOTDIR: ["no-folder", "has no folder to be in"],
  EACCES: ["no-access", "must not be opened by this user"],
  EPERM: ["no-access", "must not be opened by this user"],
  EROFS: ["no-access", "is on a disk that can only be read"],
  ENOSPC: ["disk-full", "could not be written: no space is left"],
  EDQUOT: ["disk-full", "could not be written: the quota is used up"],
};

/** The error of the store for what was thrown while the file `path` was used. */
export function storeFault(path: string, thrown: unknown): SipsterError {
  if (isSipsterError(thrown)) return thrown;
  const [fault, what] = faultOf(thrown);
  return storeErrors.errorFrom({
    key: fault,
    message: `${path} ${what}`,
    details: { path },
    cause: thrown,
  });
}

function faultOf(thrown: unknown): readonly [Fault, string] {
  const { code, errcode } = (thrown ?? {}) as { code?: string; errcode?: number };
  if (code !== "ERR_SQLITE_ERROR" || errcode === undefined) return OF_SYSTEM[code ?? ""] ?? FAILED;
  if (errcode === IOERR_CORRUPTFS || errcode === IOERR_SHORT_READ) return DAMAGED;
  return OF_SQLITE[errcode & 0xff] ?? DAMAGED;
}
