/**
 * Deploys a system: runs the Ignition module against any chain and records the result. Ignition
 * journals every step, so a run that was interrupted goes on where it stopped, and one that is
 * complete sends nothing.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getAddress, keccak256, type Provider, type Signer } from "ethers";
import {
  abiHash,
  CONTRACT_NAMES,
  genesisHash,
  ROLES,
  type ContractName,
  type DeployedContract,
  type Deployment,
  type Role,
} from "../deploy/deployment.js";
import { chainErrors } from "../errors/errors.js";
import { PERIOD_DEFAULTS } from "./period-defaults.js";
import { providerOf } from "./signing-provider.js";

export interface DeployOptions {
  /** Holders of the roles; the deployer where absent. */
  readonly roles?: Partial<Readonly<Record<Role, string>>>;
  /** Address of the key that signs the notices of key epochs, for good; the deployer where absent. */
  readonly noticeSigner?: string;
  /** Months, 0 for a development deployment; see {@link PERIOD_DEFAULTS}. */
  readonly lead?: number;
  /** Seconds; see {@link PERIOD_DEFAULTS}. */
  readonly acknowledgePeriod?: number;
  readonly disputePeriod?: number;
  /** An ERC-20 token that exists; a test token is deployed where absent. */
  readonly token?: string;
  /**
   * Folder of Ignition's journal, by which an interrupted run resumes. Where absent the run cannot
   * resume.
   */
  readonly journal?: string;
  /** Blocks to wait for on top of each transaction; development chains need none. Default 1. */
  readonly confirmations?: number;
  /** Told what happens, a sentence each. */
  readonly onProgress?: (message: string) => void;
}

/**
 * Deploys, or finds the deployment that the journal is of.
 * @param signer with a provider; pays for the deployment
 * @throws chain/deployment-differs, deployment-incomplete, contract errors of the constructors
 */
export async function deploySipster(
  signer: Signer,
  options: DeployOptions = {},
): Promise<Deployment> {
  if (options.journal !== undefined) return deployWithJournal(signer, options, options.journal);
  const journal = await mkdtemp(join(tmpdir(), "sipster-deploy-"));
  try {
    return await deployWithJournal(signer, options, journal);
  } finally {
    await rm(journal, { recursive: true, force: true });
  }
}

async function deployWithJournal(
  signer: Signer,
  options: DeployOptions,
  journal: string,
): Promise<Deployment> {
  const provider = providerOf(signer);
  const deployer = await signer.getAddress();
  const roles = Object.fromEntries(
    ROLES.map((role) => [role, getAddress(options.roles?.[role] ?? deployer)]),
  ) as Record<Role, string>;
  const lead = options.lead ?? PERIOD_DEFAULTS.lead;
  const noticeSigner = getAddress(options.noticeSigner ?? deployer);
  const { token, acknowledgePeriod, disputePeriod } = options;
  // Ignition takes more than a second to load, and most commands deploy nothing.
  const { runIgnition } = await import("./ignition-run.js");
  const created = await runIgnition({
    signer,
    deployer,
    parameters: {
      ...roles,
      noticeSigner,
      lead,
      ...(acknowledgePeriod === undefined ? {} : { acknowledgePeriod }),
      ...(disputePeriod === undefined ? {} : { disputePeriod }),
      ...(token === undefined ? {} : { token }),
    },
    journal,
    confirmations: options.confirmations ?? 1,
    onProgress: options.onProgress ?? (() => undefined),
  });

  const record = async (name: ContractName): Promise<DeployedContract> => {
    const address = getAddress(created[name].address);
    const codeHash = keccak256(await provider.getCode(address));
    return { ...created[name], address, codeHash, abiHash: abiHash(name) };
  };
  const contracts = Object.fromEntries(
    await Promise.all(CONTRACT_NAMES.map(async (name) => [name, await record(name)] as const)),
  ) as Record<ContractName, DeployedContract>;
  const { chainId } = await provider.getNetwork();
  return {
    chainId,
    genesisHash: await genesisHash(provider),
    block: await blockOf(provider, contracts.settlement.transaction!),
    contracts,
    roles,
    noticeSigner,
    lead,
  };
}

async function blockOf(provider: Provider, transaction: string): Promise<number> {
  const receipt = await provider.getTransactionReceipt(transaction);
  if (receipt !== null) return receipt.blockNumber;
  throw chainErrors.error(
    "transaction-not-found",
    `the node does not know transaction ${transaction}, which created the settlement contract`,
    { transaction },
  );
}
