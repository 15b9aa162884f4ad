/** Which address leads to which page. The audit pages are loaded when first asked for. */
import { html } from "lit-html";
import { settlePage } from "../settle/page.js";
import type { App, Page } from "./page.js";
import { href, type Location } from "./router.js";
import type { Section } from "./shell.js";

export interface OpenedPage {
  readonly page: Page;
  readonly section: Section;
}

export async function openPage(app: App, location: Location): Promise<OpenedPage> {
  const [section = "settle", ...rest] = location.path;
  if (section === "settle" && rest.length === 0) {
    return { page: settlePage(app), section: "settle" };
  }
  if (section === "audit") {
    const { auditPage } = await import("../audit/pages.js");
    const page = auditPage(app, { path: rest, query: location.query });
    if (page !== null) return { page, section: "audit" };
  }
  return { page: notFound, section: "none" };
}

const notFound: Page = {
  title: "No such page",
  view: () => html`
    <div class="page-head">
      <h1 tabindex="-1">No such page</h1>
      <p class="lede">
        There is nothing at this address. <a href=${href(["settle"])}>Settle bills</a> or
        <a href=${href(["audit"])}>audit settlements</a>.
      </p>
    </div>
  `,
};
