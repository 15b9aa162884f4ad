/** A real `hardhat node` in a process of its own, on loopback and any free port. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

export interface HardhatNode {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startHardhatNode(): Promise<HardhatNode> {
  const root = resolve(import.meta.dirname, "../..");
  const cli = resolve(root, "node_modules/hardhat/dist/src/cli.js");
  const child = spawn(process.execPath, [cli, "node", "--hostname", "127.0.0.1", "--port", "0"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  const url = await new Promise<string>((found, failed) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const [, address] = /server at (http:\/\/127\.0\.0\.1:\d+)/.exec(output) ?? [];
      if (address !== undefined) found(address);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", (code) => failed(new Error(`hardhat node ended with ${code}:\n${output}`)));
  });
  return {
    url,
    async stop() {
      child.kill();
      await exited;
    },
  };
}
