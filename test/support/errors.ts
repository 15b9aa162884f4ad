import { expect } from "chai";
import { SipsterError } from "../../src/errors/sipster-error.js";

/** Asserts that `body` throws the catalogue error with this code, and returns it. */
export function expectError(body: () => unknown, code: string): SipsterError {
  try {
    body();
  } catch (error) {
    return check(error, code);
  }
  return expect.fail(`nothing was thrown, expected ${code}`);
}

/** The same for promises. */
export async function expectRejection(
  promise: Promise<unknown>,
  code: string,
): Promise<SipsterError> {
  try {
    await promise;
  } catch (error) {
    return check(error, code);
  }
  return expect.fail(`nothing was thrown, expected ${code}`);
}

function check(error: unknown, code: string): SipsterError {
  if (!(error instanceof SipsterError)) throw error;
  expect(error.code, error.message).to.equal(code);
  return error;
}
