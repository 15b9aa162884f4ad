/** The mint's process beside the counter: watches the vault, decides about deposits, answers them. */
import { setTimeout } from "node:timers/promises";
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
import { blindBls } from "../../ecash/index.js";
import { VaultMint } from "../../mint/index.js";
import { openStore } from "../../store/index.js";
import { openSender, type NodeOptions, type PayOptions } from "../chain-options.js";
import { costLine } from "../cost-line.js";
import { cliErrors } from "../errors.js";
import type { Io } from "../io.js";
import { locationOf, type CounterSettings } from "./counter.js";

export interface VaultMintOptions extends Omit<CounterSettings, "clock"> {
  readonly deployment: Deployment;
  readonly provider: RpcProvider;
  /** Holds the mint's role. */
  readonly sender: TransactionSender;
  /** Seconds before a deposit's deadline in which nothing is signed. */
  readonly margin: number;
  /** Milliseconds between two passes. */
  readonly every: number;
  readonly io: Io;
}

export interface RunningMint {
  /** Takes a wallet's request for a deposit. @throws ecash/bad-request, mint/no-deposit */
  submit(request: Uint8Array, id: bigint): Promise<void>;
  /** What failed in the last pass; `null` when it went well. */
  problem(): string | null;
  /** Waits for the pass under way, and closes the books. */
  close(): Promise<void>;
}

/** Of the command: who holds the mint's role, and how it works. */
export interface VaultMintChoice extends NodeOptions, PayOptions {
  readonly margin: number;
  /** Seconds. */
  readonly every: number;
  readonly database?: string;
}

/** The mint of deposits, if an account that holds its role is named; `null`: accounts alone. */
export async function openVaultMint(
  choice: VaultMintChoice,
  settings: Omit<VaultMintOptions, "sender" | "margin" | "every" | "io" | "database">,
  io: Io,
): Promise<RunningMint | null> {
  const { keyFile, keystore, account, margin, every, database } = choice;
  const isNamed = [keyFile, keystore, account, process.env.SIPSTER_PRIVATE_KEY].some(
    (who) => who !== undefined,
  );
  if (!isNamed) {
    io.err("Deposits are not answered: name the account of the mint's role, as with --key-file.");
    return null;
  }
  const sender = await openSender(settings.provider, settings.deployment, choice, io);
  const books = database === undefined ? {} : { database };
  return runVaultMint({ ...settings, ...books, sender, margin, every: 1000 * every, io });
}

/** @throws cli/bad-option if the margin leaves no time to sign anything, and the store's errors */
export async function runVaultMint(options: VaultMintOptions): Promise<RunningMint> {
  const { folder, curve, system, terms, deployment, provider, sender, io } = options;
  const reader = new VaultReader(provider, deployment);
  const { acknowledge } = await reader.periods();
  if (BigInt(options.margin) >= acknowledge) {
    const what = `a margin of ${options.margin} s leaves nothing of the ${acknowledge} s to answer a deposit`;
    throw cliErrors.error("bad-option", what, { option: "--margin" });
  }
  await sender.finishEarlier();
  const store = await openStore(locationOf(options, "deposits"), "deposits");
  const { mint: keys } = folder.secrets;
  const mint = new VaultMint({
    issuers: new Map([[keys.mintKeyId, blindBls(curve, system, keys)]]),
    store,
    reader,
    calls: new VaultCalls(sender, deployment),
    baseUnitsPerUnit: terms.token.baseUnitsPerUnit,
    finalBlock: () => finalBlock(provider, terms.finality),
    latestBlock: () => latestBlock(provider),
    margin: BigInt(options.margin),
    onCost: (what: string, id: bigint, cost: Cost) => {
      io.err(costLine(`${what} deposit ${id}`, cost));
    },
  });
  const loop = passes(mint, options.every, (text) => io.err(text));
  return {
    submit: (request, id) => mint.submit(request, id),
    problem: () => loop.problem,
    close: async () => {
      await loop.stop();
      await store.close();
    },
  };
}

/** One pass after the other; what fails is said once, and tried again. */
function passes(mint: VaultMint, every: number, say: (text: string) => void) {
  const end = new AbortController();
  const state = { problem: null as string | null };
  const once = async (): Promise<void> => {
    try {
      await mint.step();
      state.problem = null;
    } catch (error) {
      const problem = error instanceof Error ? error.message : "a pass of the mint failed";
      if (problem !== state.problem) say(`mint: ${problem}; it is tried again`);
      state.problem = problem;
    }
  };
  const running = (async () => {
    while (!end.signal.aborted) {
      await once();
      await pause(every, end.signal);
    }
  })();
  return {
    get problem() {
      return state.problem;
    },
    async stop() {
      end.abort();
      await running;
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}
