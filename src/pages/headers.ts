/** What the server of the pages says with them: where they may connect, and that nobody frames them. */
import type { WebConfig } from "./config.js";

/** Origins that the pages ask: the nodes and the relayer. */
function originsOf({ rpcUrl, relayUrl, compareUrl }: WebConfig): string {
  const urls = [rpcUrl, relayUrl, compareUrl].filter((url) => url !== undefined);
  return ["'self'", ...new Set(urls.map((url) => new URL(url).origin))].join(" ");
}

/** Scripts and styles from the pages' own server alone; connections to {@link originsOf} alone. */
function contentSecurityPolicy(config: WebConfig): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${originsOf(config)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

export function headersOf(config: WebConfig): Readonly<Record<string, string>> {
  return {
    "Content-Security-Policy": contentSecurityPolicy(config),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
  };
}

/** The first page with the known origins in the policy that it carries itself. */
export function withOrigins(page: string, config: WebConfig): string {
  const open = "connect-src 'self' http: https:";
  if (!page.includes(open)) throw new Error("the built page has no policy to narrow");
  return page.replace(open, `connect-src ${originsOf(config)}`);
}

/** With what `sipster web` says of caching itself: a file is asked about before it is used again. */
function headersOfFolder(config: WebConfig): [name: string, value: string][] {
  return [...Object.entries(headersOf(config)), ["Cache-Control", "no-cache"]];
}

/** Lines for a `location` of nginx. */
export function nginxHeaders(config: WebConfig): string {
  const lines = headersOfFolder(config).map(
    ([name, value]) => `add_header ${name} "${value}" always;`,
  );
  return [
    "# Inside the location that serves the folder: include this file.",
    ...lines,
    "gzip_static on;",
    "",
  ].join("\n");
}

/** Lines for a site of Caddy. */
export function caddyHeaders(config: WebConfig): string {
  const lines = headersOfFolder(config).map(([name, value]) => `\t${name} "${value}"`);
  return [
    "# Inside the site that serves the folder: import this file.",
    "header {",
    ...lines,
    "}",
    "file_server {",
    "\tprecompressed gzip",
    "}",
    "",
  ].join("\n");
}
