/** The clock of a deployment as a role last read it: the time of the last final block, less the time shift. */
import type { Provider } from "ethers";
import { deploymentTime, type ClockTerms } from "./clock.js";

export class DeploymentClock {
  /** Unix seconds; never goes back. */
  #now = 0;

  constructor(
    private readonly provider: Provider,
    private readonly terms: ClockTerms,
  ) {}

  get now(): number {
    return this.#now;
  }

  /** Asks the node. @throws chain/no-final-block, chain/unreachable */
  async read(): Promise<number> {
    this.#now = Math.max(this.#now, Number(await deploymentTime(this.provider, this.terms)));
    return this.#now;
  }
}
