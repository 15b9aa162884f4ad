/** A real `anvil`, an EVM written by others, in a process of its own, on loopback and a free port. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { HardhatNode } from "./hardhat-node.js";

/** Where npm put the binary for this machine; `null` where there is none for it. */
function anvilBinary(): string | null {
  const require = createRequire(import.meta.url);
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const extension = process.platform === "win32" ? ".exe" : "";
  try {
    return require.resolve(
      `@foundry-rs/anvil-${process.platform}-${architecture}/bin/anvil${extension}`,
    );
  } catch {
    return null;
  }
}

/** Starts anvil with the accounts, the hard fork and the chain id that Hardhat's node has. */
export async function startAnvil(...options: readonly string[]): Promise<HardhatNode> {
  const binary = anvilBinary();
  if (binary === null) throw new Error("npm has no anvil for this machine");
  const args = ["--host", "127.0.0.1", "--port", "0", "--hardfork", "osaka", ...options];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const url = await new Promise<string>((found, failed) => {
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const [, address] = /Listening on (127\.0\.0\.1:\d+)/.exec(output) ?? [];
      if (address !== undefined) found(`http://${address}`);
    });
    child.on("exit", (code) => failed(new Error(`anvil ended with ${code}:\n${output}`)));
  });
  return {
    url,
    async stop() {
      child.kill();
      await exited;
    },
  };
}
