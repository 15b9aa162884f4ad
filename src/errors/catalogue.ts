/**
 * Catalogues of errors: each room declares its errors once, in its own `errors.ts`, and throws only
 * those. docs/errors.md is generated from the same declarations.
 */
import { ExitCode, SipsterError, type ErrorDetails } from "./sipster-error.js";

export interface ErrorEntry {
  /** What it means: what was and was not done. */
  readonly consequence: string;
  /** What to do. */
  readonly cure: string;
  /** Exit code of the command line; bad input data when absent. */
  readonly exit?: ExitCode;
}

export interface ErrorCatalogue<K extends string> {
  readonly room: string;
  readonly entries: Readonly<Record<K, ErrorEntry>>;
  /**
   * The error `room/key`. `message` is the cause: what happened, with the offending value;
   * `details` repeats the values for programs.
   */
  error(key: K, message: string, details?: ErrorDetails): SipsterError;
  /** The same, where `cause` is the exception underneath. */
  errorFrom(init: {
    readonly key: K;
    readonly message: string;
    readonly details?: ErrorDetails;
    readonly cause: unknown;
  }): SipsterError;
}

/** Declares the errors of one room. Keys are kebab-case and become codes `room/key`. */
export function defineErrors<K extends string>(
  room: string,
  entries: Record<K, ErrorEntry>,
): ErrorCatalogue<K> {
  const errorFrom: ErrorCatalogue<K>["errorFrom"] = ({ key, message, details, cause }) => {
    const entry = entries[key];
    return new SipsterError({
      code: `${room}/${key}`,
      message,
      consequence: entry.consequence,
      cure: entry.cure,
      exitCode: entry.exit ?? ExitCode.Data,
      ...(details === undefined ? {} : { details }),
      ...(cause === undefined ? {} : { cause }),
    });
  };
  return {
    room,
    entries,
    error: (key, message, details) =>
      errorFrom({ key, message, ...(details && { details }), cause: undefined }),
    errorFrom,
  };
}
