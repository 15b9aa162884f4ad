/** Options that the commands for a chain share: the node, the record, who pays. */
import { InvalidArgumentError, Option, type Command } from "commander";
import {
  checkChain,
  connectRpc,
  nodeFailure,
  TransactionSender,
  type Deployment,
  type RpcProvider,
} from "../chain/index.js";
import {
  fileJournal,
  openSigner,
  pendingFolder,
  readDeployment,
  recordFile,
} from "../chain/node/index.js";
import type { FinalityRule } from "../sipster/index.js";
import type { Io } from "./io.js";

export interface NodeOptions {
  readonly rpc: string;
  readonly deployments: string;
}

export interface RecordOptions extends NodeOptions {
  readonly deployment?: string;
}

export interface PayOptions {
  readonly keyFile?: string;
  readonly keystore?: string;
  readonly passwordFile?: string;
  readonly account?: string;
}

export const WHO_PAYS = `
Who pays is one of
  --key-file FILE    a private key, 64 hexadecimal digits, in a file of mode 0600
  --keystore FILE    an encrypted keystore; its password in --password-file FILE or in the
                     variable SIPSTER_KEYSTORE_PASSWORD
  --account ADDRESS  an account that the node holds
or a private key in the variable SIPSTER_PRIVATE_KEY. No key is taken from the command line: every
user of the machine could read it there.
`;

/** The node, which every command for a chain needs. */
export function rpcOption(): Option {
  return new Option("--rpc <url>", "JSON-RPC node, e.g. http://127.0.0.1:8545")
    .env("SIPSTER_RPC")
    .makeOptionMandatory();
}

export function nodeOptions(command: Command): Command {
  return command
    .addOption(rpcOption())
    .option("--deployments <folder>", "where records of deployments are kept", "deployments");
}

export function recordOption(command: Command): Command {
  return command.option(
    "--deployment <file>",
    "the record (default: <chain id>.json in the folder of --deployments)",
  );
}

export function payOptions(command: Command): Command {
  return command
    .option("--key-file <file>", "file with the private key that pays")
    .option("--keystore <file>", "encrypted keystore that pays")
    .option("--password-file <file>", "file with the keystore's password")
    .option("--account <address>", "account of the node that pays");
}

/** When a block counts as final: "finalized", or so many blocks after it. */
export function finalityOption(): Option {
  return new Option(
    "--finality <rule>",
    '"finalized" as the node says, or a number of blocks on a development chain',
  )
    .default({ rule: "finalized" } satisfies FinalityRule, "finalized")
    .argParser((text: string): FinalityRule => {
      if (text === "finalized") return { rule: "finalized" };
      const blocks = Number(text);
      if (/^[0-9]+$/.test(text) && blocks <= 1000) return { rule: "confirmations", blocks };
      throw new InvalidArgumentError('It must be "finalized" or a number from 0 to 1000.');
    });
}

/** Runs `work` with the node, and closes the connection; what the node throws gets its explanation. */
export async function withNode<T>(
  url: string,
  work: (provider: RpcProvider) => Promise<T>,
): Promise<T> {
  const provider = await connectRpc(url);
  try {
    return await work(provider);
  } catch (error) {
    throw nodeFailure(error);
  } finally {
    provider.destroy();
  }
}

/** The record of the deployment to work with, which is on this node's chain. */
export async function openDeployment(
  provider: RpcProvider,
  options: RecordOptions,
): Promise<Deployment> {
  const { chainId } = await provider.getNetwork();
  const file = options.deployment ?? recordFile(options.deployments, chainId);
  const deployment = await readDeployment(file);
  await checkChain(provider, deployment);
  return deployment;
}

/** Who pays, with a journal of what is under way beside the records. */
export async function openSender({
  provider,
  deployment,
  options,
  io,
}: {
  readonly provider: RpcProvider;
  readonly deployment: Deployment;
  readonly options: NodeOptions & PayOptions & { readonly confirmations?: number };
  readonly io: Io;
}): Promise<TransactionSender> {
  const signer = await openSigner(provider, options, { onWarning: (text) => io.err(text) });
  return TransactionSender.create(signer, {
    journal: fileJournal(pendingFolder(options.deployments, deployment)),
    ...(options.confirmations === undefined ? {} : { confirmations: options.confirmations }),
    onProgress: (text) => io.err(text),
  });
}
