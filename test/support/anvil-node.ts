/**
 * A real `anvil`, an EVM written by others, in a process of its own, on loopback and a free port. Its
 * binary is named by SIPSTER_ANVIL or found on the PATH; a machine without it skips the tests that
 * need it and says so, and SIPSTER_REQUIRE_ANVIL=1 makes its absence a failure.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { Suite } from "mocha";
import type { HardhatNode } from "./hardhat-node.js";

const binary = process.env.SIPSTER_ANVIL ?? "anvil";

/** A suite whose tests need anvil. */
export function describeWithAnvil(title: string, body: (this: Suite) => void): void {
  const isThere = spawnSync(binary, ["--version"], { stdio: "ignore" }).status === 0;
  if (isThere || process.env.SIPSTER_REQUIRE_ANVIL === "1") {
    describe(title, body);
  } else {
    describe(`${title} (skipped: needs anvil, which is not installed)`, () => {
      it("needs anvil: its path in SIPSTER_ANVIL");
    });
  }
}

/** Starts anvil with the accounts, the hard fork and the chain id that Hardhat's node has. */
export async function startAnvil(...options: readonly string[]): Promise<HardhatNode> {
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
    child.on("error", failed);
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
