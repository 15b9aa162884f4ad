/** Saving data as files, made here and sent nowhere. */
import { html, type TemplateResult } from "lit-html";
import { icon } from "./icon.js";

function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  });
}

/** One row a record, with the names of the fields in the first; values with commas or quotes quoted. */
export function toCsv(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const field = (value: unknown): string => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((values) => `${values.map(field).join(",")}\r\n`)
    .join("");
}

/** Big integers as decimal strings, as the command line writes them. */
export function toJson(value: unknown): string {
  const plain = (_key: string, v: unknown): unknown => (typeof v === "bigint" ? v.toString() : v);
  return `${JSON.stringify(value, plain, 2)}\n`;
}

/** Two buttons for the same rows. `name` is the file's, without its ending. */
export function downloads({
  name,
  what,
  rows,
  json = rows,
}: {
  readonly name: string;
  readonly what: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly json?: unknown;
}): TemplateResult {
  const button = (kind: string, action: () => void): TemplateResult =>
    html`<button type="button" class="button" @click=${action}>
      ${icon("download")} ${kind}<span class="visually-hidden"> of ${what}</span>
    </button>`;
  return html`<div class="button-row">
    ${button("CSV", () => {
      save(`${name}.csv`, "text/csv", toCsv(rows));
    })}
    ${button("JSON", () => {
      save(`${name}.json`, "application/json", toJson(json));
    })}
  </div>`;
}

/** One button for one JSON document. */
export function downloadJson(name: string, text: string, value: unknown): TemplateResult {
  return html`<button
    type="button"
    class="button"
    @click=${() => {
      save(`${name}.json`, "application/json", toJson(value));
    }}
  >
    ${icon("download")} ${text}
  </button>`;
}
