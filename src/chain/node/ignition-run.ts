/**
 * One run of the Ignition module over a journal, with what Ignition asks people to repair by hand
 * done here: a step that failed can be tried again, and a transaction that was prepared, and of
 * which a power cut hides whether it was sent, is looked up on the chain.
 */
import {
  deploy,
  DeploymentResultType,
  listTransactions,
  trackTransaction,
  wipe,
  type ArtifactResolver,
  type ModuleParameters,
  type DeploymentResult,
  type SuccessfulDeploymentResult,
} from "@nomicfoundation/ignition-core";
import type { JsonRpcApiProvider, Signer } from "ethers";
import {
  BillSettlement__factory,
  CreditVault__factory,
  OrderBoard__factory,
  TestToken__factory,
} from "../bindings/index.js";
import { decodeError } from "../errors/decode-error.js";
import type { ContractName } from "../deploy/deployment.js";
import { chainErrors } from "../errors/errors.js";
import { findTransactionByNonce } from "../transactions/find-transaction.js";
import { MODULE_ID, withExistingToken, withTestToken } from "./deployment-module.js";
import { providerOf, signingProvider } from "./signing-provider.js";

export interface IgnitionRun {
  readonly signer: Signer;
  readonly deployer: string;
  /** Of the module; with `token`, no token is deployed. */
  readonly parameters: ModuleParameters;
  /** Folder of the journal. */
  readonly journal: string;
  readonly confirmations: number;
  readonly onProgress: (message: string) => void;
}

export interface Created {
  readonly address: string;
  /** The transaction that created it; absent for a token that was there before. */
  readonly transaction?: string;
}

/** There are four transactions, and each can be lost. */
const MAX_REPAIRS = 4;

/** @throws chain/deployment-differs, chain/deployment-incomplete, contract/… of a constructor */
export async function runIgnition(
  run: IgnitionRun,
): Promise<Readonly<Record<ContractName, Created>>> {
  const { contracts } = await runToTheEnd(run);
  const transactions = await listTransactions(run.journal, artifacts);
  const created = (contract: string): Created => {
    const { address } = contracts[`${MODULE_ID}#${contract}`]!;
    const creation = transactions.find((t) => t.address?.toLowerCase() === address.toLowerCase());
    return { address, ...(creation === undefined ? {} : { transaction: creation.txHash }) };
  };
  return {
    settlement: created("BillSettlement"),
    vault: created("CreditVault"),
    token: created("TestToken"),
    orderBoard: created("OrderBoard"),
  };
}

async function runToTheEnd(run: IgnitionRun): Promise<SuccessfulDeploymentResult> {
  for (let repairs = 0; ; repairs++) {
    const { result, lost, revert } = await attempt(run);
    if (lost !== undefined && repairs < MAX_REPAIRS) {
      await repairLost(run, lost);
      continue;
    }
    if (result === undefined) throw incomplete("its journal has steps that cannot be repaired");
    if (result.type === DeploymentResultType.SUCCESSFUL_DEPLOYMENT) return result;
    // Forget steps that failed or were not mined in time, so that the next run tries them again. The
    // worst of it is one contract more than needed, which nobody uses.
    const failed =
      result.type === DeploymentResultType.EXECUTION_ERROR
        ? [...result.failed, ...result.timedOut].map((f) => f.futureId)
        : [];
    for (const futureId of failed) await wipe(run.journal, artifacts, futureId);
    throw revert ?? failure(result);
  }
}

interface Attempt {
  readonly result?: DeploymentResult;
  readonly lost?: Lost;
  /** What a constructor refused with, if one did. */
  readonly revert?: Error;
}

/** A transaction that was prepared under this nonce, and maybe sent. */
interface Lost {
  readonly futureId: string;
  readonly nonce: number;
}

async function attempt(run: IgnitionRun): Promise<Attempt> {
  let revert: Error | undefined;
  const provider = signingProvider(run.signer, run.deployer, {
    onSent: (hash) => run.onProgress(`sent transaction ${hash}`),
    onError: (error) => {
      revert = decodeError(error) ?? undefined;
    },
  });
  try {
    const result = await deploy({
      artifactResolver: artifacts,
      provider,
      deploymentDir: run.journal,
      ignitionModule: run.parameters.token === undefined ? withTestToken : withExistingToken,
      deploymentParameters: { [MODULE_ID]: run.parameters },
      accounts: [run.deployer],
      config: { requiredConfirmations: run.confirmations, blockPollingInterval: 200 },
    });
    return revert === undefined ? { result } : { result, revert };
  } catch (error) {
    const lost = lostTransaction(error);
    if (lost !== null) return { lost };
    throw error;
  }
}

/** Ignition's error HHE10410: a nonce was journaled, and no transaction for it. */
function lostTransaction(error: unknown): Lost | null {
  if (!(error instanceof Error) || !("errorCode" in error) || !("messageArguments" in error)) {
    return null;
  }
  return error.errorCode === "HHE10410" ? (error.messageArguments as Lost) : null;
}

async function repairLost(run: IgnitionRun, { futureId, nonce }: Lost): Promise<void> {
  const provider: JsonRpcApiProvider = providerOf(run.signer);
  const found = await findTransactionByNonce(provider, run.deployer, nonce);
  switch (found.state) {
    case "unsent":
      run.onProgress(`${futureId} was prepared and never sent`);
      await wipe(run.journal, artifacts, futureId);
      return;
    case "pending":
      throw incomplete(`transaction number ${nonce} of ${run.deployer} is not mined yet`);
    case "mined": {
      run.onProgress(`found transaction ${found.hash} of the earlier run`);
      const reader = signingProvider(run.signer, run.deployer, {});
      await trackTransaction(run.journal, found.hash, reader, run.confirmations);
    }
  }
}

function incomplete(why: string): Error {
  return chainErrors.error("deployment-incomplete", `the deployment stopped: ${why}`);
}

function failure(result: Exclude<DeploymentResult, SuccessfulDeploymentResult>): Error {
  switch (result.type) {
    case DeploymentResultType.RECONCILIATION_ERROR:
    case DeploymentResultType.VALIDATION_ERROR: {
      const reasons = Object.values(result.errors).flat().join("; ");
      return chainErrors.error("deployment-differs", `the deployment cannot go on: ${reasons}`);
    }
    case DeploymentResultType.PREVIOUS_RUN_ERROR:
      return incomplete(Object.values(result.errors).flat().join("; "));
    case DeploymentResultType.EXECUTION_ERROR:
      return incomplete(
        [
          ...result.failed.map((f) => f.error),
          ...result.timedOut.map((t) => `${t.futureId} was not mined in time`),
          ...result.held.map((h) => h.reason),
        ].join("; "),
      );
  }
}

const FACTORIES = {
  BillSettlement: BillSettlement__factory,
  CreditVault: CreditVault__factory,
  OrderBoard: OrderBoard__factory,
  TestToken: TestToken__factory,
} as const;

/** The compiled contracts as the bindings carry them, so that the built package needs no compiler output. */
const artifacts: ArtifactResolver = {
  async loadArtifact(contractName) {
    const { abi, bytecode } = FACTORIES[contractName as keyof typeof FACTORIES];
    return {
      _format: "hh3-artifact-1",
      contractName,
      sourceName: `contracts/${contractName}.sol`,
      abi,
      bytecode,
      deployedBytecode: "0x",
      linkReferences: {},
      deployedLinkReferences: {},
    };
  },
  async getBuildInfo() {
    return undefined;
  },
};
