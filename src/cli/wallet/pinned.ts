/**
 * What a wallet holds everybody to: the public parameters, whose hashes the settlement contract has,
 * the utility's keys and the mint's keys as the contracts have them.
 * A payee, a tariff or a key of one's own would mark every payment, so nothing else is used.
 */
import type { Bn254 } from "../../algebra/index.js";
import {
  finalBlock,
  readKeyEpochs,
  settlementContract,
  systemOf,
  VaultReader,
  type Deployment,
  type NoticedKey,
  type RpcProvider,
} from "../../chain/index.js";
import type { MintPeriod, MintPublicKeys } from "../../ecash/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { mintKeysOnChain } from "../../funding/index.js";
import { UtilityClient } from "../../service/index.js";
import {
  parseParameters,
  termsHash,
  type SettlementSystem,
  type SizeClass,
  type SystemNetwork,
  type SystemTerms,
} from "../../sipster/index.js";
import { cliErrors } from "../errors.js";
import { networkInForce } from "../network.js";

export interface Pinned {
  readonly system: SettlementSystem;
  /** In force since the first period that they name. */
  readonly terms: SystemTerms;
  readonly keys: readonly NoticedKey[];
  readonly mints: readonly (MintPublicKeys & MintPeriod)[];
  readonly sizeClass: SizeClass;
  /** Relays and gateways in force; `null` if none were announced. */
  readonly network: SystemNetwork | null;
}

/** @throws cli/other-parameters, cli/no-size-class, and what node and service throw */
export async function pin(
  provider: RpcProvider,
  curve: Bn254,
  {
    deployment,
    utility,
    sizeClass,
  }: { deployment: Deployment; utility: string; sizeClass: string },
  kept: KeptParameters,
): Promise<Pinned> {
  const bytes = await servedOrKept(utility, kept);
  const served = parseParameters(bytes);
  const terms = await checkTerms(provider, deployment, served.terms);
  const block = await finalBlock(provider, terms.finality);
  const found = terms.sizeClasses.find(({ name }) => name === sizeClass);
  if (found === undefined) {
    const names = terms.sizeClasses.map(({ name }) => name).join(", ");
    throw cliErrors.error("no-size-class", `"${sizeClass}" is not one of: ${names}`);
  }
  kept.write(bytes);
  return {
    system: systemOf(deployment),
    terms,
    keys: await readKeyEpochs(provider, deployment, curve, { toBlock: block.number }),
    mints: await mintKeysOnChain(new VaultReader(provider, deployment), curve, block.number),
    sizeClass: found,
    network: await networkInForce(provider, deployment, served, terms),
  };
}

/**
 * Whether two pins are of the same state of the chain. Terms and keys are only ever added, so their
 * numbers tell.
 */
export function isSamePin(a: Pinned, b: Pinned): boolean {
  return stateOf(a) === stateOf(b);
}

function stateOf({ terms, keys, mints, network, sizeClass }: Pinned): string {
  return JSON.stringify([termsHash(terms), keys.length, mints.length, network, sizeClass.name]);
}

/** The parameters as they were served last: with them a wallet gets its money back from a silent utility. */
export interface KeptParameters {
  read(): Uint8Array | null;
  write(served: Uint8Array): void;
}

async function servedOrKept(utility: string, kept: KeptParameters): Promise<Uint8Array> {
  try {
    return await new UtilityClient(utility).call("system", {}, undefined);
  } catch (error) {
    const before = isSipsterError(error, "service/unreachable") ? kept.read() : null;
    if (before === null) throw error;
    return before;
  }
}

/** The last terms, if the contract has the hashes of all that are served, and of no others. */
async function checkTerms(
  provider: RpcProvider,
  deployment: Deployment,
  served: readonly SystemTerms[],
): Promise<SystemTerms> {
  const contract = settlementContract(deployment, provider);
  const count = Number(await contract.termsCount());
  const differ = (why: string) =>
    cliErrors.error("other-parameters", `the utility serves other parameters: ${why}`);
  if (served.length !== count) {
    throw differ(`${served.length} terms, and the contract has ${count}`);
  }
  for (const [i, terms] of served.entries()) {
    const { hash } = await contract.termsAt(i);
    if (termsHash(terms) !== hash) throw differ(`its terms number ${i} have another hash`);
  }
  const last = served.at(-1);
  if (last === undefined) throw differ("none are announced");
  const { settlement, vault } = deployment.contracts;
  const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
  const { chainId, settlement: s, vault: v } = last.deployment;
  if (chainId !== deployment.chainId || !same(s, settlement.address) || !same(v, vault.address)) {
    throw differ("they are of another deployment");
  }
  return last;
}
