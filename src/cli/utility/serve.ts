/** `sipster utility serve`: counter and mint, together or apart, until Ctrl-C. */
import {
  DeploymentClock,
  type ClockTerms,
  type Deployment,
  type RpcProvider,
  type TransactionSender,
} from "../../chain/index.js";
import { takeCredits } from "../../mint/index.js";
import { serveUtility } from "../../service/index.js";
import { encodeParameters } from "../../sipster/index.js";
import type { Counter } from "../../utility/index.js";
import { interrupted } from "../interrupted.js";
import type { Io } from "../io.js";
import { defectText, loggedIo, openLog, type Log } from "../log.js";
import { openSender } from "../chain-options.js";
import { answerBoard } from "./board.js";
import { openCounter } from "./counter.js";
import type { UtilityFolder } from "./folder.js";
import { openGateway } from "./gateway.js";
import { databaseOf, open, settingsOf, withChain, type ChainOptions } from "./session.js";
import { runVaultMint } from "./vault-mint.js";

export interface ServeOptions extends ChainOptions {
  readonly margin: number;
  readonly every: number;
  readonly port: number;
  readonly host: string;
  readonly database?: string;
  readonly only?: string;
  readonly gatewayPort?: number;
}

export async function serve(o: ServeOptions, io: Io): Promise<void> {
  const folder = await open(o);
  const stop = interrupted();
  const log = openLog(io, o.json === true);
  await withChain(o, async (provider, deployment) => {
    const settings = await settingsOf(folder, deployment, provider);
    const { terms: current } = settings;
    const clock = await finalClock(provider, current);
    const isCounter = o.only !== "mint";
    const isMint = o.only !== "counter";
    const sender = await senderOf({ provider, deployment, options: o, io: loggedIo(io, log) });
    const every = 1000 * o.every;
    const paid = sender && { ...settings, ...databaseOf(o), provider, deployment, sender, every };
    const vault = paid && isMint ? await runVaultMint({ ...paid, margin: o.margin, log }) : null;
    const opened = await openCounter({ ...settings, ...databaseOf(o), clock: clock.now });
    const { counter, accounts, coinId } = opened;
    const tariffs = new Map(folder.tariffs);
    const looks = lookAgain(() => {
      opened.look();
      folder.tariffs.forEach((tariff, hash) => tariffs.set(hash, tariff));
    }, log);
    const board = paid && isCounter ? answerBoard({ ...paid, counter, coinId, log }) : null;
    const credits = takeCredits(folder.path, accounts, (text) => log.warn(text));
    const served = await serveUtility(
      {
        parameters: () => {
          const { terms, networks: network } = folder;
          return Promise.resolve(encodeParameters({ terms, network }));
        },
        tariffs,
        ...(isCounter && { exchange: (request: Uint8Array) => counter.answer(request) }),
        ...(isMint && { withdraw: (order: Uint8Array) => accounts.withdraw(order) }),
        ...(vault && {
          submitDeposit: (request: Uint8Array, id: bigint) => vault.submit(request, id),
        }),
        health: {
          ready: async () => clock.problem() ?? vault?.problem() ?? board?.problem ?? null,
        },
        version: "0.1.0",
        onDefect: (error) => log.error(defectText(error)),
      },
      { port: o.port, host: o.host },
    );
    const gateway = await gatewayOf({ folder, counter, options: o, log });
    tellWhere({ url: served.url, gateway: gateway?.url ?? null }, o, io);
    log.info("Serving until Ctrl-C.");
    await stop;
    clock.stop();
    looks.stop();
    await gateway?.close();
    await served.close();
    await credits.close();
    await vault?.close();
    await board?.stop();
    await opened.close();
  });
}

function tellWhere(
  at: { readonly url: string; readonly gateway: string | null },
  { json }: ServeOptions,
  io: Io,
): void {
  if (json === true) return io.json({ format: "sipster/utility-server@1", ...at });
  io.out(`utility  ${at.url}`);
  if (at.gateway !== null) io.out(`gateway  ${at.gateway}`);
}

/** The account that answers deposits and posted orders, if one is named; `null`: nobody answers them. */
async function senderOf({
  provider,
  deployment,
  options: o,
  io,
}: {
  readonly provider: RpcProvider;
  readonly deployment: Deployment;
  readonly options: ServeOptions;
  readonly io: Io;
}): Promise<TransactionSender | null> {
  const { keyFile, keystore, account } = o;
  const named = [keyFile, keystore, account, process.env.SIPSTER_PRIVATE_KEY];
  if (named.every((who) => who === undefined)) {
    io.err(
      "Deposits and orders on the board are not answered: name the account that does, as with --key-file.",
    );
    return null;
  }
  const sender = await openSender({ provider, deployment, options: o, io });
  await sender.finishEarlier();
  return sender;
}

/** The gateway in this process, if one is wanted. */
async function gatewayOf({
  folder,
  counter,
  options: o,
  log,
}: {
  readonly folder: UtilityFolder;
  readonly counter: Counter;
  readonly options: ServeOptions;
  readonly log: Log;
}) {
  const { gatewayPort: port, host } = o;
  if (port === undefined) return null;
  return openGateway(folder, (request) => counter.answer(request), { port, host, log });
}

/** Milliseconds between two looks at the folder, for keys and terms that other commands put there. */
const FOLDER_PERIOD = 2000;

function lookAgain(look: () => void, log: Log) {
  const timer = setInterval(() => {
    try {
      look();
    } catch (error) {
      log.error(defectText(error));
    }
  }, FOLDER_PERIOD);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Milliseconds between two looks at the last final block; of a development chain, whose clock may run fast. */
const CLOCK_PERIOD = 2000;
const FAST_CLOCK_PERIOD = 100;

/** The deployment's clock: the time of the last final block less the time shift. */
async function finalClock(provider: RpcProvider, terms: ClockTerms) {
  let problem: string | null = null;
  const clock = new DeploymentClock(provider, terms);
  await clock.read();
  const look = (): void => {
    clock.read().then(
      () => (problem = null),
      () => (problem = "the node does not give its last final block"),
    );
  };
  const timer = setInterval(look, terms.lead === 0 ? FAST_CLOCK_PERIOD : CLOCK_PERIOD);
  // A service that does not start ends: only what is served keeps the process alive.
  timer.unref();
  return {
    now: () => BigInt(clock.now),
    problem: () => problem,
    stop: () => {
      clearInterval(timer);
    },
  };
}
