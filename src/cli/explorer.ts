/** `sipster explorer`: lets an Otterscan show the chain of any node that traces transactions. */
import { existsSync } from "node:fs";
import { serveExplorer, type Explorer } from "../explorer/index.js";
import { defaultChainName } from "../pages/index.js";
import { connectRpc } from "../chain/index.js";
import { rpcOption } from "./chain-options.js";
import { wholeNumber } from "./option-values.js";
import type { RegisterCommand } from "./command.js";
import { invocation } from "./invocation.js";
import { interrupted } from "./interrupted.js";
import type { Io } from "./io.js";

interface Options {
  readonly rpc: string;
  readonly port: number;
  readonly host: string;
  readonly published: string;
  readonly otterscan?: string;
  readonly chainName?: string;
  readonly currency: string;
  readonly json?: true;
}

/** The version that was looked at with these answers. */
const OTTERSCAN = "otterscan/otterscan:v2.10.0";
const OTTERSCAN_PORT = 5100;

const EXAMPLES = `Examples:
  sipster explorer --rpc http://127.0.0.1:8545
  sipster explorer --rpc http://127.0.0.1:8545 --otterscan ../otterscan/dist
`;

const AFTER = `
Otterscan is a block explorer that runs on your machine. Nodes for development, Hardhat's among them,
do not answer the methods it needs; this command answers them in front of the node, read from traces,
and serves the published sources of the contracts beside them: write these first, with

  sipster publish --rpc http://127.0.0.1:8545

Nothing here can use an account that the node holds.`;

export const registerExplorer: RegisterCommand = (sub, io) => {
  sub
    .addHelpText("before", EXAMPLES)
    .addHelpText("after", AFTER)
    .addOption(rpcOption())
    .option("--port <number>", "port to serve on; 0 for any that is free", wholeNumber(0), 8650)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--published <folder>", "published sources of the contracts", "published")
    .option("--otterscan <folder>", "a built Otterscan to serve on the same port")
    .option("--chain-name <name>", "name of the chain, for people")
    .option("--currency <symbol>", "what gas is paid in", "ETH")
    .option("--json", "print where the explorer is as JSON")
    .action((options: Options) => run(options, io));
};

async function run(options: Options, io: Io): Promise<void> {
  const provider = await connectRpc(options.rpc);
  const { chainId } = await provider.getNetwork();
  provider.destroy();
  const stop = interrupted();
  const { port, host, published, otterscan, currency } = options;
  const explorer = await serveExplorer({
    rpcUrl: options.rpc,
    port,
    host,
    published,
    currency,
    chainName: options.chainName ?? defaultChainName(chainId),
    ...(otterscan === undefined ? {} : { otterscan }),
  });
  if (options.json === true) {
    const { url, config } = explorer;
    io.json({ format: "sipster/explorer@1", url, config, page: pageOf(options, explorer) });
  } else {
    print(options, explorer, io);
  }
  await stop;
  await explorer.close();
}

/** Where to look: our own port if it serves Otterscan, else that of the command we print. */
function pageOf({ otterscan }: Options, { url }: Explorer): string {
  return otterscan === undefined ? `http://127.0.0.1:${OTTERSCAN_PORT}/` : `${url}/`;
}

function print(options: Options, explorer: Explorer, io: Io): void {
  io.out(`JSON-RPC  ${explorer.url}`);
  if (options.otterscan === undefined) {
    const config = JSON.stringify(explorer.config);
    io.out(`start     docker run --rm -p 127.0.0.1:${OTTERSCAN_PORT}:80 \\`);
    io.out(`            -e OTTERSCAN_CONFIG='${config}' \\`);
    io.out(`            ${OTTERSCAN}`);
  }
  io.out(`open      ${pageOf(options, explorer)}`);
  if (!existsSync(`${options.published}/contracts`)) {
    io.err(
      `No published sources in ${options.published}: the explorer shows bytes. Write them with`,
    );
    io.err(`  ${invocation(`publish --rpc ${options.rpc}`)}`);
  }
  if (explorer.nodeHasOts)
    io.err("This node answers ots_ itself: Otterscan can also use it directly.");
  io.err("Serving until Ctrl-C.");
}
