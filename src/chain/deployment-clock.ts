/** The clock of a deployment as a role last read it: the time of the last final block, less the time shift. */
import type { Provider } from "ethers";
import { checkClock, deploymentTime, type ClockTerms } from "./clock.js";

export class DeploymentClock {
  /** Unix seconds; never goes back. */
  #now = 0;

  /** @param own this machine's clock, Unix seconds: compared at each reading when given */
  constructor(
    private readonly provider: Provider,
    private readonly terms: ClockTerms,
    private readonly own?: () => bigint,
  ) {}

  get now(): number {
    return this.#now;
  }

  /** Asks the node. @throws chain/clock-differs, chain/no-final-block, chain/unreachable */
  async read(): Promise<number> {
    const time = await deploymentTime(this.provider, this.terms);
    if (this.own !== undefined) {
      checkClock(this.terms, time, this.own() - BigInt(this.terms.timeShift));
    }
    this.#now = Math.max(this.#now, Number(time));
    return this.#now;
  }
}
