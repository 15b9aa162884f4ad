/** Refusals of the trustees are results of a run, not failures of it. */
import { isSipsterError, type SipsterError } from "../../errors/sipster-error.js";

const REFUSALS = new Set([
  "sealed/too-few-readings",
  "sealed/too-few-at-a-price",
  "sealed/no-readings",
  "sealed/incomplete",
  "sealed/bad-opening",
]);

/** What the body returns, or what the trustees refused it with. */
export async function orRefusal(body: () => Promise<bigint>): Promise<bigint | SipsterError> {
  try {
    return await body();
  } catch (error) {
    if (isSipsterError(error) && REFUSALS.has(error.code)) return error;
    throw error;
  }
}
