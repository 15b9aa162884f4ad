/** A word with a colour and a picture: the state of a bill, a key, a check. */
import { html, type TemplateResult } from "lit-html";
import { icon, type IconName } from "./icon.js";
import type { Tone } from "./notice.js";

export function badge(tone: Tone, picture: IconName, text: string): TemplateResult {
  return html`<span class="badge badge-${tone}">${icon(picture)}${text}</span>`;
}
