/**
 * What other people's explorers and wallets read, as files:
 *
 *     abi/<Contract>.json        the ABI, with events and errors
 *     userdoc/<Contract>.json    what each function, event and error means, for users
 *     devdoc/<Contract>.json     and for developers
 *     erc7730/…                  how a wallet shows a settlement before it is signed
 *     contracts/full_match/<chainId>/<address>/   of a deployment, in the layout of a Sourcify repository:
 *         metadata.json, sources/…, creator-tx-hash.txt, constructor-args.txt, immutable-references.json
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseJson } from "../../../json/index.js";
import { chainErrors } from "../../errors/errors.js";
import { PACKAGE_ROOT } from "../bytecode/source-files.js";
import type { BuiltContract } from "./built-contract.js";
import type { PublishedContract } from "./deployed-contract.js";

export const DESCRIPTOR = "erc7730/calldata-BillSettlement.json";

/** Writes the files that need no deployment. Returns their names. */
export function publishInterfaces(out: string, contracts: readonly BuiltContract[]): string[] {
  return contracts.flatMap(({ name, abi, userdoc, devdoc }) => [
    write(out, `abi/${name}.json`, json(abi)),
    write(out, `userdoc/${name}.json`, json(userdoc)),
    write(out, `devdoc/${name}.json`, json(devdoc)),
  ]);
}

/** Writes a deployed contract as a Sourcify repository keeps an exact match. Returns the names. */
export function publishMatch(
  out: string,
  { built, chainId, address, transaction, constructorArguments }: PublishedContract,
): string[] {
  const folder = `contracts/full_match/${chainId}/${address}`;
  const files = [write(out, `${folder}/metadata.json`, built.metadata)];
  for (const [name, content] of built.sources) {
    files.push(write(out, `${folder}/sources/${name}`, content));
  }
  if (transaction !== null) {
    files.push(write(out, `${folder}/creator-tx-hash.txt`, transaction));
  }
  if (constructorArguments !== null) {
    files.push(write(out, `${folder}/constructor-args.txt`, constructorArguments));
  }
  if (Object.keys(built.immutableReferences).length > 0) {
    const references = JSON.stringify(built.immutableReferences);
    files.push(write(out, `${folder}/immutable-references.json`, references));
  }
  return files;
}

/**
 * Writes the ERC-7730 descriptor, for the settlement contracts that are named.
 * @param owner whose contract it is, as a wallet shows it
 */
export function publishDescriptor(
  out: string,
  deployments: readonly Pick<PublishedContract, "chainId" | "address">[],
  owner?: string,
): string {
  const template = readFileSync(resolve(PACKAGE_ROOT, "contracts", DESCRIPTOR), "utf8");
  const descriptor = parseJson(template, (why) =>
    chainErrors.error("no-sources", `${DESCRIPTOR} ${why}`),
  ) as {
    context: { contract: { deployments: unknown } };
    metadata: { owner: string };
  };
  // The format wants the chain's number as a number of JSON.
  descriptor.context.contract.deployments = deployments.map(({ chainId, address }) => ({
    chainId: Number(chainId),
    address,
  }));
  if (owner !== undefined) descriptor.metadata.owner = owner;
  return write(out, DESCRIPTOR, json(descriptor));
}

function write(out: string, name: string, content: string): string {
  const path = join(out, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return name;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
