/** The processes of a benchmark, and what each uses of the CPU. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Role, Usage } from "./role.js";

export interface RunningRole {
  readonly role: Role;
  readonly url: string;
  usage(): Promise<Usage>;
  stop(): void;
}

export async function startRole(role: Role, target: string): Promise<RunningRole> {
  const child: ChildProcess = fork(join(import.meta.dirname, "role.ts"), [role, target], {
    execArgv: ["--import", import.meta.resolve("tsx")],
  });
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  return {
    role,
    url,
    async usage() {
      child.send("usage");
      const [usage] = (await once(child, "message")) as [Usage];
      return usage;
    },
    stop: () => child.disconnect(),
  };
}

/** Milliseconds in a tick of the kernel's accounting. */
const TICK = 10;

/** CPU of every process of a PostgreSQL cluster, those that have ended included. */
export function clusterUsage(folder: string): number {
  let total = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const isServer = readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const isBackend =
        !isServer && readFileSync(`/proc/${parent[1]!}/cmdline`, "utf8").includes(folder);
      if (!isServer && !isBackend) continue;
      // utime, stime; of the server also what its ended children used.
      const fields = isServer ? parent.slice(11, 15) : parent.slice(11, 13);
      total += fields.reduce((sum, field) => sum + Number(field), 0) * TICK;
    } catch {
      // It ended while it was looked at.
    }
  }
  return total;
}
