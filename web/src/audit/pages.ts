import { html } from "lit-html";
import type { App, Page } from "../app/page.js";
import type { Location } from "../app/router.js";
export function auditPage(app: App, location: Location): Page | null {
  return {
    title: "Audit",
    view: () =>
      html`<h1 tabindex="-1">Audit ${location.path.join("/")} ${app.config.chainName}</h1>`,
  };
}
