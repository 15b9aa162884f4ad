/** `sipster web`: serves the settle and audit pages for a deployment, or writes them as a folder. */
import { serveWeb, writeWeb, type WebOptions } from "../pages/index.js";
import type { FinalityRule } from "../sipster/index.js";
import {
  finalityOption,
  nodeOptions,
  openDeployment,
  recordOption,
  withNode,
  type RecordOptions,
} from "./chain-options.js";
import { wholeNumber } from "./option-values.js";
import type { RegisterCommand } from "./command.js";
import { interrupted } from "./interrupted.js";

interface Options extends RecordOptions {
  readonly relayer?: string;
  readonly explorer?: string;
  readonly compare?: string;
  readonly finality: FinalityRule;
  readonly port: number;
  readonly out?: string;
  readonly chainName?: string;
  readonly currency?: string;
  readonly json?: true;
}

const EXAMPLES = `Examples:
  sipster web --rpc http://127.0.0.1:8545
  sipster web --rpc http://127.0.0.1:8545 --relayer http://127.0.0.1:8646
  sipster web --rpc https://node.example --deployment utility.json --out public
`;

export const registerWeb: RegisterCommand = (sub, io) => {
  const command = nodeOptions(
    sub.addHelpText("before", EXAMPLES).addHelpText(
      "after",
      `
The pages run in the visitor's browser and read the chain through the node named here, which has to
allow requests from pages (CORS). They are served on 127.0.0.1, until Ctrl-C. With --out they are
written into a folder instead, which any server of static files can serve, under any path.`,
    ),
  );
  recordOption(command)
    .option("--relayer <url>", "offer a relayer that sends bills: see `sipster relay --help`")
    .option("--explorer <url>", "link to a block explorer: see `sipster explorer --help`")
    .option("--compare <url>", "a second node that the pages compare the first with")
    .addOption(finalityOption())
    .option("--port <number>", "port to serve on; 0 for any that is free", wholeNumber(0), 8640)
    .option("--out <folder>", "write the pages into this folder and serve nothing")
    .option("--chain-name <name>", "name of the chain, for people and wallets")
    .option("--currency <symbol>", "what gas is paid in (default: ETH)")
    .option("--json", "print where the pages are as JSON")
    .action(async (options: Options) => {
      const deployment = await withNode(options.rpc, (node) => openDeployment(node, options));
      const pages: WebOptions = {
        deployment,
        rpcUrl: options.rpc,
        port: options.port,
        finality: options.finality,
        ...(options.relayer === undefined ? {} : { relayUrl: options.relayer }),
        ...(options.explorer === undefined ? {} : { explorerUrl: options.explorer }),
        ...(options.compare === undefined ? {} : { compareUrl: options.compare }),
        ...(options.chainName === undefined ? {} : { chainName: options.chainName }),
        ...(options.currency === undefined ? {} : { currency: options.currency }),
      };
      if (options.out !== undefined) {
        await writeWeb(options.out, pages);
        if (options.json === true) io.json({ format: "sipster/web-folder@1", folder: options.out });
        else io.out(`The pages are in ${options.out}: serve it with any server of static files.`);
        return;
      }
      const stop = interrupted();
      const web = await serveWeb(pages);
      if (options.json === true) {
        io.json({ format: "sipster/web-server@1", settle: web.url, audit: `${web.url}#/audit` });
      } else {
        io.out(`settle bills       ${web.url}`);
        io.out(`audit settlements  ${web.url}#/audit`);
        io.err("Serving until Ctrl-C.");
      }
      await stop;
      await web.close();
    });
};
