/** Questions to contracts that may not be what they seem. */
import { isSipsterError } from "../../errors/sipster-error.js";

/**
 * The answer, or `null` when the contract reverts or answers nonsense. A node that does not answer
 * is another matter: that is thrown.
 */
export async function answerOf<T>(question: Promise<T>): Promise<T | null> {
  try {
    return await question;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (!isSipsterError(error) && (code === "CALL_EXCEPTION" || code === "BAD_DATA")) return null;
    throw error;
  }
}
