/**
 * `sipster wallet refund` and `sipster wallet dispute`: end the deposits that are under way, and make no
 * new one. Both look at each deposit and do what it is time for: what the chain shows decides, not which
 * of the two was typed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { RpcProvider } from "../../chain/index.js";
import { decodeRequest } from "../../ecash/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { payOptions } from "../chain-options.js";
import type { Io } from "../io.js";
import {
  isUnderWay,
  lookEvery,
  notFunded,
  vaultFunding,
  type FundCost,
  type FundOptions,
} from "./fund.js";
import type { OpenWallet } from "./open-wallet.js";
import type { WalletWork } from "./session.js";

/** What became of a deposit, by the error with which its withdrawal ends. */
const ENDS = new Map<string, string>([
  ["funding/expired", "refunded"],
  ["funding/declined", "declined"],
  ["funding/disputed", "disputed"],
  ["funding/dispute-too-late", "lost"],
]);

interface EndedDeposit {
  /** One of `ENDS`; or `answered` with right signatures, or `waits` for the mint. */
  readonly end: string;
  readonly coins: number;
}

interface TakenBack {
  /** Those that were under way, oldest first. */
  readonly deposits: readonly EndedDeposit[];
  readonly costs: readonly FundCost[];
}

type Options = FundOptions & {
  readonly folder: string;
  readonly passphraseFile?: string;
  readonly json?: true;
};

const COMMANDS = [
  ["refund", "Take back the money of deposits that the mint did not answer in time, or declined."],
  [
    "dispute",
    "Show the vault a wrong signature of the mint, and take the money of the deposit back.",
  ],
] as const;

/** @param withWallet opens the wallet for the work, and closes its books */
export function takeBackCommands(
  own: (name: string, says: string) => Command,
  withWallet: (
    options: Options,
    work: (wallet: OpenWallet, provider: RpcProvider) => Promise<void>,
  ) => Promise<void>,
  io: Io,
): void {
  for (const [name, says] of COMMANDS) {
    payOptions(own(name, says))
      .option("--deployments <folder>", "where transactions under way are kept", "deployments")
      .action((options: Options) =>
        withWallet(options, async (wallet, provider) => {
          const taken = await takeBack({ wallet, provider, options, io });
          show({ name, takenBack: taken, json: options.json === true, io });
        }),
      );
  }
}

/** What became of a deposit, for people. */
const TEXTS = new Map<string, string>([
  ["refunded", "the mint did not answer in time; the money is back"],
  ["declined", "the mint declined it; the money is back"],
  ["disputed", "a signature was wrong; the money is back"],
  ["lost", "a signature is wrong, and the time to dispute it is over: the money is lost"],
  ["answered", "the signatures are right; its coins are in the purse"],
  ["waits", "the mint has time to answer still; run this again later"],
]);

function show({
  name,
  takenBack: { deposits, costs },
  json,
  io,
}: {
  readonly name: string;
  readonly takenBack: TakenBack;
  readonly json: boolean;
  readonly io: Io;
}): void {
  if (json) {
    const transactions = costs.map(([what, cost]) => ({ what, ...cost }));
    io.json({ format: `sipster/wallet-${name}@1`, deposits, transactions });
    return;
  }
  if (deposits.length === 0) io.out("no deposit is under way");
  for (const { end, coins } of deposits) io.out(`deposit for ${coins} coins: ${TEXTS.get(end)}`);
}

/** @throws what chain, service and store throw */
async function takeBack({
  wallet,
  provider,
  options,
  io,
}: WalletWork<FundOptions>): Promise<TakenBack> {
  const costs: FundCost[] = [];
  let waitsFor = 0;
  // A transaction of ours is waited for until it is final; the mint is not.
  const wait = async (): Promise<void> => {
    if (costs.length === waitsFor) throw notFunded();
    await sleep(lookEvery(wallet));
  };
  const funding = await vaultFunding({
    wallet,
    provider,
    options: { ...options, wait, costs },
    io,
  });
  const deposits: EndedDeposit[] = [];
  for (const { id, request } of await wallet.purse.open()) {
    const coins = decodeRequest(request).messages.length;
    waitsFor = costs.length;
    const end = await ended(wallet, id, () => funding.end(request));
    if (end !== null) deposits.push({ end, coins });
  }
  return { deposits, costs };
}

/** Ends one withdrawal, and writes its end into the books; `null` if nothing was deposited for it. */
async function ended(
  { purse }: OpenWallet,
  id: number,
  end: () => Promise<Uint8Array | null>,
): Promise<string | null> {
  try {
    const answer = await end();
    if (answer === null) return null;
    await purse.complete(id, answer);
    return "answered";
  } catch (error) {
    if (isUnderWay(error)) return "waits";
    const known = isSipsterError(error) ? ENDS.get(error.code) : undefined;
    if (known === undefined) throw error;
    await purse.abandon(id);
    return known;
  }
}
