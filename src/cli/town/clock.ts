/** `sipster town clock`: moves the clock of a development chain, no faster than wallets follow. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { ChainClock, townErrors } from "../../town/index.js";
import type { RpcProvider } from "../../chain/index.js";
import { rpcOption, withNode } from "../chain-options.js";
import type { Io } from "../io.js";
import { seconds, wholeNumber } from "../option-values.js";
import { readCaughtUp } from "../wallet/caught-up.js";

interface ClockOptions {
  readonly rpc: string;
  readonly days: number;
  readonly pace: number;
  readonly wallet: readonly string[];
  readonly json?: true;
}

/** A day goes in so many steps. */
const STEPS_A_DAY = 2;
/** Milliseconds between two looks at a wallet. */
const LOOK = 10;
/** Milliseconds in which a wallet has to be where the clock is: machines may be slow. */
const PATIENCE = 600_000;

export function clockCommand(command: Command, io: Io): void {
  command
    .description("Move the clock of a development chain on, by steps that roles can follow.")
    .addOption(rpcOption())
    .option("--days <n>", "how far", wholeNumber(1, 1000), 1)
    .option("--pace <seconds>", "real time of a day at least", seconds, 1)
    .option(
      "--wallet <folder...>",
      "wait at each step for `wallet run` of these folders, and for their meters",
      [],
    )
    .option("--json", "one JSON document")
    .action((o: ClockOptions) => withNode(o.rpc, (provider) => moveClock(provider, o, io)));
}

async function moveClock(
  provider: RpcProvider,
  { days, pace, wallet: wallets, json }: ClockOptions,
  io: Io,
): Promise<void> {
  const clock = await ChainClock.of(provider);
  io.err("A development chain: its clock runs fast.");
  let now = await clock.now();
  for (let step = 0; step < days * STEPS_A_DAY; step++) {
    now = await clock.advanceTo(now + 86_400 / STEPS_A_DAY);
    const least = sleep((pace * 1000) / STEPS_A_DAY);
    for (const folder of wallets) await caughtUp(folder, now);
    await least;
  }
  const shows = new Date(now * 1000).toISOString();
  if (json === true) io.json({ format: "sipster/town-clock@1", chainTime: shows });
  else io.out(`the chain's clock shows ${shows}`);
}

async function caughtUp(folder: string, now: number): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += LOOK) {
    if ((readCaughtUp(folder) ?? -Infinity) >= now) return;
    await sleep(LOOK);
  }
  const until = new Date(now * 1000).toISOString();
  throw townErrors.error("stands-still", `the wallet in ${folder} did not come to ${until}`);
}
