/** The few pictures of the pages, drawn here. They repeat what the text beside them says. */
import { svg, html, type TemplateResult } from "lit-html";

const PATHS = {
  check: "M5 12.5 10 17.5 19 7",
  cross: "M6.5 6.5 17.5 17.5 M17.5 6.5 6.5 17.5",
  warning: "M12 4 21 19.5 H3 Z M12 10v4.5 M12 17v.2",
  info: "M12 11v6 M12 7.4v.2 M12 3a9 9 0 1 0 .01 0Z",
  wait: "M12 3a9 9 0 1 0 .01 0Z M12 7.5V12l3 2",
  file: "M7 3h7l4 4v14H7Z M14 3v4h4",
  wallet: "M4 7h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H4Z M4 7V5.5A1.5 1.5 0 0 1 5.5 4H17 M16 13.5h.2",
  relay: "M4 12h13 M12 6.5 17.5 12 12 17.5 M20.5 5v14",
  copy: "M9 9h11v11H9Z M15 9V4H4v11h5",
  download: "M12 4v11 M7 10.5 12 15.5 17 10.5 M5 20h14",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): TemplateResult {
  return html`<svg
    class="icon icon-${name}"
    viewBox="0 0 24 24"
    aria-hidden="true"
    focusable="false"
  >
    ${svg`<path d=${PATHS[name]} />`}
  </svg>`;
}
