/**
 * Tables of data, with a caption for those who do not see them. On a narrow screen a wide one becomes a
 * list: each row a block, each cell a line that begins with the name of its column.
 */
import { html, nothing, type TemplateResult } from "lit-html";

export interface Column<T> {
  readonly head: string;
  readonly number?: boolean;
  /** Names the row: the cell is its header. */
  readonly names?: boolean;
  /** Sentences, which are broken into lines; what is shorter is not. */
  readonly wraps?: boolean;
  readonly cell: (row: T) => unknown;
}

/** Columns for which a phone has room. */
const MOST_ON_A_PHONE = 4;

export function table<T>({
  caption,
  columns,
  rows,
  empty,
}: {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly empty: string;
}): TemplateResult {
  if (rows.length === 0) return html`<p class="card muted">${empty}</p>`;
  const look = ({ number = false, wraps = false }: Column<T>): string =>
    [number ? "number" : "", wraps ? "wraps" : ""].join(" ").trim();
  const isWide = columns.length > MOST_ON_A_PHONE;
  return html`<div class="table-scroll" role="region" aria-label=${caption} tabindex="0">
    <table class=${isWide ? "wide" : ""}>
      <caption class="visually-hidden">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((c) => html`<th scope="col" class=${look(c)}>${c.head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${columns.map((c) =>
                c.names === true
                  ? html`<th scope="row" class=${look(c)} data-head=${c.head}>${c.cell(row)}</th>`
                  : html`<td class=${look(c)} data-head=${c.head}>${c.cell(row)}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Links to the parts of a long list. `page` counts from 1. */
export function pager({
  page,
  size,
  total,
  address,
}: {
  readonly page: number;
  readonly size: number;
  readonly total: number;
  readonly address: (page: number) => string;
}): TemplateResult | typeof nothing {
  const last = Math.ceil(total / size);
  if (last <= 1) return nothing;
  const link = (to: number, text: string): TemplateResult =>
    to < 1 || to > last
      ? html`<span class="button" aria-disabled="true">${text}</span>`
      : html`<a class="button" href=${address(to)}>${text}</a>`;
  return html`<nav class="pager" aria-label="Parts of the list">
    ${link(page - 1, "Previous")}
    <span>Part ${page} of ${last}</span>
    ${link(page + 1, "Next")}
  </nav>`;
}
