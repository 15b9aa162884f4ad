/**
 * What a wallet holds everybody to: the public parameters, whose hashes the settlement contract has,
 * the utility's keys and the mint's keys as the contracts have them.
 * A payee, a tariff or a key of one's own would mark every payment, so nothing else is used.
 */
import type { Bn254 } from "../../algebra/index.js";
import {
  pinTerms,
  readKeyEpochs,
  systemOf,
  VaultReader,
  type Deployment,
  type NoticedKey,
  type RpcProvider,
  type RulingTerms,
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
import { systemClock } from "../../time/system-clock.js";
import { cliErrors } from "../errors.js";
import { networkInForce } from "../network.js";

export interface Pinned {
  readonly system: SettlementSystem;
  /** Announced as of the final block, oldest first. */
  readonly announced: readonly RulingTerms[];
  /** Those that rule the month of the final block. */
  readonly terms: SystemTerms;
  readonly keys: readonly NoticedKey[];
  readonly mints: readonly (MintPublicKeys & MintPeriod)[];
  /** The home's, in these terms. */
  readonly sizeClass: SizeClass;
  /** Relays and gateways in force; `null` if none were announced. */
  readonly network: SystemNetwork | null;
}

/**
 * @throws chain/parameters-not-announced, parameters-of-another-deployment, clock-differs;
 *   cli/no-size-class; and what node and service throw
 */
export async function pin({
  provider,
  curve,
  deployment,
  utility,
  sizeClass,
  kept,
}: {
  readonly provider: RpcProvider;
  readonly curve: Bn254;
  readonly deployment: Deployment;
  readonly utility: string;
  readonly sizeClass: string;
  readonly kept: KeptParameters;
}): Promise<Pinned> {
  const bytes = await servedOrKept(utility, kept);
  const served = parseParameters(bytes);
  const pinned = await pinTerms({ provider, deployment, served, own: ownTime() });
  const { all, current, finalBlock: block } = pinned;
  const found = classNamed(current, sizeClass);
  if (found === undefined) {
    const names = current.sizeClasses.map(({ name }) => name).join(", ");
    throw cliErrors.error("no-size-class", `"${sizeClass}" is not one of: ${names}`);
  }
  kept.write(bytes);
  return {
    system: systemOf(deployment),
    announced: all,
    terms: current,
    keys: await readKeyEpochs({ provider, deployment, curve, toBlock: block.number }),
    mints: await mintKeysOnChain(new VaultReader(provider, deployment), curve, block.number),
    sizeClass: found,
    network: await networkInForce({ provider, deployment, served, terms: current }),
  };
}

/**
 * Whether two pins are of the same state of the chain. Terms and keys are only ever added, so their
 * numbers tell.
 */
export function isSamePin(a: Pinned, b: Pinned): boolean {
  return stateOf(a) === stateOf(b);
}

function stateOf({ announced, terms, keys, mints, network, sizeClass }: Pinned): string {
  const counts = [announced.length, keys.length, mints.length];
  return JSON.stringify([termsHash(terms), ...counts, network, sizeClass.name]);
}

/** This machine's clock, Unix seconds. */
export function ownTime(): bigint {
  return BigInt(Math.floor(systemClock() / 1000));
}

/** `undefined` if these terms have no such class. */
export function classNamed({ sizeClasses }: SystemTerms, wanted: string): SizeClass | undefined {
  return sizeClasses.find(({ name }) => name === wanted);
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
