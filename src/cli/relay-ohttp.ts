/** `sipster relay-ohttp`: passes wallets' encapsulated requests on, so that the utility sees no addresses. */
import { hexToBytes } from "@noble/hashes/utils.js";
import type { Command } from "commander";
import { randomInt } from "../algebra/index.js";
import { pinTerms } from "../chain/index.js";
import { parseKeyConfig, serveOhttpRelay } from "../channel/ohttp/index.js";
import { UtilityClient } from "../service/index.js";
import { parseParameters } from "../sipster/index.js";
import { openDeployment, recordOption, withNode } from "./chain-options.js";
import type { RegisterCommand } from "./command.js";
import { cliErrors } from "./errors.js";
import { interrupted } from "./interrupted.js";
import type { Io } from "./io.js";
import { defectText, openLog, type Log } from "./log.js";
import { networkInForce } from "./network.js";
import { wholeNumber } from "./option-values.js";
import { ownTime } from "./wallet/pinned.js";

interface Options {
  readonly gateway?: readonly string[];
  readonly utility?: string;
  readonly rpc?: string;
  readonly deployments: string;
  readonly deployment?: string;
  readonly port: number;
  readonly host: string;
  readonly rate: number;
  readonly proxy?: readonly string[];
  readonly json?: true;
}

const EXAMPLES = `Examples:
  sipster relay-ohttp --gateway https://gateway.utility.example/ --port 8661
  sipster relay-ohttp --utility https://utility.example --rpc http://127.0.0.1:8545
`;

const AFTER = `
The relay sees who asks and cannot read what is asked; the gateway reads it and does not see who asks.
That holds while the relay's operator and the utility do not work together: let someone else run it.
It keeps no log and no address. It shares nothing with \`sipster relay\`, which settles bills. Put it
behind a server that has a certificate, and name that server by --proxy.`;

export const registerRelayOhttp: RegisterCommand = (sub, io) => {
  options(sub.addHelpText("before", EXAMPLES).addHelpText("after", AFTER)).action((o: Options) =>
    run(o, io),
  );
};

function options(command: Command): Command {
  return recordOption(
    command
      .option("--gateway <url...>", "instances of one gateway: each request goes to one of them")
      .option("--utility <url>", "take the gateways from the public parameters of this utility")
      .option("--rpc <url>", "node that confirms them (or SIPSTER_RPC)", process.env.SIPSTER_RPC)
      .option("--deployments <folder>", "where records of deployments are kept", "deployments"),
  )
    .option("--port <number>", "port to serve on; 0 for any that is free", wholeNumber(0), 8661)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--rate <requests>", "requests a minute of one address", wholeNumber(1), 600)
    .option("--proxy <range...>", "addresses of proxies whose X-Forwarded-For is believed")
    .option("--json", "print where the relay is as JSON");
}

/** Milliseconds between two looks at the announced gateways. */
const LOOK = 600_000;

async function run(o: Options, io: Io): Promise<void> {
  const stop = interrupted();
  const log = openLog(io, o.json === true);
  const gateways = await openGateways(o, log);
  const { port, host, rate, proxy } = o;
  const served = await serveOhttpRelay({
    gatewayOf: gateways.of,
    port,
    host,
    rate,
    ...(proxy && { proxies: proxy }),
    onDefect: (error) => log.error(defectText(error)),
  });
  if (o.json === true) io.json({ format: "sipster/relay-ohttp-server@1", url: served.url });
  else io.out(`relay  ${served.url}`);
  log.info("Relaying until Ctrl-C.");
  await stop;
  gateways.close();
  await served.close();
}

interface Gateways {
  readonly of: (keyId: number) => string | undefined;
  close(): void;
}

async function openGateways(o: Options, log: Log): Promise<Gateways> {
  const { gateway: instances } = o;
  if (instances !== undefined) {
    return { of: () => instances[randomInt(instances.length)], close: () => undefined };
  }
  if (o.utility === undefined || o.rpc === undefined) {
    const what = "it is not said where the gateway is";
    throw cliErrors.error("bad-option", `${what}: give --gateway, or --utility and --rpc`, {
      option: "--gateway",
    });
  }
  const { utility, rpc } = o;
  const read = () => announcedGateways({ ...o, utility, rpc });
  let urls = await read();
  const timer = setInterval(() => {
    read().then(
      (found) => (urls = found),
      // The gateways of the last look stay until the next.
      (error: unknown) => log.warn(error instanceof Error ? error.message : "no public parameters"),
    );
  }, LOOK);
  return {
    of: (keyId) => urls.get(keyId),
    close: () => {
      clearInterval(timer);
    },
  };
}

/** URLs of gateways by the numbers of their keys. */
async function announcedGateways(
  o: Options & { utility: string; rpc: string },
): Promise<ReadonlyMap<number, string>> {
  return withNode(o.rpc, async (provider) => {
    const deployment = await openDeployment(provider, o);
    const served = parseParameters(
      await new UtilityClient(o.utility).call("system", {}, undefined),
    );
    const { current } = await pinTerms({ provider, deployment, served, own: ownTime() });
    const network = await networkInForce({ provider, deployment, served, terms: current });
    const pairs = (network?.gateways ?? []).map(
      ({ url, keyConfig }) => [parseKeyConfig(hexToBytes(keyConfig.slice(2))).keyId, url] as const,
    );
    return new Map(pairs);
  });
}
