/** Tables of data: a caption for those who do not see it, a scrollable box for narrow screens. */
import { html, nothing, type TemplateResult } from "lit-html";

export interface Column<T> {
  readonly head: string;
  readonly number?: boolean;
  /** Names the row: the cell is its header. */
  readonly names?: boolean;
  readonly cell: (row: T) => unknown;
}

export function table<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
  empty: string,
): TemplateResult {
  if (rows.length === 0) return html`<p class="card muted">${empty}</p>`;
  const align = ({ number = false }: Column<T>): string => (number ? "number" : "");
  return html`<div class="table-scroll" role="region" aria-label=${caption} tabindex="0">
    <table>
      <caption class="visually-hidden">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((c) => html`<th scope="col" class=${align(c)}>${c.head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${columns.map((c) =>
                c.names === true
                  ? html`<th scope="row" class=${align(c)}>${c.cell(row)}</th>`
                  : html`<td class=${align(c)}>${c.cell(row)}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Links to the parts of a long list. `page` counts from 1. */
export function pager(
  page: number,
  size: number,
  total: number,
  address: (page: number) => string,
): TemplateResult | typeof nothing {
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
