/** `sipster wallet fund`: withdraws coins, from the account with the utility or through the vault. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { finalBlock, latestBlock, VaultCalls, VaultReader, type Cost } from "../../chain/index.js";
import { basketOf, decodeRequest, wrongSignatures } from "../../ecash/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { AccountFunding, FileFunding, VaultFunding, type Funding } from "../../funding/index.js";
import { UtilityClient } from "../../service/index.js";
import { readFileIfPresent, replaceFile } from "../../store/index.js";
import { openSender, type PayOptions } from "../chain-options.js";
import { costLine } from "../cost-line.js";
import { cliErrors } from "../errors.js";
import { untilInterrupted, type Rounds } from "../interrupted.js";
import type { OpenWallet } from "./open-wallet.js";
import type { WalletWork } from "./session.js";

export interface FundOptions extends PayOptions {
  readonly vault?: true;
  readonly files?: string;
  readonly once?: true;
  readonly deployments: string;
}

/** What a transaction of the withdrawal did and cost. */
export type FundCost = readonly [what: string, cost: Cost];

export interface Funded {
  readonly coins: number;
  readonly units: number;
  readonly costs: readonly FundCost[];
}

const LOOK_EVERY = 2000;
const FAST_LOOK = 200;

/**
 * Withdraws what is due this month. One basket at a time: one that was begun is finished first.
 * @throws funding/…, cli/not-funded, and what chain and service throw
 */
export async function fund({
  wallet,
  provider,
  options,
  io,
}: WalletWork<FundOptions>): Promise<Funded> {
  const costs: FundCost[] = [];
  let funding: Funding = accountFunding(wallet);
  if (options.files !== undefined) funding = fileFunding(options.files);
  else if (options.vault === true) {
    const wait = waiting(options, untilInterrupted(), lookEvery(wallet));
    funding = await vaultFunding({ wallet, provider, options: { ...options, wait, costs }, io });
  }
  const basket = basketOf(wallet.pinned.sizeClass.basket);
  const coins = await wallet.purse.withdrawBasket(basket, (request) => funding.withdraw(request));
  return { coins: coins.length, units: coins.reduce((sum, d) => sum + d, 0), costs };
}

function accountFunding({ folder, config, pinned }: OpenWallet): Funding {
  const client = new UtilityClient(config.utility);
  return new AccountFunding({
    system: pinned.system,
    accountKey: folder.derived("account"),
    order: (order) => client.call("withdraw", {}, order),
  });
}

/** Requests and answers are files of a folder, which is made if it is missing. */
function fileFunding(folder: string): FileFunding {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return new FileFunding({
    write: (name, text) => {
      replaceFile(join(folder, name), utf8ToBytes(text));
    },
    read: (name) => {
      const bytes = readFileIfPresent(join(folder, name));
      return bytes === null ? null : new TextDecoder().decode(bytes);
    },
  });
}

interface VaultOptions extends PayOptions {
  readonly deployments: string;
  /** Waits between two looks at the chain; throws when there is no more waiting. */
  readonly wait: () => Promise<void>;
  /** Takes what each transaction cost. */
  readonly costs: FundCost[];
}

/** The vault as the wallet uses it. */
export async function vaultFunding({
  wallet: { config, pinned, curve },
  provider,
  options: { wait, costs, ...paying },
  io,
}: WalletWork<VaultOptions>): Promise<VaultFunding> {
  const { deployment, rpc } = config;
  const sender = await openSender({ provider, deployment, options: { ...paying, rpc }, io });
  await sender.finishEarlier();
  const client = new UtilityClient(config.utility);
  const { terms } = pinned;
  return new VaultFunding({
    reader: new VaultReader(provider, deployment),
    calls: new VaultCalls(sender, deployment),
    baseUnitsPerUnit: terms.token.baseUnitsPerUnit,
    finalBlock: () => finalBlock(provider, terms.finality),
    latestBlock: () => latestBlock(provider),
    submit: async (request, id) => {
      await client.call("submitDeposit", { id: id.toString() }, request);
    },
    wrongSignatures: (request, answer) => {
      const { mintKeyId } = decodeRequest(request);
      const keys = pinned.mints.find((mint) => mint.mintKeyId === mintKeyId);
      if (keys === undefined) {
        throw cliErrors.error("no-mint-key", `the vault has no mint key ${mintKeyId}`);
      }
      return wrongSignatures({ curve, mint: keys, request, answer });
    },
    wait,
    onCost: (what, cost) => {
      costs.push([what, cost]);
      io.err(costLine(what, cost));
    },
  });
}

/** Milliseconds between two looks at the chain. */
export function lookEvery({ pinned }: OpenWallet): number {
  return pinned.terms.lead === 0 ? FAST_LOOK : LOOK_EVERY;
}

/** Waits between two looks, until the process is asked to end. */
function waiting({ once }: FundOptions, rounds: Rounds, ms: number) {
  return async (): Promise<void> => {
    if (once !== true) await rounds.pause(ms);
    if (once === true || rounds.isStopped) throw notFunded();
  };
}

export function notFunded(): Error {
  return cliErrors.error("not-funded", "the mint has not answered the deposit yet");
}

/** Is the withdrawal still under way? */
export function isUnderWay(error: unknown): boolean {
  return isSipsterError(error, "cli/not-funded");
}
