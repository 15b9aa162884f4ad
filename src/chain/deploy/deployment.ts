/**
 * The deployment record `sipster/deployment@1`, usually the file deployments/<chainId>.json: which
 * contracts make up one system, on which chain, and who may do what. Nothing in it is secret.
 */
import { getAddress, hexlify, keccak256, toUtf8Bytes, type Interface, type Provider } from "ethers";
import * as v from "valibot";
import { settlementSystem, type SettlementSystem } from "../../sipster/index.js";
import {
  BillSettlement__factory,
  type BillSettlement,
  CreditVault__factory,
  OrderBoard__factory,
  TestToken__factory,
} from "../bindings/index.js";
import { chainErrors } from "../errors/errors.js";
import {
  countField,
  decimalField,
  hexField,
  checkJson,
  readJson,
  withoutFormat,
} from "../../json/index.js";

export const DEPLOYMENT_FORMAT = "sipster/deployment@1";

export const CONTRACT_NAMES = ["settlement", "vault", "token", "orderBoard"] as const;
export type ContractName = (typeof CONTRACT_NAMES)[number];

export const ROLES = [
  "admin",
  "keyRegistrar",
  "meterRegistrar",
  "parameterRegistrar",
  "pauser",
  "mint",
  "treasurer",
] as const;
export type Role = (typeof ROLES)[number];

export interface DeployedContract {
  /** With checksum (EIP-55). */
  readonly address: string;
  /** keccak256 of the code at the address when it was recorded. */
  readonly codeHash: string;
  /** keccak256 of the interface it was deployed with, see {@link abiHash}. */
  readonly abiHash: string;
  /** The transaction that created it; absent for a token that was there before. */
  readonly transaction?: string;
}

export interface Deployment {
  readonly chainId: bigint;
  /** Hash of block 0, by which a development chain that was restarted is recognised. */
  readonly genesisHash: string;
  /** Block in which the settlement contract was created: reading events begins here. */
  readonly block: number;
  readonly contracts: Readonly<Record<ContractName, DeployedContract>>;
  /** Holders at deployment; the contracts say who holds them now. */
  readonly roles: Readonly<Record<Role, string>>;
  /** Whose notices of key epochs the contract takes; fixed at deployment. */
  readonly noticeSigner: string;
  /** Months between announcing a key or terms and their first period; 0 in development. */
  readonly lead: number;
}

const INTERFACES: Readonly<Record<ContractName, Interface>> = {
  settlement: BillSettlement__factory.createInterface(),
  vault: CreditVault__factory.createInterface(),
  token: TestToken__factory.createInterface(),
  orderBoard: OrderBoard__factory.createInterface(),
};

/** keccak256 of the ABI in its full human-readable form, one entry a line, sorted. */
export function abiHash(contract: ContractName): string {
  return keccak256(toUtf8Bytes(INTERFACES[contract].format(false).toSorted().join("\n")));
}

/** The system that the deployment is: what everything hashed or signed is bound to. */
export function systemOf(deployment: Deployment): SettlementSystem {
  return settlementSystem(deployment.chainId, deployment.contracts.settlement.address);
}

/** The settlement contract of a deployment, for reading. */
export function settlementContract(
  deployment: Deployment,
  { provider }: { readonly provider: Provider },
): BillSettlement {
  return BillSettlement__factory.connect(deployment.contracts.settlement.address, provider);
}

export function writeDeployment(deployment: Deployment): string {
  return `${JSON.stringify(deploymentDocument(deployment), null, 2)}\n`;
}

/** The record as a JSON document, to be part of another. */
export function deploymentDocument(deployment: Deployment): object {
  const { chainId, genesisHash, block, contracts, roles, noticeSigner, lead } = deployment;
  const { systemId } = systemOf(deployment);
  return {
    format: DEPLOYMENT_FORMAT,
    chainId: chainId.toString(),
    genesisHash,
    block,
    systemId: hexlify(systemId),
    lead,
    noticeSigner,
    contracts,
    roles,
  };
}

const addressField = v.pipe(
  hexField(20),
  v.transform((address) => getAddress(address)),
);

const contractField = v.object({
  address: addressField,
  codeHash: hexField(32),
  abiHash: hexField(32),
  transaction: v.exactOptional(hexField(32)),
});

/** What a later version adds is left aside. */
const deploymentField = v.object({
  format: v.literal(DEPLOYMENT_FORMAT),
  chainId: decimalField,
  genesisHash: hexField(32),
  block: countField,
  contracts: v.object({
    settlement: contractField,
    vault: contractField,
    token: contractField,
    orderBoard: contractField,
  }),
  roles: v.object({
    admin: addressField,
    keyRegistrar: addressField,
    meterRegistrar: addressField,
    parameterRegistrar: addressField,
    pauser: addressField,
    mint: addressField,
    treasurer: addressField,
  }),
  noticeSigner: addressField,
  lead: countField,
});

/** @throws chain/bad-deployment with the field that is wrong */
export function parseDeployment(text: string): Deployment {
  return withoutFormat(readJson(deploymentField, text, badDeployment));
}

/** The record that is part of another document. @throws chain/bad-deployment */
export function checkDeployment(document: unknown): Deployment {
  return withoutFormat(checkJson(deploymentField, document, badDeployment));
}

function badDeployment(why: string): Error {
  return chainErrors.error("bad-deployment", `the deployment record ${why}`);
}

/** Hash of block 0 of the chain. */
export async function genesisHash(provider: Provider): Promise<string> {
  const genesis = await provider.getBlock(0);
  const hash = genesis?.hash ?? null;
  if (hash !== null) return hash;
  throw chainErrors.error("no-genesis", "the node does not give block 0");
}

/**
 * Is this the chain that the record is about?
 * @throws chain/wrong-chain, chain/chain-restarted
 */
export async function checkChain(provider: Provider, deployment: Deployment): Promise<void> {
  const { chainId } = await provider.getNetwork();
  if (chainId !== deployment.chainId) {
    throw chainErrors.error(
      "wrong-chain",
      `the node is on chain ${chainId}, the deployment on chain ${deployment.chainId}`,
      { node: chainId, deployment: deployment.chainId },
    );
  }
  const genesis = await genesisHash(provider);
  if (genesis !== deployment.genesisHash) {
    throw chainErrors.error(
      "chain-restarted",
      `block 0 of the node's chain is ${genesis}, that of the deployment ${deployment.genesisHash}`,
      { node: genesis, deployment: deployment.genesisHash },
    );
  }
}

/**
 * Are the contracts at the recorded addresses those that were recorded, and of this version?
 * @throws chain/other-contract, chain/other-version
 */
export async function checkContracts(provider: Provider, deployment: Deployment): Promise<void> {
  for (const name of CONTRACT_NAMES) {
    const { address, ...recorded } = deployment.contracts[name];
    const codeHash = keccak256(await provider.getCode(address));
    if (codeHash !== recorded.codeHash) {
      throw chainErrors.error(
        "other-contract",
        `the code at ${address} is not that of the ${name} contract that was deployed`,
        { contract: name, address, codeHash, recorded: recorded.codeHash },
      );
    }
    if (recorded.abiHash !== abiHash(name)) {
      throw chainErrors.error(
        "other-version",
        `the ${name} contract at ${address} was deployed by another version of this software`,
        { contract: name, address },
      );
    }
  }
}
