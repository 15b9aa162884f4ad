/** The frame around every page: navigation, state of the chain, what the deployment is. */
import { html, nothing, type TemplateResult } from "lit-html";
import { QUIET, TOAST } from "../ui/announce.js";
import { integer, short } from "../ui/format.js";
import { failure } from "../ui/notice.js";
import type { App, Page } from "./page.js";
import { href } from "./router.js";

export type Section = "settle" | "audit" | "none";

export function shell(app: App, page: Page, section: Section): TemplateResult {
  const { deployment, chainName } = app.config;
  const { address } = deployment.contracts.settlement;
  return html`
    <header class="top">
      <div class="frame">
        <a class="brand" href=${href(["settle"])}>
          <img src="./favicon.svg" alt="" width="28" height="28" />Sipster
        </a>
        <nav aria-label="Pages">
          ${navLink("settle", "Settle", section)} ${navLink("audit", "Audit", section)}
        </nav>
        ${chainState(app)}
      </div>
    </header>
    <main id="main" class="frame" tabindex="-1">${chainTrouble(app)} ${page.view()}</main>
    <footer class="bottom">
      <div class="frame">
        <span>${chainName}, number ${deployment.chainId.toString()}</span>
        <span
          >Settlement contract <span class="hex" title=${address}>${short(address, 6)}</span></span
        >
      </div>
    </footer>
    <div id=${TOAST} class="toast" role="status" aria-live="polite"></div>
    <div id=${QUIET} class="visually-hidden" role="status" aria-live="polite"></div>
  `;
}

function navLink(to: Section, text: string, section: Section): TemplateResult {
  return html`<a href=${href([to])} aria-current=${to === section ? "page" : nothing}>${text}</a>`;
}

function chainState({ chain, config }: App): TemplateResult {
  const { state } = chain;
  const [dot, text] = {
    asking: ["", "Connecting"],
    ready: [
      "dot-good",
      state.name === "ready" ? `Block ${integer(state.heads.latest.number)}` : "",
    ],
    failed: ["dot-bad", "No connection"],
  }[state.name] as [string, string];
  return html`<span class="chain-state" title=${config.rpcUrl}
    ><span class="dot ${dot}" aria-hidden="true"></span>${text}</span
  >`;
}

function chainTrouble({ chain }: App): TemplateResult | typeof nothing {
  const { state } = chain;
  if (state.name !== "failed") return nothing;
  // The deployment may be another by now: the page reads its record when it is loaded.
  const reload = html`<p>
    <button
      type="button"
      class="button"
      @click=${() => {
        location.reload();
      }}
    >
      Reload the page
    </button>
  </p>`;
  const more = state.error.code === "chain/unreachable" ? nothing : reload;
  return html`<div role="alert">${failure(state.error, "bad", more)}</div>`;
}
