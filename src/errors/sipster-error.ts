/**
 * The one error type of the project. Every failure a user can meet is an entry of some room's
 * catalogue: it has an identifier, says what happened (cause), what that means (consequence) and
 * what to do (cure), and maps to one exit code of the command line.
 */

/** Exit codes of the command line (sysexits.h where a name is given there). */
export const ExitCode = {
  /** Done. */
  Ok: 0,
  /** The answer is no: an audit found a bad settlement, a bill does not verify. */
  No: 1,
  /** Wrong usage. */
  Usage: 2,
  /** EX_DATAERR: the input data are bad. */
  Data: 65,
  /** EX_UNAVAILABLE: a server or chain cannot be reached. */
  Unavailable: 69,
  /** EX_TEMPFAIL: try again. */
  TryAgain: 75,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Values that say which input an error is about: they go to `--json` output as they are. */
export type ErrorDetails = Readonly<Record<string, string | number | bigint | boolean | null>>;

export class SipsterError extends Error {
  override readonly name = "SipsterError";
  /** `room/identifier`, listed in docs/errors.md. */
  readonly code: string;
  /** What the failure means for the caller: what was and was not done. */
  readonly consequence: string;
  /** What to do about it. */
  readonly cure: string;
  readonly exitCode: ExitCode;
  readonly details: ErrorDetails;

  constructor(init: {
    code: string;
    message: string;
    consequence: string;
    cure: string;
    exitCode: ExitCode;
    details?: ErrorDetails;
    cause?: unknown;
  }) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.consequence = init.consequence;
    this.cure = init.cure;
    this.exitCode = init.exitCode;
    this.details = init.details ?? {};
  }
}

/** True for a `SipsterError` with exactly this code, e.g. `"algebra/point-not-on-curve"`. */
export function isSipsterError(error: unknown, code?: string): error is SipsterError {
  return error instanceof SipsterError && (code === undefined || error.code === code);
}
