/** Starts the pages: reads the configuration, then shows the page that the address names. */
import { html, render } from "lit-html";
import { systemOf } from "../../src/chain/deploy/deployment.js";
import { parseWebConfig, WEB_CONFIG_FILE } from "../../src/pages/config.js";
import { webErrors } from "../../src/pages/errors.js";
import { ChainWatch } from "./app/chain-watch.js";
import { explainFailure } from "../../src/chain/errors/explain-failure.js";
import type { App } from "./app/page.js";
import { openPage, type OpenedPage } from "./app/pages.js";
import { followLocation, type Location } from "./app/router.js";
import { shell } from "./app/shell.js";
import { failure, notice } from "./ui/notice.js";

const root = document.getElementById("app")!;

async function start(): Promise<void> {
  const config = parseWebConfig(await readConfig());
  let shown: OpenedPage | null = null;
  let scheduled = false;
  const draw = (): void => {
    scheduled = false;
    if (shown !== null) render(shell(app, shown.page, shown.section), root);
  };
  const app: App = {
    config,
    system: systemOf(config.deployment),
    chain: new ChainWatch(config),
    update() {
      if (scheduled) return;
      scheduled = true;
      requestAnimationFrame(draw);
    },
  };
  app.chain.onChange(() => {
    app.update();
  });

  // Charts are drawn for the width there is.
  addEventListener("resize", () => {
    app.update();
  });

  let latest: Location;
  followLocation((location) => {
    latest = location;
    void openPage(app, location).then((opened) => {
      // The user may have gone on while the page was loading.
      if (latest !== location) return;
      const first = shown === null;
      shown?.page.leave?.();
      shown = opened;
      document.title = `${opened.page.title} – Sipster`;
      draw();
      if (!first) arrive();
    });
  });
}

/** What following a link does in a browser: to the top, with the focus on what is new. */
function arrive(): void {
  scrollTo(0, 0);
  document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
}

async function readConfig(): Promise<string> {
  let why: string;
  try {
    const response = await fetch(`./${WEB_CONFIG_FILE}`, { cache: "no-cache" });
    if (response.ok) return await response.text();
    why = `the server answers ${response.status}`;
  } catch (error) {
    why = error instanceof Error ? error.message : String(error);
  }
  throw webErrors.error("bad-config", `the file ${WEB_CONFIG_FILE} cannot be read: ${why}`);
}

// "Skip to content" is a link within the page, and fragments are addresses of pages here.
document.getElementById("skip-link")!.addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main")?.focus();
});

/** A page around this one could lay its own buttons over these, or show another settlement as this. */
function isFramed(): boolean {
  return window.top !== window.self;
}

if (isFramed()) {
  const address = html`<a href=${location.href} target="_blank" rel="noopener"
    >Open it by itself</a
  >`;
  const text = "This page does not work inside another page";
  render(html`<main class="frame">${notice("warn", text, html`<p>${address}.</p>`)}</main>`, root);
} else {
  start().catch((error: unknown) => {
    render(html`<main class="frame">${failure(explainFailure(error))}</main>`, root);
  });
}
