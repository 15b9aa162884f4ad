/**
 * A control centre in a process of its own, to be killed: begins the interval of a test and admits
 * the packets of a file one by one, saying on stdout which receipts it has given.
 */
import { readFileSync } from "node:fs";
import { hexToBytes } from "@noble/hashes/utils.js";
import { TestNeighbourhood } from "./support.js";

export interface ChildTask {
  readonly seed: string;
  readonly homes: number;
  readonly interval: number;
  readonly directory: string;
  /** Packets in hexadecimal. */
  readonly packets: readonly string[];
}

async function run(path: string): Promise<void> {
  const task = JSON.parse(readFileSync(path, "utf8")) as ChildTask;
  const n = new TestNeighbourhood(task.seed, task.homes);
  const centre = await n.openControlCentre(task.directory);
  await centre.begin(n.registrar().list(task.interval));
  for (const [i, packet] of task.packets.entries()) {
    const [answer] = await centre.admit([hexToBytes(packet)]);
    const given = typeof answer!.refused !== "string" && "receipt" in answer!;
    if (given) process.stdout.write(`${i}\n`);
  }
}

const task = process.env.SIPSTER_TEST_CONTROL_CENTRE;
if (task !== undefined) await run(task);
