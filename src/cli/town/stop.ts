/**
 * How a town is stopped: by a file in its folder, which the town itself looks for. A number of a process
 * that is kept on disk may be another program's by now, and that must not be ended.
 */
import { existsSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { TownFolder, TownState } from "../../town/index.js";

const NAME = "stop.json";
/** Milliseconds between two looks. */
const LOOK = 100;
/** Milliseconds until a town that runs has seen that it is to stop, and until it has ended. */
const [SEEN, ENDED] = [10_000, 60_000];

/**
 * Resolves when a town that is over is asked to stop. In the middle of the month there is nothing to
 * finish: the town ends at once, and its processes with it.
 */
export function stopAsked(folder: TownFolder): Promise<void> {
  rmSync(folder.at(NAME), { force: true });
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!existsSync(folder.at(NAME))) return;
      clearInterval(timer);
      const { phase } = folder.readState() as TownState;
      rmSync(folder.at(NAME), { force: true });
      if (phase === "over") resolve();
      else process.kill(process.pid, "SIGKILL");
    }, LOOK);
    timer.unref();
  });
}

/** Asks the town of the folder, and waits until its processes are gone. */
export async function askToStop(folder: TownFolder): Promise<void> {
  const { pid, processes } = folder.readState() as TownState;
  folder.writeJson(NAME, { format: "sipster/town-stop@1" });
  for (let waited = 0; existsSync(folder.at(NAME)) && waited < SEEN; waited += LOOK) {
    await sleep(LOOK);
  }
  // Nobody has seen it: no town runs there, and another process may have its number.
  if (existsSync(folder.at(NAME))) return void rmSync(folder.at(NAME), { force: true });
  const all = [pid, ...processes.map((process) => process.pid)];
  for (let waited = 0; all.some(isThere) && waited < ENDED; waited += LOOK) await sleep(LOOK);
}

function isThere(pid: number | null): boolean {
  try {
    return pid !== null && process.kill(pid, 0);
  } catch {
    return false;
  }
}
