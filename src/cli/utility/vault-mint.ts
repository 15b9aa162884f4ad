/** The mint's process beside the counter: watches the vault, decides about deposits, answers them. */
import {
  finalBlock,
  latestBlock,
  VaultCalls,
  VaultReader,
  type Cost,
  type Deployment,
  type RpcProvider,
  type TransactionSender,
} from "../../chain/index.js";
import { issuersOf } from "../../ecash/index.js";
import { VaultMint } from "../../mint/index.js";
import { openStore } from "../../store/index.js";
import { costLine } from "../cost-line.js";
import { cliErrors } from "../errors.js";
import type { Log } from "../log.js";
import { locationOf, type CounterSettings } from "./counter.js";
import { passes } from "./passes.js";

export interface VaultMintOptions extends Omit<CounterSettings, "clock"> {
  readonly deployment: Deployment;
  readonly provider: RpcProvider;
  /** Holds the mint's role. */
  readonly sender: TransactionSender;
  /** Seconds before a deposit's deadline in which nothing is signed. */
  readonly margin: number;
  /** Milliseconds between two passes. */
  readonly every: number;
  readonly log: Log;
}

export interface RunningMint {
  /** Takes a wallet's request for a deposit. @throws ecash/bad-request, mint/no-deposit */
  submit(request: Uint8Array, id: bigint): Promise<void>;
  /** What failed in the last pass; `null` when it went well. */
  problem(): string | null;
  /** Waits for the pass under way, and closes the books. */
  close(): Promise<void>;
}

/** @throws cli/bad-option if the margin leaves no time to sign anything, and the store's errors */
export async function runVaultMint(options: VaultMintOptions): Promise<RunningMint> {
  const { curve, mints, terms, deployment, provider, sender, log } = options;
  const reader = new VaultReader(provider, deployment);
  const { acknowledge } = await reader.periods();
  if (BigInt(options.margin) >= acknowledge) {
    const what = `a margin of ${options.margin} s leaves nothing of the ${acknowledge} s to answer a deposit`;
    throw cliErrors.error("bad-option", what, { option: "--margin" });
  }
  const store = await openStore(locationOf(options, "deposits"), "deposits");
  const mint = new VaultMint({
    issuers: issuersOf(curve, mints),
    store,
    reader,
    calls: new VaultCalls(sender, deployment),
    baseUnitsPerUnit: terms.token.baseUnitsPerUnit,
    finalBlock: () => finalBlock(provider, terms.finality),
    latestBlock: () => latestBlock(provider),
    margin: BigInt(options.margin),
    onCost: (what: string, id: bigint, cost: Cost) => {
      log.info(costLine(`${what} deposit ${id}`, cost));
    },
  });
  const loop = passes(() => mint.step(), { what: "mint", every: options.every, log });
  return {
    submit: (request, id) => mint.submit(request, id),
    problem: () => loop.problem,
    close: async () => {
      await loop.stop();
      await store.close();
    },
  };
}
