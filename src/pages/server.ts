/** Serves the built pages beside a configuration: files from one folder, and nothing else. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { Hono } from "hono";
import { compress } from "hono/compress";
import { FINALIZED } from "../chain/index.js";
import { serveHttp, type Served } from "../http/index.js";
import { defaultChainName, WEB_CONFIG_FILE, writeWebConfig, type WebConfig } from "./config.js";
import type { FinalityRule } from "../sipster/index.js";
import { webErrors } from "./errors.js";
import { caddyHeaders, headersOf, nginxHeaders, withOrigins } from "./headers.js";

/** Where `npm run build` puts the pages. */
const PAGES = resolve(import.meta.dirname, "../../web/dist");

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".sol": "text/plain; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface WebOptions extends Omit<WebConfig, "chainName" | "currency" | "finality"> {
  /** The node's finalized block when absent. */
  readonly finality?: FinalityRule;
  readonly chainName?: string;
  readonly currency?: string;
  /** 0, the default, for any that is free. */
  readonly port?: number;
  /** Address to listen on; 127.0.0.1, so that only this machine sees the pages, when absent. */
  readonly host?: string;
}

function configOf(options: WebOptions): WebConfig {
  const { deployment, rpcUrl, relayUrl, compareUrl, explorerUrl, finality } = options;
  const { chainName, currency } = options;
  return {
    deployment,
    rpcUrl,
    ...(relayUrl === undefined ? {} : { relayUrl }),
    ...(compareUrl === undefined ? {} : { compareUrl }),
    ...(explorerUrl === undefined ? {} : { explorerUrl }),
    finality: finality ?? FINALIZED,
    chainName: chainName ?? defaultChainName(deployment.chainId),
    currency: currency ?? "ETH",
  };
}

/**
 * Serves the settle and audit pages for one deployment; the address ends with a slash.
 * @throws web/not-built, http/port-unusable
 */
export async function serveWeb(options: WebOptions): Promise<Served> {
  const { port = 0, host = "127.0.0.1" } = options;
  const files = await builtPages();
  const config = configOf(options);
  files.set(`/${WEB_CONFIG_FILE}`, Buffer.from(writeWebConfig(config)));
  const served = await serveHttp(pagesApp(files, headersOf(config)), "the pages", {
    port,
    host,
  });
  return { ...served, url: `${served.url}/` };
}

/**
 * Writes the pages and their configuration into a folder that any server of static files can serve,
 * under any path: with the origins they may ask in their policy, and compressed beside each file. Its
 * headers, for nginx and for Caddy, are written beside the folder.
 * @throws web/not-built, web/folder-not-empty
 */
export async function writeWeb(folder: string, options: WebOptions): Promise<void> {
  assertPagesBuilt();
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw webErrors.error("folder-not-empty", `the folder ${folder} is not empty`, { folder });
  }
  const config = configOf(options);
  for (const [path, body] of await builtPages()) {
    if (path === "/") continue;
    const bytes = path === "/index.html" ? Buffer.from(withOrigins(`${body}`, config)) : body;
    await writeCompressed(join(folder, path), bytes);
  }
  await writeCompressed(join(folder, WEB_CONFIG_FILE), Buffer.from(writeWebConfig(config)));
  const name = resolve(folder);
  await writeFile(`${name}.nginx.conf`, nginxHeaders(config));
  await writeFile(`${name}.Caddyfile`, caddyHeaders(config));
}

async function writeCompressed(path: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}

/** @throws web/not-built */
export function assertPagesBuilt(): void {
  if (existsSync(join(PAGES, "index.html"))) return;
  throw webErrors.error("not-built", "the pages are not built");
}

/** Every file of the build by its path: a few hundred kilobytes, and no path leads out of them. */
async function builtPages(): Promise<Map<string, Buffer>> {
  assertPagesBuilt();
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(PAGES, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(PAGES.length).replaceAll("\\", "/"), await readFile(path));
  }
  files.set("/", files.get("/index.html")!);
  return files;
}

function pagesApp(
  files: ReadonlyMap<string, Buffer>,
  headers: Readonly<Record<string, string>>,
): Hono {
  const app = new Hono();
  app.use(compress(), async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
  });
  app.get("*", (c) => {
    const body = files.get(c.req.path);
    if (body === undefined) return c.notFound();
    return c.body(Uint8Array.from(body), 200, {
      "Content-Type": TYPES[extname(c.req.path)] ?? TYPES[".html"]!,
      // Names of assets contain a hash of their content; the rest is asked for each time.
      "Cache-Control": c.req.path.startsWith("/assets/")
        ? "max-age=31536000, immutable"
        : "no-cache",
    });
  });
  app.notFound((c) => c.text("Not found\n", 404));
  app.all("*", (c) => c.text("Only GET\n", 405));
  return app;
}
