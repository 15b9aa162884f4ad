/**
 * The terms that a role goes by: those whose hashes the chain has as of a final block, by period, and
 * the deployment's clock, with which the role's own is compared.
 */
import type { Provider } from "ethers";
import {
  periodOfTime,
  termsHash,
  type SystemParameters,
  type SystemTerms,
} from "../../sipster/index.js";
import { checkClock } from "../clock.js";
import type { Deployment } from "../deploy/deployment.js";
import { finalBlock, latestBlock, type BlockTime } from "../final-block.js";
import { chainErrors } from "../errors/errors.js";
import { readAnnouncements, termsOfPeriod, type Announcements } from "./parameters.js";

/** Terms, and the first period that they rule, YYYYMM. */
export interface RulingTerms {
  readonly firstPeriod: number;
  readonly terms: SystemTerms;
}

export interface PinnedTerms {
  /** Announced by the final block, oldest first. */
  readonly all: readonly RulingTerms[];
  /** Those that rule the month of the final block. */
  readonly current: SystemTerms;
  readonly finalBlock: BlockTime;
  /** Time of the deployment at the final block, Unix seconds. */
  readonly time: bigint;
}

/**
 * Takes the terms that are served, if they are those announced and no others, and compares this
 * machine's clock.
 * @throws chain/parameters-not-announced, parameters-of-another-deployment, clock-differs, no-final-block
 */
export async function pinTerms({
  provider,
  deployment,
  served,
  own,
}: {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly served: SystemParameters;
  /** Unix seconds */
  readonly own: bigint;
}): Promise<PinnedTerms> {
  // Which block is final is itself a rule of the terms: of those that rule the month of the latest.
  const latest = await latestBlock(provider);
  const announced = await readAnnouncements(provider, deployment, latest.number);
  checkServed(announced, served);
  const newest = termsOfPeriod({
    deployment,
    announced,
    served,
    period: periodOfTime(latest.timestamp),
  });
  const block = await finalBlock(provider, newest.finality);
  const known = await readAnnouncements(provider, deployment, block.number);
  const all = known.terms.map(({ firstPeriod }) => ({
    firstPeriod,
    terms: termsOfPeriod({ deployment, announced: known, served, period: firstPeriod }),
  }));
  const time = block.timestamp - BigInt(newest.timeShift);
  const current = termsOfPeriod({
    deployment,
    announced: known,
    served,
    period: periodOfTime(time),
  });
  checkClock(current, time, own - BigInt(current.timeShift));
  return { all, current, finalBlock: block, time };
}

/** Terms that nobody announced rule nothing; who serves them to one home may come to use them there. */
function checkServed({ terms }: Announcements, served: SystemParameters): void {
  for (const each of served.terms) {
    const hash = termsHash(each);
    if (terms.some((one) => one.hash === hash)) continue;
    const what = `the terms ${hash} were served, and the chain did not announce them`;
    throw chainErrors.error("parameters-not-announced", what, { hash });
  }
}
