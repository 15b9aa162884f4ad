/** What stays up after a demonstration with `--web`: the pages, a relayer and the bill files. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { TransactionSender } from "../../chain/index.js";
import { fileJournal } from "../../chain/node/index.js";
import { Relayer, serveRelay } from "../../relay/index.js";
import { serveWeb, type WebOptions } from "../../pages/index.js";
import type { Io } from "../io.js";
import {
  billName,
  preferred,
  type DemoBill,
  type DemoFolder,
  type DemoResult,
} from "../../demo/index.js";

/** Those of `sipster web` and `sipster relay`, where they are free. */
const WEB_PORT = 8640;
const RELAY_PORT = 8646;
/** Milliseconds for which the relayer waits for more bills: long enough to hand in a second one. */
const RELAY_DELAY = 5000;

/** Where everything is. */
export interface DemoAddresses {
  readonly settle: string;
  readonly audit: string;
  readonly rpc: string;
  /** `null` where the node has no second account that could pay for one. */
  readonly relayer: string | null;
  /** Folder of the bill files. */
  readonly bills: string;
}

export interface DemoPages {
  readonly addresses: DemoAddresses;
  close(): Promise<void>;
}

/**
 * Serves the pages and a relayer on loopback for the chain of a demonstration.
 * @throws web/not-built, and what serving throws
 */
export async function openPages({
  result: { chain, curve, bills },
  rpcUrl,
  folder,
  io,
}: {
  readonly result: DemoResult;
  readonly rpcUrl: string;
  readonly folder: DemoFolder;
  readonly io: Io;
}): Promise<DemoPages> {
  const { deployment, relayerAccount } = chain;
  const open: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of open.splice(0).reverse()) await each();
  };
  try {
    const billFolder = await billFiles(folder, bills, open);
    let relayUrl: string | undefined;
    if (relayerAccount !== null) {
      const journal =
        folder.path === null ? {} : { journal: fileJournal(join(folder.path, "relayer/pending")) };
      const relayer = new Relayer({
        sender: await TransactionSender.create(relayerAccount, journal),
        deployment,
        curve,
        store: await folder.store("relayer/queue"),
        delay: RELAY_DELAY,
        onProgress: (text) => {
          io.err(`relayer: ${text}`);
        },
      });
      const relay = await preferred(RELAY_PORT, (port) => serveRelay(relayer, { port }));
      open.push(() => relay.close());
      relayUrl = relay.url;
    }
    const pages: WebOptions = {
      deployment,
      rpcUrl,
      ...(relayUrl === undefined ? {} : { relayUrl }),
    };
    const web = await preferred(WEB_PORT, (port) => serveWeb({ ...pages, port }));
    open.push(() => web.close());
    const addresses = {
      settle: web.url,
      audit: `${web.url}#/audit`,
      rpc: rpcUrl,
      relayer: relayUrl ?? null,
      bills: billFolder,
    };
    return { addresses, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The folder with the bill files: that of `--out`, or a temporary one. What is in that is removed in
 * the end: the bills are bound to a chain that ends as well, or can be kept with `--out`.
 */
async function billFiles(
  folder: DemoFolder,
  bills: readonly DemoBill[],
  open: (() => Promise<void>)[],
): Promise<string> {
  if (folder.path !== null) return resolve(folder.path, "bills");
  const temporary = await mkdtemp(join(tmpdir(), "sipster-demo-"));
  open.push(() => rm(temporary, { recursive: true, force: true }));
  await mkdir(join(temporary, "bills"));
  for (const { home, file } of bills) {
    await writeFile(join(temporary, billName(home.household.id)), file, { mode: 0o600 });
  }
  return join(temporary, "bills");
}
