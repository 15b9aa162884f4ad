/** What every page is, and what it is given. */
import type { TemplateResult } from "lit-html";
import type { SettlementSystem } from "../../../src/sipster/system.js";
import type { WebConfig } from "../../../src/pages/config.js";
import type { ChainWatch } from "./chain-watch.js";

export interface App {
  readonly config: WebConfig;
  readonly system: SettlementSystem;
  readonly chain: ChainWatch;
  /** Draws the present page again, soon. */
  update(): void;
}

export interface Page {
  /** For the heading, the browser's tab and its history. */
  readonly title: string;
  view(): TemplateResult;
  /** Called when another page is shown. */
  leave?(): void;
}
