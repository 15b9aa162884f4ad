/** Links to a block explorer, where the pages know one; the value alone where they do not. */
import { html, type TemplateResult } from "lit-html";
import type { WebConfig } from "../../../src/pages/config.js";
import { shortHex } from "./hex.js";

type Explorer = Pick<WebConfig, "explorerUrl">;

export function transactionLink(config: Explorer, hash: string): TemplateResult {
  return link(config, "tx", hash);
}

export function addressLink(config: Explorer, address: string): TemplateResult {
  return link(config, "address", address);
}

export function blockLink({ explorerUrl }: Explorer, block: number, text: string): unknown {
  if (explorerUrl === undefined) return text;
  return html`<a href=${at(explorerUrl, "block", `${block}`)} rel="noreferrer">${text}</a>`;
}

function link({ explorerUrl }: Explorer, kind: string, value: string): TemplateResult {
  if (explorerUrl === undefined) return shortHex(value);
  return html`<a href=${at(explorerUrl, kind, value)} rel="noreferrer">${shortHex(value)}</a>`;
}

function at(explorer: string, kind: string, value: string): string {
  return `${explorer.replace(/\/+$/, "")}/${kind}/${value}`;
}
