/**
 * The public parameters on the chain: announcing their hashes, reading the announcements back, and
 * taking parameters that were served only if the chain announced their very bytes.
 */
import type { Provider } from "ethers";
import {
  networkHash,
  termsHash,
  type ParametersHash,
  type SystemNetwork,
  type SystemParameters,
  type SystemTerms,
} from "../../sipster/index.js";
import { settlementContract, type Deployment } from "../deploy/deployment.js";
import { chainErrors } from "../errors/errors.js";
import type { TransactionSender } from "../transactions/transaction-sender.js";
import type { Registration } from "./meters.js";

export interface AnnouncedTerms {
  readonly hash: ParametersHash;
  /** First period they rule, YYYYMM; 0 for the first terms. */
  readonly firstPeriod: number;
}

export interface AnnouncedNetwork {
  readonly hash: ParametersHash;
  /** Unix seconds. */
  readonly inForceAt: bigint;
}

/** Oldest first. */
export interface Announcements {
  readonly terms: readonly AnnouncedTerms[];
  readonly network: readonly AnnouncedNetwork[];
}

/**
 * Announces terms from a period on. Does nothing if these are the last announced, for that period.
 * @throws sipster/bad-parameters, contract/…
 */
export async function announceTerms(
  sender: TransactionSender,
  deployment: Deployment,
  { terms, firstPeriod }: { readonly terms: SystemTerms; readonly firstPeriod: number },
): Promise<Registration> {
  const hash = termsHash(terms);
  const last = (await readAnnouncements(sender.provider, deployment)).terms.at(-1);
  if (last?.hash === hash && last.firstPeriod === firstPeriod) return { transactions: [] };
  const { interface: abi } = settlementContract(deployment, sender);
  const data = abi.encodeFunctionData("announceTerms", [hash, firstPeriod]);
  return send(sender, deployment, data);
}

/** Announces network parameters. Does nothing if they are the last announced. @throws as above */
export async function announceNetwork(
  sender: TransactionSender,
  deployment: Deployment,
  network: SystemNetwork,
): Promise<Registration> {
  const hash = networkHash(network);
  const last = (await readAnnouncements(sender.provider, deployment)).network.at(-1);
  if (last?.hash === hash) return { transactions: [] };
  const { interface: abi } = settlementContract(deployment, sender);
  return send(sender, deployment, abi.encodeFunctionData("announceNetwork", [hash]));
}

/** Every announcement as of a block, the newest when absent. @throws chain/unreachable */
export async function readAnnouncements(
  provider: Provider,
  deployment: Deployment,
  blockTag: number | "latest" = "latest",
): Promise<Announcements> {
  const contract = settlementContract(deployment, { provider });
  const at = { blockTag };
  const [terms, networks] = await Promise.all([contract.termsCount(at), contract.networkCount(at)]);
  const numbers = (count: bigint) => Array.from({ length: Number(count) }, (_, i) => i);
  return {
    terms: await Promise.all(
      numbers(terms).map(async (i) => {
        const { hash, firstPeriod } = await contract.termsAt(i, at);
        return { hash: hash as ParametersHash, firstPeriod: Number(firstPeriod) };
      }),
    ),
    network: await Promise.all(
      numbers(networks).map(async (i) => {
        const { hash, inForceAt } = await contract.networkAt(i, at);
        return { hash: hash as ParametersHash, inForceAt };
      }),
    ),
  };
}

/**
 * The served terms that rule a period. Their bytes are those announced, and they name this deployment
 * and its notice signer and lead.
 * @throws chain/parameters-not-announced, chain/parameters-of-another-deployment
 */
export function termsOfPeriod({
  deployment,
  announced,
  served,
  period,
}: {
  readonly deployment: Deployment;
  readonly announced: Announcements;
  readonly served: SystemParameters;
  readonly period: number;
}): SystemTerms {
  const due = announced.terms.findLast(({ firstPeriod }) => firstPeriod <= period);
  const terms = served.terms.find((each) => termsHash(each) === due?.hash);
  if (terms === undefined) throw notAnnounced(`terms of period ${period}`, due?.hash);
  const { settlement, vault, orderBoard, token } = deployment.contracts;
  const pairs = [
    [terms.deployment.settlement, settlement.address],
    [terms.deployment.vault, vault.address],
    [terms.deployment.orderBoard, orderBoard.address],
    [terms.token.address, token.address],
    [terms.noticeSigner, deployment.noticeSigner],
  ] as const;
  const same =
    terms.deployment.chainId === deployment.chainId &&
    terms.lead === deployment.lead &&
    pairs.every(([given, recorded]) => given === recorded.toLowerCase());
  if (same) return terms;
  throw chainErrors.error(
    "parameters-of-another-deployment",
    "the announced terms name other contracts, another notice signer or another lead",
  );
}

/** The served network parameters in force at a time, Unix seconds. @throws chain/parameters-not-announced */
export function networkAt(
  announced: Announcements,
  served: SystemParameters,
  time: bigint,
): SystemNetwork {
  const due = announced.network.findLast(({ inForceAt }) => inForceAt <= time);
  const network = served.network.find((each) => networkHash(each) === due?.hash);
  if (network === undefined) throw notAnnounced("network parameters", due?.hash);
  return network;
}

async function send(
  sender: TransactionSender,
  deployment: Deployment,
  data: string,
): Promise<Registration> {
  const receipt = await sender.send({ to: deployment.contracts.settlement.address, data });
  return { transactions: [receipt.hash] };
}

function notAnnounced(what: string, hash: ParametersHash | undefined): Error {
  return chainErrors.error(
    "parameters-not-announced",
    hash === undefined
      ? `the chain has no ${what}`
      : `the ${what} that the chain announced (${hash}) were not served`,
    { hash: hash ?? null },
  );
}
