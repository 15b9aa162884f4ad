/** The chain of a town as a file, since a development chain keeps nothing on disk. */
import { closeSync, openSync, writeSync } from "node:fs";
import type { RpcProvider } from "../chain/index.js";

/** Writes a line of JSON a block: the block with its transactions whole, and its events. */
export async function recordChain(provider: RpcProvider, file: string): Promise<void> {
  const last = await provider.getBlockNumber();
  const out = openSync(file, "w", 0o600);
  try {
    for (let number = 0; number <= last; number++) {
      const tag = `0x${number.toString(16)}`;
      const block = (await provider.send("eth_getBlockByNumber", [tag, true])) as object;
      const logs = (await provider.send("eth_getLogs", [
        { fromBlock: tag, toBlock: tag },
      ])) as object[];
      writeSync(out, `${JSON.stringify({ ...block, logs })}\n`);
    }
  } finally {
    closeSync(out);
  }
}
