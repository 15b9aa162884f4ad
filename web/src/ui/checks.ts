/** Named checks: what was looked at, how it came out, and in a line why. */
import { html, nothing, type TemplateResult } from "lit-html";
import { icon, type IconName } from "./icon.js";

/** `open`: not looked at, because something before it failed. */
export type CheckState = "wait" | "good" | "bad" | "open";

export interface Check {
  readonly name: string;
  readonly state: CheckState;
  readonly detail?: string | TemplateResult;
}

const ICONS: Readonly<Record<CheckState, IconName>> = {
  wait: "wait",
  good: "check",
  bad: "cross",
  open: "info",
};

const WORDS: Readonly<Record<CheckState, string>> = {
  wait: "not finished: ",
  good: "passed: ",
  bad: "failed: ",
  open: "not looked at: ",
};

export function checkList(checks: readonly Check[]): TemplateResult {
  return html`<ul class="checks">
    ${checks.map(
      ({ name, state, detail }) =>
        html`<li class="is-${state}">
          ${icon(ICONS[state])}
          <span><span class="visually-hidden">${WORDS[state]}</span>${name}</span>
          ${detail === undefined ? nothing : html`<span class="detail">${detail}</span>`}
        </li>`,
    )}
  </ul>`;
}
