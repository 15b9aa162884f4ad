import { expect } from "chai";
import { SipsterError } from "../../src/errors/sipster-error.js";

/** The catalogue error with which something fails. */
export async function refusal(attempt: Promise<unknown> | (() => unknown)): Promise<SipsterError> {
  try {
    await (typeof attempt === "function" ? attempt() : attempt);
  } catch (error) {
    return ofCatalogue(error);
  }
  return expect.fail("nothing was thrown");
}

/** Asserts that `body` throws the catalogue error with this code, and returns it. */
export function expectError(body: () => unknown, code: string): SipsterError {
  try {
    body();
  } catch (error) {
    return withCode(ofCatalogue(error), code);
  }
  return expect.fail(`nothing was thrown, expected ${code}`);
}

/** The same for promises. */
export async function expectRejection(
  promise: Promise<unknown>,
  code: string,
): Promise<SipsterError> {
  return withCode(await refusal(promise), code);
}

function ofCatalogue(error: unknown): SipsterError {
  if (error instanceof SipsterError) return error;
  throw error;
}

function withCode(error: SipsterError, code: string): SipsterError {
  expect(error.code, error.message).to.equal(code);
  return error;
}
