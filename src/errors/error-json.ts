/** Errors as JSON, `sipster/error@1`: what `--json` prints, and what travels between processes. */
import { ExitCode, SipsterError } from "./sipster-error.js";

export const ERROR_FORMAT = "sipster/error@1";

export interface ErrorJson {
  readonly format: typeof ERROR_FORMAT;
  readonly code: string;
  readonly cause: string;
  readonly consequence: string;
  readonly cure: string;
  /** Integers beyond those of JSON as decimal strings. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

export function errorToJson(error: SipsterError): ErrorJson {
  return {
    format: ERROR_FORMAT,
    code: error.code,
    cause: error.message,
    consequence: error.consequence,
    cure: error.cure,
    details: Object.fromEntries(
      Object.entries(error.details).map(([k, v]) => [k, typeof v === "bigint" ? v.toString() : v]),
    ),
  };
}

/** The error again, for showing it; its exit code stays where it came from. */
export function errorFromJson(json: ErrorJson): SipsterError {
  const { code, cause: message, consequence, cure, details } = json;
  return new SipsterError({ code, message, consequence, cure, details, exitCode: ExitCode.No });
}
