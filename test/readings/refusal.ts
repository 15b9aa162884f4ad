import { AssertionError } from "chai";
import { SipsterError } from "../../src/errors/sipster-error.js";

/** The catalogue error with which something fails. */
export async function refusal(attempt: Promise<unknown> | (() => unknown)): Promise<SipsterError> {
  try {
    await (typeof attempt === "function" ? attempt() : attempt);
  } catch (error) {
    if (error instanceof SipsterError) return error;
    throw error;
  }
  throw new AssertionError("expected a refusal");
}
