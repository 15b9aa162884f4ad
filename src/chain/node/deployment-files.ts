/**
 * Where the command line keeps what belongs to a deployment, in one folder:
 *
 *     <chainId>.json                      the record
 *     <chainId>-<genesis>.json            of an earlier chain with this number
 *     ignition/<chainId>-<genesis>/       journal of deploying
 *     pending/<chainId>-<genesis>/        transactions sent and not known to be mined
 *     relay/<chainId>-<genesis>.queue     bills that a relayer has taken
 */
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseDeployment, writeDeployment, type Deployment } from "../deploy/deployment.js";
import { chainErrors } from "../errors/errors.js";

type Chain = Pick<Deployment, "chainId" | "genesisHash">;

export function recordFile(folder: string, chainId: bigint): string {
  return join(folder, `${chainId}.json`);
}

export function ignitionFolder(folder: string, chain: Chain): string {
  return join(folder, "ignition", nameOf(chain));
}

export function pendingFolder(folder: string, chain: Chain): string {
  return join(folder, "pending", nameOf(chain));
}

export function relayQueueFile(folder: string, chain: Chain): string {
  return join(folder, "relay", `${nameOf(chain)}.queue`);
}

/** Development chains share a number; their genesis blocks differ. */
function nameOf({ chainId, genesisHash }: Chain): string {
  return `${chainId}-${genesisHash.slice(2, 10)}`;
}

/** @throws chain/no-deployment, chain/bad-deployment */
export async function readDeployment(file: string): Promise<Deployment> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw chainErrors.errorFrom({
      key: "no-deployment",
      message: `the deployment record ${file} cannot be read`,
      details: { file },
      cause: error,
    });
  }
  return parseDeployment(text);
}

/**
 * Writes the record, whole or not at all; that of an earlier chain with the same number is kept
 * under another name. Returns the file.
 */
export async function saveDeployment(folder: string, deployment: Deployment): Promise<string> {
  const file = recordFile(folder, deployment.chainId);
  await mkdir(dirname(file), { recursive: true });
  if (existsSync(file)) {
    const before = await readDeployment(file);
    if (before.genesisHash !== deployment.genesisHash) {
      await rename(file, join(folder, `${nameOf(before)}.json`));
    }
  }
  const beside = `${file}.new`;
  const handle = await open(beside, "w");
  try {
    await handle.writeFile(writeDeployment(deployment));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
  return file;
}
