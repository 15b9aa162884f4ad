import { html } from "lit-html";
import type { App, Page } from "../app/page.js";
export function settlePage(app: App): Page {
  return {
    title: "Settle bills",
    view: () => html`<h1 tabindex="-1">Settle bills on ${app.config.chainName}</h1>`,
  };
}
