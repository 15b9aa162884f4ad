/** The publishing command, run as its user runs it, against a system on a local chain. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Interface, type InterfaceAbi } from "ethers";
import { writeDeployment, type Deployment } from "../../src/chain/index.js";
import { sipster } from "../support/recorded-io.js";

/** Runs `sipster publish`; its exit code, and what it wrote to stderr and stdout. */
export async function runPublish(...args: string[]): Promise<{ code: number; output: string }> {
  const { code, out, err } = await sipster("publish", ...args);
  return { code, output: out + err };
}

/** The record of the deployment where the script looks for it: its options. */
export function recordOptions(folder: string, rpc: string, deployment: Deployment): string[] {
  const deployments = join(folder, "deployments");
  mkdirSync(deployments, { recursive: true });
  writeFileSync(join(deployments, `${deployment.chainId}.json`), writeDeployment(deployment));
  return ["--rpc", rpc, "--deployments", deployments];
}

/** `@notice` by signature. An error may be documented in several places. */
export interface Userdoc {
  readonly methods: Readonly<Record<string, { readonly notice?: string }>>;
  readonly events?: Readonly<Record<string, { readonly notice?: string }>>;
  readonly errors?: Readonly<Record<string, readonly { readonly notice?: string }[]>>;
}

/** What was published of a contract, read from the files and from nothing else. */
export class Published {
  readonly abi: Interface;
  readonly userdoc: Userdoc;
  readonly devdoc: { readonly title?: string };

  constructor(
    readonly folder: string,
    readonly name: string,
  ) {
    this.abi = new Interface(this.#read("abi") as InterfaceAbi);
    this.userdoc = this.#read("userdoc") as Userdoc;
    this.devdoc = this.#read("devdoc") as { title?: string };
  }

  #read(kind: string): unknown {
    return JSON.parse(readFileSync(join(this.folder, kind, `${this.name}.json`), "utf8"));
  }

  noticeOf(kind: "methods" | "events" | "errors", signature: string): string | undefined {
    const found = this.userdoc[kind]?.[signature];
    return (Array.isArray(found) ? found[0] : found)?.notice as string | undefined;
  }
}

/** Every file below a folder, by its name in it. */
export function filesBelow(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(folder.length + 1), readFileSync(path, "utf8")];
      }),
  );
}
