/** Child processes that tests kill: `kill -9` leaves no chance to finish a write. */
import { spawn, type ChildProcess } from "node:child_process";

/** Starts a TypeScript file with arguments; what it writes to stderr is shown, or kept as told. */
export function startScript(
  file: string,
  args: readonly string[],
  {
    stderr = "inherit",
    stdin = "ignore",
  }: { stderr?: "inherit" | "pipe"; stdin?: "ignore" | "pipe" } = {},
): ChildProcess {
  const loader = import.meta.resolve("tsx");
  return spawn(process.execPath, ["--import", loader, file, ...args], {
    stdio: [stdin, "pipe", stderr],
  });
}

/** Resolves with the lines printed so far as soon as `enough` says so, after killing the child. */
export function killWhen(
  child: ChildProcess,
  enough: (lines: readonly string[]) => boolean,
): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    let text = "";
    const lines = (): string[] => text.split("\n").slice(0, -1);
    child.stdout!.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (enough(lines())) child.kill("SIGKILL");
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(lines());
      else reject(new Error(`the child ended by itself with ${code}: ${text}`));
    });
  });
}
