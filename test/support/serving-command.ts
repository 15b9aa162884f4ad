/** A command that serves something until it is told to stop, in a process of its own. */
import type { ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { startScript } from "./child.js";

export interface ServingCommand<T> {
  /** The JSON that it printed when it was ready. */
  readonly json: T;
  /** Everything that it has printed, on both streams. */
  log(): string;
  /** Sends the signal and resolves with the exit code. */
  stop(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

const running = new Set<ChildProcess>();

/** For `afterEach`: ends what a failed test has left running. */
export function killCommands(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Starts `sipster ARGS… --json`; rejects if it ends before it has printed its document. */
export async function startCommand<T>(...args: string[]): Promise<ServingCommand<T>> {
  const script = resolve(import.meta.dirname, "sipster-child.ts");
  const child = startScript(script, [...args, "--json"], { stderr: "pipe" });
  running.add(child);
  const ended = new Promise<number | null>((done) => child.on("close", done));
  void ended.then(() => running.delete(child));
  let progress = "";
  let log = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (part: Buffer) => (log += part.toString()));
  }
  child.stderr!.on("data", (part: Buffer) => (progress += part.toString()));
  const json = await new Promise<T>((ready, reject) => {
    let text = "";
    child.stdout!.on("data", (part: Buffer) => {
      text += part.toString();
      if (text.endsWith("\n}\n")) ready(JSON.parse(text) as T);
    });
    void ended.then((code) => {
      reject(new Error(`the command ended with ${code}: ${text}${progress}`));
    });
  });
  return {
    json,
    log: () => log,
    stop(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
