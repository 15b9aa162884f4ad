/** Serves the built pages beside a configuration: files from one folder, and nothing else. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";
import { defaultChainName, WEB_CONFIG_FILE, writeWebConfig, type WebConfig } from "./config.js";
import { webErrors } from "./errors.js";

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

export interface WebOptions extends Omit<WebConfig, "chainName" | "currency"> {
  readonly chainName?: string;
  readonly currency?: string;
  /** 0, the default, for any that is free. */
  readonly port?: number;
  /** Address to listen on; 127.0.0.1, so that only this machine sees the pages, when absent. */
  readonly host?: string;
}

export interface ServedWeb {
  /** Address of the first page, with a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

function configOf({ deployment, rpcUrl, relayUrl, chainName, currency }: WebOptions): WebConfig {
  return {
    deployment,
    rpcUrl,
    ...(relayUrl === undefined ? {} : { relayUrl }),
    chainName: chainName ?? defaultChainName(deployment.chainId),
    currency: currency ?? "ETH",
  };
}

/**
 * Serves the settle and audit pages for one deployment.
 * @throws web/not-built, web/port-unusable
 */
export async function serveWeb(options: WebOptions): Promise<ServedWeb> {
  const { port = 0, host = "127.0.0.1" } = options;
  const files = await builtPages();
  const config = configOf(options);
  files.set(`/${WEB_CONFIG_FILE}`, Buffer.from(writeWebConfig(config)));
  const policy = contentSecurityPolicy(config);
  const server = createServer((request, response) => {
    answer(request, response, files, policy);
  });
  await listen(server, port, host);
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actual}/`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Writes the pages and their configuration into a folder that any server of static files can serve,
 * under any path.
 * @throws web/not-built, web/folder-not-empty
 */
export async function writeWeb(folder: string, options: WebOptions): Promise<void> {
  assertPagesBuilt();
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw webErrors.error("folder-not-empty", `the folder ${folder} is not empty`, { folder });
  }
  await cp(PAGES, folder, { recursive: true });
  await writeFile(join(folder, WEB_CONFIG_FILE), writeWebConfig(configOf(options)));
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

/** Scripts and styles from here alone; connections to the node and the relayer alone. */
function contentSecurityPolicy({ rpcUrl, relayUrl }: WebConfig): string {
  const others = [rpcUrl, relayUrl]
    .filter((url) => url !== undefined)
    .map((url) => new URL(url).origin);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...new Set(others)].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, Buffer>,
  policy: string,
): void {
  const path = URL.parse(request.url ?? "/", "http://pages")?.pathname ?? "/";
  const body = files.get(path);
  const allowed = request.method === "GET" || request.method === "HEAD";
  response.setHeader("Content-Security-Policy", policy);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  if (!allowed || body === undefined) {
    response.writeHead(allowed ? 404 : 405, { "Content-Type": "text/plain; charset=utf-8" });
    response.end(allowed ? "Not found\n" : "Only GET\n");
    return;
  }
  response.writeHead(200, {
    "Content-Type": TYPES[extname(path)] ?? TYPES[".html"],
    "Content-Length": body.length,
    // Names of assets contain a hash of their content; the rest is asked for each time.
    "Cache-Control": path.startsWith("/assets/") ? "max-age=31536000, immutable" : "no-cache",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    await once(server.listen(port, host), "listening");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw webErrors.error(
      "port-unusable",
      `the pages cannot be served on port ${port} of ${host}: ${why}`,
      { port, host },
      error,
    );
  }
}
