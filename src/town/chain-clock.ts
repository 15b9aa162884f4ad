/**
 * The clock of a development chain, moved by one process: nobody sleeps, and a month passes as fast as
 * the work of its hours is done.
 */
import type { RpcProvider } from "../chain/index.js";
import { townErrors } from "./errors.js";

export class ChainClock {
  /** What the deployment's clock shows less than the chain's, in seconds; known once the terms are. */
  timeShift = 0;

  private constructor(private readonly provider: RpcProvider) {}

  /** @throws town/not-for-development on any chain but a development node's */
  static async of(provider: RpcProvider): Promise<ChainClock> {
    const client = String(await provider.send("web3_clientVersion", []));
    if (!/^(HardhatNetwork|anvil)/i.test(client)) {
      throw townErrors.error("not-for-development", `the node is ${client.slice(0, 60)}`);
    }
    return new ChainClock(provider);
  }

  /** Time of the latest block, Unix seconds. */
  async chainTime(): Promise<number> {
    const block = (await this.provider.send("eth_getBlockByNumber", ["latest", false])) as {
      timestamp: string;
    };
    return Number(block.timestamp);
  }

  /** The deployment's clock, Unix seconds. */
  async now(): Promise<number> {
    return (await this.chainTime()) - this.timeShift;
  }

  /** Mines a block at this time of the deployment, unless it is past. Returns what the clock shows. */
  async advanceTo(time: number): Promise<number> {
    const wanted = time + this.timeShift;
    if (wanted > (await this.chainTime())) {
      await this.provider.send("evm_setNextBlockTimestamp", [wanted]);
      await this.provider.send("evm_mine", []);
    }
    return this.now();
  }
}
