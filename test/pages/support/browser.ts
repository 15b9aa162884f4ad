/**
 * A real Chromium for the tests of the pages. Where none is installed these tests skip and say so;
 * SIPSTER_REQUIRE_BROWSER=1 makes its absence a failure.
 */
import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import type { Suite } from "mocha";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** SIPSTER_CHROMIUM names one elsewhere. */
export const executable = [process.env.SIPSTER_CHROMIUM, ...CANDIDATES].find(
  (path) => path !== undefined && existsSync(path),
);

/** Nothing of the browser's own goes over the network, so that what does is the page's. */
export const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A suite whose tests drive a browser; `browser()` is open while they run. */
export function describeInBrowser(
  title: string,
  body: (this: Suite, browser: () => Browser) => void,
): void {
  if (executable === undefined && process.env.SIPSTER_REQUIRE_BROWSER !== "1") {
    describe(`${title} (skipped: needs Chromium, which is not installed)`, () => {
      it("needs Chromium: apt-get install chromium, or its path in SIPSTER_CHROMIUM");
    });
    return;
  }
  describe(title, function () {
    let browser: Browser | undefined;
    before(async function () {
      this.timeout(60_000);
      if (executable === undefined) throw new Error("SIPSTER_REQUIRE_BROWSER: no Chromium found");
      browser = await chromium.launch({ executablePath: executable, args: FLAGS });
    });
    after(async () => {
      await browser?.close();
    });
    body.call(this, () => browser!);
  });
}

/** Closes what was opened, in this order: also when a hook failed before it opened all of it. */
export async function closeAll(
  ...opened: readonly ({ close(): Promise<void> } | undefined)[]
): Promise<void> {
  const failures: unknown[] = [];
  for (const each of opened) await each?.close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** A page in a context of its own, with everything it asked for and everything that went wrong in it. */
export interface Visit {
  readonly page: Page;
  readonly requests: readonly string[];
  /** Uncaught errors, and errors and warnings of the console. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export async function visit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  return { page, requests, complaints, close: () => context.close() };
}
