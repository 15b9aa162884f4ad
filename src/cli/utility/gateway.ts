/** The gateway of Oblivious HTTP as the utility runs it, and relays and gateways as it announces them. */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Command } from "commander";
import { announceNetwork } from "../../chain/index.js";
import {
  AEADS,
  counterAt,
  encodeKeyConfig,
  hpkeKeyPair,
  serveGateway,
  type GatewayKey,
} from "../../channel/ohttp/index.js";
import type { Carrier } from "../../exchange/index.js";
import type { Served } from "../../http/index.js";
import {
  openDeployment,
  openSender,
  payOptions,
  withNode,
  type PayOptions,
  type RecordOptions,
} from "../chain-options.js";
import { interrupted } from "../interrupted.js";
import type { Io } from "../io.js";
import { defectText, openLog, type Log } from "../log.js";
import { wholeNumber } from "../option-values.js";
import { readPassphrase } from "../passphrase.js";
import { UtilityFolder } from "./folder.js";

interface FolderOptions {
  readonly folder: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

type Make = (name: string, says: string) => Command;

/** Adds `network` and `gateway`. @param onChain makes a subcommand with the options for a chain */
export function registerGateway(own: Make, onChain: Make, io: Io): void {
  payOptions(onChain("network", "Announce relays and the gateway, with its key."))
    .requiredOption("--relay <url...>", "relays that wallets choose from")
    .requiredOption("--gateway <url>", "where relays find the gateway")
    .option("--new-key", "make a new key of the gateway; older ones are served as well")
    .action((o: NetworkOptions) => announce(o, io));
  own("gateway", "Serve the gateway of Oblivious HTTP in a process of its own, until Ctrl-C.")
    .requiredOption("--utility <url>", "the service whose counter it asks")
    .option("--port <number>", "port to serve on; 0 for any that is free", wholeNumber(0), 8662)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .action((o: GatewayOptions) => run(o, io));
}

interface NetworkOptions extends FolderOptions, RecordOptions, PayOptions {
  readonly relay: readonly string[];
  readonly gateway: string;
  readonly newKey?: true;
}

interface GatewayOptions extends FolderOptions {
  readonly utility: string;
  readonly port: number;
  readonly host: string;
}

const open = (o: FolderOptions): Promise<UtilityFolder> =>
  UtilityFolder.open(o.folder, readPassphrase(o.passphraseFile ?? null));

const normal = (url: string): string => (URL.canParse(url) ? new URL(url).href : url);

async function announce(o: NetworkOptions, io: Io): Promise<void> {
  const folder = await open(o);
  if (o.newKey === true || folder.gatewaySecrets.length === 0) folder.addGatewaySecret();
  const newest = keysOf(folder).at(-1)!;
  const config = encodeKeyConfig({
    keyId: newest.keyId,
    publicKey: newest.pair.publicKey,
    // One pair of algorithms, so that no wallet differs from another by its choice.
    aeads: [AEADS[0]!],
  });
  const keyConfig = `0x${bytesToHex(config)}` as const;
  const relays = o.relay.map(normal);
  const network = { relays, gateways: [{ url: normal(o.gateway), keyConfig }] };
  // What is kept is served, so that wallets find what the chain has the hash of.
  folder.addNetwork(network);
  await withNode(o.rpc, async (provider) => {
    const deployment = await openDeployment(provider, o);
    await announceNetwork(
      await openSender({ provider, deployment, options: o, io }),
      deployment,
      network,
    );
  });
  const { keyId } = newest;
  if (o.json === true) io.json({ format: "sipster/utility-network@1", relays, keyId, keyConfig });
  else io.out(`announced: ${relays.length} relays, and the gateway's key number ${keyId}`);
}

function keysOf(folder: UtilityFolder): readonly GatewayKey[] {
  return folder.gatewaySecrets.map(({ keyId, secret }) => ({ keyId, pair: hpkeKeyPair(secret) }));
}

/** The gateway over a counter in this process or elsewhere. */
export function openGateway(
  folder: UtilityFolder,
  exchange: Carrier,
  { port, host, log }: { readonly port: number; readonly host: string; readonly log: Log },
): Promise<Served> {
  const keys = keysOf(folder);
  const why = keys.length === 0 ? "the folder holds no key of a gateway" : null;
  return serveGateway(
    {
      keys,
      exchange,
      health: { ready: () => Promise.resolve(why) },
      onDefect: (error) => log.error(defectText(error)),
    },
    { port, host },
  );
}

async function run(o: GatewayOptions, io: Io): Promise<void> {
  const stop = interrupted();
  const log = openLog(io, o.json === true);
  const counter = counterAt(o.utility);
  const { port, host } = o;
  const served = await openGateway(await open(o), counter.carry, { port, host, log });
  if (o.json === true) io.json({ format: "sipster/gateway-server@1", url: served.url });
  else io.out(`gateway  ${served.url}`);
  log.info("Serving until Ctrl-C.");
  await stop;
  await served.close();
  counter.close();
}
