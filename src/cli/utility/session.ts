/** What every subcommand of the utility works with: its folder, the chain, and what stands on both. */
import { createMclBn254, type Bn254 } from "../../algebra/index.js";
import {
  settlementContract,
  systemOf,
  type Deployment,
  type RpcProvider,
  type TransactionSender,
} from "../../chain/index.js";
import type { SettlementSystem, SystemTerms } from "../../sipster/index.js";
import type { PeriodMint } from "../../utility/index.js";
import {
  openDeployment,
  openSender,
  withNode,
  type PayOptions,
  type RecordOptions,
} from "../chain-options.js";
import { cliErrors } from "../errors.js";
import type { Io } from "../io.js";
import { readPassphrase } from "../passphrase.js";
import { UtilityFolder } from "./folder.js";
import { registeredMints } from "./mint-keys.js";

export interface Options {
  readonly folder: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

export type ChainOptions = Options & RecordOptions & PayOptions;

export const databaseOf = ({ database }: { readonly database?: string }) =>
  database === undefined ? {} : { database };

export const open = (o: Options): Promise<UtilityFolder> =>
  UtilityFolder.open(o.folder, readPassphrase(o.passphraseFile ?? null));

export async function withChain(
  o: ChainOptions,
  work: (provider: RpcProvider, deployment: Deployment) => Promise<void>,
): Promise<void> {
  await withNode(o.rpc, async (provider) => work(provider, await openDeployment(provider, o)));
}

/** Who sends the utility's transactions, and to where. */
export interface Sending {
  readonly provider: RpcProvider;
  readonly deployment: Deployment;
  readonly sender: TransactionSender;
}

/** Works with the chain and the account that pays, when what an earlier run began to send is finished. */
export async function withSender(
  o: ChainOptions,
  io: Io,
  work: (sending: Sending) => Promise<void>,
): Promise<void> {
  await withChain(o, async (provider, deployment) => {
    const sender = await openSender({ provider, deployment, options: o, io });
    await sender.finishEarlier();
    await work({ provider, deployment, sender });
  });
}

/** What counter and mint are opened with. */
export interface ServiceSettings {
  readonly folder: UtilityFolder;
  readonly curve: Bn254;
  readonly system: SettlementSystem;
  readonly terms: SystemTerms;
  /** Of every id that is registered, oldest first. */
  readonly mints: readonly PeriodMint[];
}

/** @throws cli/no-utility before terms are announced, cli/other-key if the folder lacks a registered key */
export async function settingsOf(
  folder: UtilityFolder,
  deployment: Deployment,
  provider: RpcProvider,
): Promise<ServiceSettings> {
  const current = folder.terms.at(-1);
  if (current === undefined) {
    throw cliErrors.error("no-utility", `${folder.path} holds no terms: announce a tariff first`);
  }
  const curve = await createMclBn254();
  const registered = Number(await settlementContract(deployment, provider).keyEpochs());
  const held = new Set(folder.receiptKeys.map(({ keyEpoch }) => keyEpoch));
  for (let keyEpoch = 1; keyEpoch <= registered; keyEpoch++) {
    if (held.has(keyEpoch)) continue;
    const what = `the contract has receipt key ${keyEpoch}, and ${folder.path} does not`;
    throw cliErrors.error("other-key", what);
  }
  const mints = await registeredMints(folder, provider, deployment);
  return { folder, curve, system: systemOf(deployment), terms: current, mints };
}
