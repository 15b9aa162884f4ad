/** Messages: an error with its cause, consequence and cure, and plain notes. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { SipsterError } from "../../../src/errors/sipster-error.js";
import { wordsFor } from "../../../src/pages/words.js";
import { icon, type IconName } from "./icon.js";

export type Tone = "good" | "warn" | "bad" | "plain";

const ICONS: Readonly<Record<Tone, IconName>> = {
  good: "check",
  warn: "warning",
  bad: "cross",
  plain: "info",
};

/** A box with an icon, a line in bold, and anything beneath it. */
export function notice(tone: Tone, title: unknown, body: unknown = nothing): TemplateResult {
  return html`<div class="notice notice-${tone}">
    ${icon(ICONS[tone])}
    <div class="notice-text">
      <p class="notice-title">${title}</p>
      ${body}
    </div>
  </div>`;
}

/** An error in words for residents, its code and exact cause beneath. `tone` for what is not a failure. */
export function failure(error: SipsterError, tone: Tone = "bad", more: unknown = nothing) {
  const { title, consequence, cure, exact } = wordsFor(error);
  return notice(
    tone,
    sentence(title),
    html`<dl class="explanation">
        <dt>What this means</dt>
        <dd>${consequence}</dd>
        <dt>What to do</dt>
        <dd>${cure}</dd>
      </dl>
      ${more}
      <p class="code">${exact}</p>`,
  );
}

/** Messages of the catalogue begin in lower case and end without a stop, to follow a colon. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
