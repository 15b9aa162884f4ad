/** The chain of a demonstration: one of its own, or one that is there already. */
import type { Signer } from "ethers";
import {
  checkChain,
  connectRpc,
  parseDeployment,
  TransactionSender,
  writeDeployment,
  type Deployment,
} from "../chain/index.js";
import {
  deploySipster,
  fileJournal,
  readDeployment,
  serveLocalChain,
  startLocalChain,
} from "../chain/node/index.js";
import { addressOf } from "../sipster/index.js";
import { demoErrors } from "./errors.js";
import type { DemoFolder } from "./folder.js";
import { noticeKeyOf } from "./notice-key.js";
import type { DemoOptions } from "./options.js";
import { preferred } from "./preferred-port.js";

/** Where every development node answers. */
const RPC_PORT = 8545;

export interface DemoChain {
  readonly sender: TransactionSender;
  readonly deployment: Deployment;
  /** Where the node answers; `null` for a chain that answers within this process alone. */
  readonly rpcUrl: string | null;
  /** Another account of the node, with money, for a relayer. */
  readonly relayerAccount: Signer | null;
  close(): Promise<void>;
}

/** @throws demo/folder-in-use, demo/no-account, and what connecting and deploying throw */
export function openChain(options: DemoOptions, folder: DemoFolder): Promise<DemoChain> {
  const { rpc } = options;
  return rpc === null ? ownChain(options, folder) : givenChain(rpc, options, folder);
}

/** A chain that ends with the run. */
async function ownChain({ web }: DemoOptions, folder: DemoFolder): Promise<DemoChain> {
  if (folder.read("deployment.json") !== null) {
    throw demoErrors.error(
      "folder-in-use",
      `${folder.path} belongs to an earlier run, whose chain is gone`,
      { out: folder.path },
    );
  }
  const served = web ? await preferred(RPC_PORT, (port) => serveLocalChain({ port })) : null;
  const chain = served ?? (await startLocalChain());
  const signer = await chain.provider.getSigner(0);
  const deployment = await deploySipster(signer, development(folder));
  folder.write("deployment.json", writeDeployment(deployment));
  return {
    deployment,
    rpcUrl: served?.url ?? null,
    relayerAccount: await chain.provider.getSigner(1),
    sender: await TransactionSender.create(signer),
    close: () => chain.close(),
  };
}

/** A chain that stays, with the deployment that was named or that the folder holds, or a new one. */
async function givenChain(
  rpc: string,
  { deployment: file }: DemoOptions,
  folder: DemoFolder,
): Promise<DemoChain> {
  const provider = await connectRpc(rpc);
  const [account, second = null] = await provider.listAccounts();
  if (account === undefined) {
    throw demoErrors.error("no-account", `the node at ${rpc} has no unlocked account`);
  }
  const known = folder.read("deployment.json");
  const given = file === null ? null : await readDeployment(file);
  const recorded = known === null ? given : parseDeployment(known);
  if (recorded !== null) await checkChain(provider, recorded);
  const deployment =
    recorded ??
    (await deploySipster(account, {
      ...development(folder),
      ...(folder.path === null ? {} : { journal: `${folder.path}/ignition` }),
    }));
  folder.write("deployment.json", writeDeployment(deployment));
  const journal = folder.path === null ? {} : { journal: fileJournal(`${folder.path}/pending`) };
  return {
    deployment,
    rpcUrl: rpc,
    relayerAccount: second,
    sender: await TransactionSender.create(account, journal),
    close: () => {
      provider.destroy();
      return Promise.resolve();
    },
  };
}

/** Readings of any year settle on a chain of today, under the demonstration's own notice key. */
function development(folder: DemoFolder): { readonly lead: 0; readonly noticeSigner: string } {
  return { lead: 0, noticeSigner: addressOf(noticeKeyOf(folder)) };
}
