/**
 * The clock that every role goes by: the time of the latest final block less the deployment's time
 * shift. A role's own clock may be at most an hour after it, and not before: a wrong clock would pay
 * or settle outside the windows that everybody uses, and so stand out.
 */
import type { Provider } from "ethers";
import type { SystemTerms } from "../sipster/index.js";
import { chainErrors } from "./errors/errors.js";
import { finalBlock } from "./final-block.js";

/** How far a role's own clock may be ahead of the latest final block, in seconds. */
export const MAX_CLOCK_LEAD = 3600n;

/** What of the terms the clock needs. */
export type ClockTerms = Pick<SystemTerms, "finality" | "timeShift" | "lead">;

/** Time of the deployment at the latest final block, Unix seconds. @throws chain/no-final-block */
export async function deploymentTime(provider: Provider, terms: ClockTerms): Promise<bigint> {
  const { timestamp } = await finalBlock(provider, terms.finality);
  return timestamp - BigInt(terms.timeShift);
}

/**
 * Checks a role's own clock against the deployment's time. A development deployment (lead 0)
 * compares nothing.
 * @param own Unix seconds
 * @throws chain/clock-differs
 */
export function checkClock(
  { lead }: Pick<ClockTerms, "lead">,
  deployment: bigint,
  own: bigint,
): void {
  if (lead === 0 || (own >= deployment && own - deployment <= MAX_CLOCK_LEAD)) return;
  const ahead = own - deployment;
  throw chainErrors.error(
    "clock-differs",
    ahead < 0n
      ? `this machine's clock is ${-ahead} seconds before the latest final block`
      : `this machine's clock is ${ahead} seconds after the latest final block`,
    { seconds: ahead },
  );
}
