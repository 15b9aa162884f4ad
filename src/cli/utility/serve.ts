/** `sipster utility serve`: counter and mint, together or apart, until Ctrl-C. */
import type { ClockTerms, RpcProvider } from "../../chain/index.js";
import { serveUtility } from "../../service/index.js";
import { encodeParameters } from "../../sipster/index.js";
import type { Counter } from "../../utility/index.js";
import { DeploymentClock } from "../deployment-clock.js";
import { interrupted } from "../interrupted.js";
import type { Io } from "../io.js";
import { openCounter } from "./counter.js";
import { takeCredits } from "./credits.js";
import type { UtilityFolder } from "./folder.js";
import { openGateway } from "./gateway.js";
import { databaseOf, open, settingsOf, withChain, type ChainOptions } from "./session.js";
import { openVaultMint } from "./vault-mint.js";

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
  await withChain(o, async (provider, deployment) => {
    const settings = await settingsOf(folder, deployment);
    const { terms: current } = settings;
    const clock = await finalClock(provider, current);
    const isCounter = o.only !== "mint";
    const isMint = o.only !== "counter";
    const vault = isMint
      ? await openVaultMint({ ...o, ...databaseOf(o) }, { provider, deployment, ...settings }, io)
      : null;
    const opened = await openCounter({ ...settings, ...databaseOf(o), clock: clock.now });
    const { counter, accounts } = opened;
    const credits = takeCredits(folder.path, accounts, (text) => io.err(text));
    const served = await serveUtility(
      {
        parameters: () => {
          const { terms, networks: network } = folder;
          return Promise.resolve(encodeParameters({ terms, network }));
        },
        tariffs: folder.tariffs,
        ...(isCounter && { exchange: (request: Uint8Array) => counter.answer(request) }),
        ...(isMint && { withdraw: (order: Uint8Array) => accounts.withdraw(order) }),
        ...(vault && {
          submitDeposit: (request: Uint8Array, id: bigint) => vault.submit(request, id),
        }),
        health: { ready: () => Promise.resolve(clock.problem() ?? vault?.problem() ?? null) },
        version: "0.1.0",
        onDefect: (error) => io.err(`defect: ${error instanceof Error ? error.stack : "unknown"}`),
      },
      { port: o.port, host: o.host },
    );
    const gateway = await gatewayOf(folder, counter, o, io);
    const gatewayUrl = gateway?.url ?? null;
    if (o.json === true) {
      io.json({ format: "sipster/utility-server@1", url: served.url, gateway: gatewayUrl });
    } else {
      io.out(`utility  ${served.url}`);
      if (gatewayUrl !== null) io.out(`gateway  ${gatewayUrl}`);
    }
    io.err("Serving until Ctrl-C.");
    await stop;
    clock.stop();
    await gateway?.close();
    await served.close();
    await credits.close();
    await vault?.close();
    await opened.close();
  });
}

/** The gateway in this process, if one is wanted. */
async function gatewayOf(folder: UtilityFolder, counter: Counter, o: ServeOptions, io: Io) {
  const { gatewayPort: port, host } = o;
  if (port === undefined) return null;
  return openGateway(folder, (request) => counter.answer(request), { port, host, io });
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
