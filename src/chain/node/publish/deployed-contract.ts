/** A contract at an address that is what was built: only such a one is published as a match. */
import { getAddress, type Provider } from "ethers";
import { readCreation } from "../../audit/creation.js";
import type { DeployedContract } from "../../deploy/deployment.js";
import { describeDifference } from "../bytecode/differences.js";
import { chainErrors } from "../../errors/errors.js";
import type { BuiltContract } from "./built-contract.js";

export interface PublishedContract {
  readonly built: BuiltContract;
  readonly chainId: bigint;
  readonly address: string;
  /** The transaction that created it, where it is known. */
  readonly transaction: string | null;
  /** The constructor's arguments as they were encoded, 0x-hex, where its creation is known. */
  readonly constructorArguments: string | null;
}

/**
 * Of a deployment's record.
 * @throws chain/not-as-built
 */
export async function publishedOfRecord({
  provider,
  chainId,
  contract,
  built,
}: {
  readonly provider: Provider;
  readonly chainId: bigint;
  readonly contract: DeployedContract;
  readonly built: BuiltContract;
}): Promise<PublishedContract> {
  const { address } = contract;
  const block = await provider.getBlockNumber();
  const { code, data, fault } = await readCreation(provider, contract, block);
  if (fault !== null) throw notPublished(built, address, fault.problem);
  requireBuilt(code, built, address);
  if (data?.startsWith(built.creationCode) !== true) {
    throw notPublished(built, address, "it was created from another source");
  }
  const constructorArguments = `0x${data.slice(built.creationCode.length)}`;
  return {
    built,
    chainId,
    address,
    transaction: contract.transaction ?? null,
    constructorArguments: constructorArguments === "0x" ? null : constructorArguments,
  };
}

/**
 * At an address that was named.
 * @throws chain/not-as-built
 */
export async function publishedAt({
  provider,
  chainId,
  address,
  built,
}: {
  readonly provider: Provider;
  readonly chainId: bigint;
  readonly address: string;
  readonly built: BuiltContract;
}): Promise<PublishedContract> {
  requireBuilt(await provider.getCode(address), built, address);
  return {
    built,
    chainId,
    address: getAddress(address),
    transaction: null,
    constructorArguments: null,
  };
}

/** The note at the end of the code, with the hash of the metadata, is part of what is compared. */
function requireBuilt(code: string, built: BuiltContract, address: string): void {
  if (code === "0x") throw notPublished(built, address, "there is no contract at the address");
  const places = Object.values(built.immutableReferences).flat();
  const difference = describeDifference(code, built.runtimeCode, places);
  if (difference !== null) throw notPublished(built, address, difference);
}

function notPublished({ name }: BuiltContract, address: string, problem: string): Error {
  const what = `${name} at ${address} is not what was built here: ${problem}`;
  return chainErrors.error("not-as-built", what, { address });
}
