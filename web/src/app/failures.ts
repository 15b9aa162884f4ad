/** Anything thrown, as an error of the catalogue. */
import { decodeError } from "../../../src/chain/decode-error.js";
import { SipsterError } from "../../../src/errors/sipster-error.js";

export function toSipsterError(error: unknown): SipsterError {
  if (error instanceof SipsterError) return error;
  return decodeError(error) ?? (error as SipsterError);
}
