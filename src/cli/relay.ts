/** `sipster relay`: settles the bills of others in batches, so that their wallets are not seen. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { createMclBn254 } from "../algebra/index.js";
import { checkContracts, type RpcProvider } from "../chain/index.js";
import { relayQueueFile } from "../chain/node/index.js";
import { Relayer, serveRelay } from "../relay/index.js";
import { openStore } from "../store/index.js";
import type { FinalityRule } from "../sipster/index.js";
import {
  finalityOption,
  nodeOptions,
  openDeployment,
  openSender,
  payOptions,
  recordOption,
  WHO_PAYS,
  withNode,
  type PayOptions,
  type RecordOptions,
} from "./chain-options.js";
import { wholeNumber } from "./option-values.js";
import type { RegisterCommand } from "./command.js";
import { interrupted } from "./interrupted.js";
import type { Io } from "./io.js";
import { loggedIo, openLog } from "./log.js";

interface Options extends RecordOptions, PayOptions {
  readonly port: number;
  readonly host: string;
  readonly queue?: string;
  readonly database?: string;
  readonly batch: number;
  readonly delay: number;
  readonly rate: number;
  readonly questions: number;
  readonly proxy?: readonly string[];
  readonly finality: FinalityRule;
  readonly confirmations?: number;
  readonly json?: true;
}

const EXAMPLES = `Examples:
  sipster relay --rpc http://127.0.0.1:8545 --key-file relayer.key
  sipster relay --rpc http://127.0.0.1:8545 --account 0xf39F… --delay 10 --port 8646
  sipster relay --rpc https://node.example --key-file relayer.key --proxy 10.0.0.0/8
  curl --data @bill.json http://127.0.0.1:8646/bills
`;

export const registerRelay: RegisterCommand = (sub, io) => {
  const command = nodeOptions(
    sub.addHelpText("before", EXAMPLES).addHelpText(
      "after",
      `${WHO_PAYS}
Each bill is checked before it is taken, so that none costs gas that is refused. What is taken is in
a file before the answer is sent: it survives a kill at any moment. It stays there until its
settlement is final, and is settled again if a reorganisation takes the settlement away. The relayer
holds no secret of anyone but the key that pays. It is served without encryption: put it behind a
server that has a certificate before anybody else uses it, and name that server with --proxy: else
everybody shares its limits.`,
    ),
  );
  payOptions(recordOption(command))
    .option("--port <number>", "port to serve on; 0 for any that is free", wholeNumber(0), 8646)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--queue <file>", "where bills wait (default: beside the records of deployments)")
    .option("--database <url>", "PostgreSQL where bills wait instead, a book for each account")
    .option("--batch <bills>", "bills in one transaction, at most", wholeNumber(1), 100)
    .option("--delay <seconds>", "how long a bill waits for others", wholeNumber(0), 60)
    .option("--rate <bills>", "bills a minute from one address", wholeNumber(1), 600)
    .option("--questions <number>", "questions a minute from one address", wholeNumber(1), 6000)
    .option(
      "--proxy <ranges...>",
      "reverse proxies in front, whose X-Forwarded-For is believed: addresses or ranges",
    )
    .addOption(finalityOption())
    .option("--confirmations <blocks>", "blocks to wait for, the first included", wholeNumber(1))
    .option("--json", "print where the relayer is as JSON")
    .action((options: Options) => withNode(options.rpc, (node) => run(node, options, io)));
};

async function run(node: RpcProvider, options: Options, io: Io): Promise<void> {
  const log = openLog(io, options.json === true);
  const deployment = await openDeployment(node, options);
  await checkContracts(node, deployment);
  const sender = await openSender({ provider: node, deployment, options, io: loggedIo(io, log) });
  const queue = options.queue ?? relayQueueFile(options.deployments, deployment);
  if (options.database === undefined) await mkdir(dirname(queue), { recursive: true });
  const stop = interrupted();
  // Transactions of an account have one order, so each account has a queue and a process of its own.
  const book = `relay/${deployment.chainId}/${sender.address.toLowerCase()}`;
  const store = await openStore(options.database ?? queue, book);
  try {
    const relayer = new Relayer({
      sender,
      deployment,
      curve: await createMclBn254(),
      store,
      batch: options.batch,
      delay: options.delay * 1000,
      finality: options.finality,
      onProgress: (text) => log.info(text),
    });
    const { port, host, rate, questions, proxy: proxies = [] } = options;
    const served = await serveRelay(relayer, { port, host, rate, questions, proxies });
    if (options.json === true) {
      io.json({
        format: "sipster/relay-server@1",
        url: served.url,
        account: sender.address,
        queue: options.database === undefined ? queue : book,
      });
    } else {
      io.out(`relayer  ${served.url}`);
      io.out(`pays     ${sender.address}`);
    }
    log.info("Relaying until Ctrl-C.");
    await stop;
    await served.close();
  } finally {
    await store.close();
  }
}
