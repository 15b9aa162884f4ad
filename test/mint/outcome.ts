/** What the tests of the mint's process read off it. */
import type { ECashIssuer } from "../../src/ecash/index.js";
import type { MintAction } from "../../src/mint/index.js";

/** `acknowledge`, or the reason of a refusal. */
export const outcome = ({ decision }: MintAction): string =>
  decision.kind === "acknowledge" ? "acknowledge" : decision.reason;

/** An issuer that counts how often it signed. */
export function counting(inner: ECashIssuer): { issuer: ECashIssuer; signed: () => number } {
  let count = 0;
  return {
    issuer: {
      price: (request) => inner.price(request),
      issue: (request) => {
        count++;
        return inner.issue(request);
      },
    },
    signed: () => count,
  };
}
