/** `sipster wallet run`: rounds until it is told to stop. */
import type { RpcProvider } from "../../chain/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { withNode } from "../chain-options.js";
import { untilInterrupted, type Rounds } from "../interrupted.js";
import { toJson, toJsonLine, type Io } from "../io.js";
import { openLog } from "../log.js";
import { orderBoard } from "./board.js";
import { cliErrors } from "../errors.js";
import { formerBills } from "./former-meters.js";
import { instant } from "./instant.js";
import { writeCaughtUp } from "./caught-up.js";
import { openWallet, type OpenWallet } from "./open-wallet.js";
import { isSamePin, pin } from "./pinned.js";
import { stageText } from "./bill-state.js";
import { WalletRounds, type Round } from "./rounds.js";
import type { Ways } from "./settle.js";
import { encodeStatus, statusOf } from "./status.js";
import type { WalletFolder } from "./folder.js";

export interface RunOptions {
  readonly folder: WalletFolder;
  readonly once: boolean;
  /** Milliseconds between two looks at the chain's clock. */
  readonly every: number;
  /** A line of JSON for each round; else a line for what happened. */
  readonly json: boolean;
  /** Who settles its bills and posts its orders. */
  readonly ways: (wallet: OpenWallet, provider: RpcProvider) => Promise<Ways>;
  readonly io: Io;
}

/** What is pinned is compared with the chain again after so many seconds of its clock. */
const PINNED_FOR = 86_400;
/** A node, a utility or a chain that is away is asked again after so many milliseconds. */
const RETRY = 1_000;
const AWAY = [
  "service/unreachable",
  "chain/unreachable",
  "service/bad-answer",
  // Nothing is paid by a wrong clock, or by a node that lags: both may be right again.
  "chain/clock-differs",
];

const NO_POSTER =
  "Orders that get no answer are sent again and not posted: name an account that posts them, as with --key-file.";

/** @throws chain/parameters-not-announced, cli/no-meter, store/locked, and what else stays as it is */
export async function runWallet(options: RunOptions): Promise<void> {
  const { folder, once, io, every } = options;
  const log = openLog(io, options.json);
  const until = untilInterrupted();
  while (!until.isStopped) {
    try {
      await withNode(folder.config.rpc, (provider) => session(options, provider, until));
      if (once) return;
    } catch (error) {
      if (once || !isSipsterError(error) || !AWAY.includes(error.code)) throw error;
      log.warn(`${error.message} (${error.code}); tried again`);
      await until.pause(Math.min(RETRY, every));
    }
  }
}

/** Rounds with what is pinned now; ends when the chain has something else. */
async function session(options: RunOptions, provider: RpcProvider, until: Rounds): Promise<void> {
  const { folder, once, every, io, json } = options;
  const wallet = await openWallet(folder, provider);
  if (!(await hasWork(wallet))) {
    await wallet.store.close();
    throw cliErrors.error("no-meter", "this wallet is not paired with a meter");
  }
  const { settler, poster } = await options.ways(wallet, provider);
  const { deployment } = wallet.config;
  const board = orderBoard({ provider, deployment, terms: wallet.pinned.terms }, poster);
  const rounds = new WalletRounds(wallet, provider, { board, posts: poster !== null, settler });
  if (poster === null) openLog(io, json).warn(NO_POSTER);
  let pinnedAt = wallet.clock.now;
  try {
    let last = "";
    while (!until.isStopped) {
      if (wallet.clock.now >= pinnedAt + PINNED_FOR) {
        const { curve, config } = wallet;
        const now = await pin({ provider, curve, ...config, kept: folder.parameters });
        if (!isSamePin(now, wallet.pinned)) return;
        pinnedAt = wallet.clock.now;
      }
      const round = await rounds.look();
      if (round === null) {
        await until.pause(every);
        continue;
      }
      const { now, meter, ...rest } = round;
      writeCaughtUp(wallet, round);
      const news = toJson([rest, meter?.open]);
      if (news !== last) {
        folder.writeStatus(encodeStatus(await statusOf(wallet, provider)));
        if (!json) tell(round, io);
      }
      last = news;
      if (json) io.out(toJsonLine({ format: "sipster/wallet-round@1", now, meter, ...rest }));
      if (once) return;
      await until.pause(every);
    }
  } finally {
    rounds.close();
    await wallet.store.close();
  }
}

/** Bills of a meter that was removed are settled without one. */
async function hasWork({ config, store, suite }: OpenWallet): Promise<boolean> {
  return config.meter !== null || (await formerBills(store, suite)).length > 0;
}

/** One line for a round in which something happened. */
function tell({ now, step, verified, bills, trouble, next }: Round, io: Io): void {
  const happened = [
    ...(step.sent > 0 ? [`${step.sent} payments sent, ${step.receipts} receipts`] : []),
    ...(step.missed + step.noCoin > 0
      ? [`${step.missed + step.noCoin} payments moved to next month`]
      : []),
    ...(step.posted > 0 ? [`${step.posted} orders posted`] : []),
    ...(step.lies > 0 ? [`${step.lies} FALSE ANSWERS of the counter kept as evidence`] : []),
    ...(verified > 0 ? [`${verified} verified`] : []),
    ...bills.map(
      (b) => `${b.period}: ${b.unitsPaid} of ${b.units} units paid, ${stageText(b.stage)}`,
    ),
    ...(next === null ? [] : [`next ${instant(next)}`]),
  ];
  io.out(`${instant(now)}  ${happened.join("; ")}`);
  for (const text of trouble) io.err(`${instant(now)}  ${text}`);
}
