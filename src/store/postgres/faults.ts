/** What PostgreSQL and the connection to it throw: https://www.postgresql.org/docs/15/errcodes-appendix.html */
import { isSipsterError, type SipsterError } from "../../errors/sipster-error.js";
import { storeErrors } from "../errors.js";

/**
 * `aborted`: the database has undone the transaction because of another one, and it may be run again.
 * `lost`: the connection ended, so that only what was not being committed is known to be undone.
 */
export type Interruption = "aborted" | "lost";

/** Serialisation failure, deadlock; and two processes that make the same table at once. */
const ABORTED = new Set(["40001", "40P01", "42P07", "23505", "42710"]);
/** Shut down, crashed, starting, too many connections; and what Node says of sockets. */
const LOST = new Set(["57P01", "57P02", "57P03", "57P05", "53300", "EPIPE", "ENOENT", "ENOTFOUND"]);
for (const code of ["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN"]) LOST.add(code);

/** Whether what was thrown interrupted a transaction that may be run again; `null` if it is final. */
export function interruptionOf(thrown: unknown): Interruption | null {
  if (!(thrown instanceof Error) || isSipsterError(thrown)) return null;
  const { code } = thrown as { code?: string };
  if (code !== undefined && ABORTED.has(code)) return "aborted";
  if (code === undefined) return /connection|timeout/i.test(thrown.message) ? "lost" : null;
  return LOST.has(code) || code.startsWith("08") ? "lost" : null;
}

/** @param name of the database, without its password */
export function postgresFault(name: string, thrown: unknown): SipsterError {
  if (isSipsterError(thrown)) return thrown;
  const { code = "", message = "" } = thrown as { code?: string; message?: string };
  const fail = (key: Parameters<typeof storeErrors.error>[0], what: string) =>
    storeErrors.errorFrom({
      key,
      message: `${name} ${what}`,
      details: { database: name },
      cause: thrown,
    });
  if (interruptionOf(thrown) !== null) return fail("unreachable", `does not answer: ${message}`);
  if (code === "53100") return fail("disk-full", "has no space left");
  if (code === "25006") return fail("no-access", "can only be read");
  if (code === "42501" || code.startsWith("28")) return fail("no-access", `refuses: ${message}`);
  if (code === "3D000") return fail("no-access", `has no such database: ${message}`);
  if (code === "XX001" || code === "XX002") return fail("damaged", `is damaged: ${message}`);
  return fail("write-failed", `could not do it: ${message}`);
}
