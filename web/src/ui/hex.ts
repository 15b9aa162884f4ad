/** Addresses, hashes and long numbers: shortened for the eye, whole for the clipboard and the reader. */
import { html, type TemplateResult } from "lit-html";
import { short } from "./format.js";
import { icon } from "./icon.js";
import { announce } from "./announce.js";

/** A value shortened to fit a row, with the whole of it in its title. */
export function shortHex(value: string): TemplateResult {
  return html`<span class="hex" title=${value}>${short(value)}</span>`;
}

/** A value in full, broken anywhere, with a button that copies it. */
export function copyable(value: string, what: string): TemplateResult {
  const copy = (): void => {
    navigator.clipboard.writeText(value).then(
      () => {
        announce(`${what} copied`);
      },
      () => {
        announce(`The browser does not allow copying: select the text instead`);
      },
    );
  };
  return html`<span class="copyable"
    ><span class="hex hex-full">${value}</span
    ><button type="button" class="icon-button" aria-label="Copy ${what}" @click=${copy}>
      ${icon("copy")}
    </button></span
  >`;
}
