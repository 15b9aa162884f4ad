import { expect } from "chai";
import { SipsterError } from "../../src/errors/sipster-error.js";

/** `action` throws the catalogue error `code`; returns it. */
export function expectError(code: string, action: () => unknown): SipsterError {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  return checkError(code, thrown);
}

/** The same for a promise. */
export async function expectRejection(
  code: string,
  action: Promise<unknown>,
): Promise<SipsterError> {
  let thrown: unknown;
  try {
    await action;
  } catch (error) {
    thrown = error;
  }
  return checkError(code, thrown);
}

function checkError(code: string, thrown: unknown): SipsterError {
  if (!(thrown instanceof SipsterError)) {
    expect.fail(`expected ${code}, got ${thrown === undefined ? "no error" : String(thrown)}`);
  }
  expect(thrown.code).to.equal(code);
  return thrown;
}
