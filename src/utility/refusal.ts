/** What a counter says when it does not serve a request. */
import { isSipsterError } from "../errors/sipster-error.js";
import type { Answer } from "../exchange/index.js";

/** A defect, or a fault of the machine, is not told to strangers. */
export function refusal(error: unknown): Answer {
  if (isSipsterError(error) && !/^(store|utility\/worker|utility\/bad-book)/.test(error.code)) {
    return { kind: "refused", code: error.code, message: error.message };
  }
  return { kind: "refused", code: "utility/busy", message: "the request could not be served" };
}
