/**
 * Serves what an Otterscan needs: JSON-RPC with the `ots_` methods in front of a node, the published
 * sources in the layout of a Sourcify repository, the chain's name, and Otterscan's own pages where a
 * build of them is at hand.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import {
  addHealth,
  answerErrors,
  anyOrigin,
  readJson,
  serveHttp,
  type Served,
  type ServeOptions,
} from "../http/index.js";
import { ChainIndex } from "./chain-index.js";
import { explorerErrors, RpcFailure } from "./errors.js";
import { answerRpc } from "./json-rpc.js";
import { callMethod } from "./methods.js";
import { httpNode, type Node } from "./node.js";
import { toNumber } from "./quantities.js";

/** A transaction has at most 128 KiB, twice that in hexadecimal; a batch has several. */
const MAX_BODY = 2_097_152;

/** Where Otterscan looks for names of functions and events, logos and chains. */
const ASSETS = "signatures|topic0|assets|chains|contracts";

/** JSON-RPC's "method not found", EIP-1474's "method not supported", and Besu's "method not enabled". */
const LACKING: ReadonlySet<number> = new Set([-32601, -32004, -32604]);

export interface ExplorerOptions extends Pick<ServeOptions, "port" | "host"> {
  readonly rpcUrl: string;
  /** Folder that `sipster publish` wrote. */
  readonly published: string;
  /** Folder of a built Otterscan; without one the page comes from elsewhere. */
  readonly otterscan?: string;
  readonly chainName: string;
  readonly currency: string;
}

export interface Explorer extends Served {
  /** What an Otterscan has to be told, as its config.json. */
  readonly config: object;
  /** True if the node answers `ots_` itself, so that it could serve Otterscan directly. */
  readonly nodeHasOts: boolean;
}

/** @throws explorer/node-unreachable, explorer/no-traces, explorer/no-otterscan, http/port-unusable */
export async function serveExplorer(options: ExplorerOptions): Promise<Explorer> {
  const { otterscan } = options;
  if (otterscan !== undefined && !existsSync(join(otterscan, "index.html"))) {
    throw explorerErrors.error("no-otterscan", `${otterscan} contains no index.html`);
  }
  const node = httpNode(options.rpcUrl);
  const chainId = await checkNode(node, options.rpcUrl);
  const app = new Hono();
  answerErrors(app);
  app.use(anyOrigin());
  addHealth(app, { ready: () => readiness(node) });
  const index = new ChainIndex(node);
  app.post("/", async (c) =>
    c.json(
      await answerRpc(await readJson(c, MAX_BODY), (method, params) =>
        callMethod({ node, index, method, params }),
      ),
    ),
  );
  app.get("/contracts/*", serveStatic({ root: options.published }));
  app.get(`/chains/eip155-${chainId}.json`, (c) => c.json(chainInfo(options)));
  let config: object = {};
  if (otterscan !== undefined) {
    app.get("/config.json", (c) => c.json(config));
    app.get("*", serveStatic({ root: otterscan }));
    // A page that stood for a missing signature or logo would be read as one.
    app.get(`/:asset{${ASSETS}}/*`, (c) => c.notFound());
    app.get("*", serveStatic({ root: otterscan, path: "index.html" }));
  }
  const served = await serveHttp(app, "the explorer", options);
  config = configOf(served.url, options);
  return { ...served, config, nodeHasOts: await answersOts(node) };
}

/** @throws explorer/node-unreachable, explorer/no-traces */
async function checkNode(node: Node, url: string): Promise<number> {
  let chainId: number;
  try {
    chainId = toNumber(await node.send("eth_chainId", []), "the chain's number");
  } catch (cause) {
    const what = `the node at ${url} does not say which chain it has`;
    throw explorerErrors.errorFrom({
      key: "node-unreachable",
      message: what,
      details: { url },
      cause,
    });
  }
  try {
    await node.send("debug_traceTransaction", [`0x${"0".repeat(64)}`, { tracer: "callTracer" }]);
  } catch (cause) {
    if (cause instanceof RpcFailure && lacksTheMethod(cause)) {
      const what = `the node at ${url} does not answer debug_traceTransaction`;
      throw explorerErrors.errorFrom({ key: "no-traces", message: what, details: { url }, cause });
    }
  }
  return chainId;
}

/**
 * A node that traces does not find the transaction that was asked for; one that does not trace lacks the
 * method. The code decides: "Method not found" is the standard's own text.
 */
function lacksTheMethod({ rpcCode, message }: RpcFailure): boolean {
  if (LACKING.has(rpcCode)) return true;
  return rpcCode === -32603 && !/not found|unknown|No transaction/i.test(message);
}

async function readiness(node: Node): Promise<string | null> {
  try {
    await node.send("eth_blockNumber", []);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : "the node does not answer";
  }
}

async function answersOts(node: Node): Promise<boolean> {
  try {
    return typeof (await node.send("ots_getApiLevel", [])) === "number";
  } catch {
    return false;
  }
}

function chainInfo({ chainName, currency }: ExplorerOptions): object {
  const nativeCurrency = { name: currency, symbol: currency, decimals: 18 };
  return { name: chainName, faucets: [], nativeCurrency };
}

function configOf(url: string, options: ExplorerOptions): object {
  return {
    erigonURL: url,
    assetsURLPrefix: url,
    chainInfo: chainInfo(options),
    branding: { hideAnnouncements: true },
    sourcify: { sources: { Published: { url, backendFormat: "RepositoryV1" } } },
  };
}
