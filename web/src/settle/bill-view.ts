/** How bills are taken in, and how each is shown. */
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { href } from "../app/router.js";
import { badge } from "../ui/badge.js";
import { checkList } from "../ui/checks.js";
import { integer, periodName } from "../ui/format.js";
import { shortHex } from "../ui/hex.js";
import { icon } from "../ui/icon.js";
import { failure } from "../ui/notice.js";
import type { Entry } from "./bill-list.js";
import type { Settling } from "./settling.js";

export function dropZone(settling: Settling): TemplateResult {
  const { list } = settling;
  const take = (files: FileList | null | undefined): void => {
    if (files !== null && files !== undefined && files.length > 0) void list.add([...files]);
  };
  const over = (event: DragEvent, on: boolean): void => {
    event.preventDefault();
    (event.currentTarget as Element).classList.toggle("drop-over", on);
  };
  const small = list.entries.length > 0;
  return html`<label
    class="drop ${small ? "drop-small" : ""}"
    @dragover=${(event: DragEvent) => {
      over(event, true);
    }}
    @dragleave=${(event: DragEvent) => {
      over(event, false);
    }}
    @drop=${(event: DragEvent) => {
      over(event, false);
      take(event.dataTransfer?.files);
    }}
  >
    ${icon("file")}
    <span>
      <strong>${small ? "Choose more bill files" : "Choose bill files"}</strong>
      or drop them here
    </span>
    ${
      small
        ? nothing
        : html`<span class="muted small">
            One for each meter and period, as the resident's device wrote them. Several make a
            batch.
          </span>`
    }
    <input
      type="file"
      class="visually-hidden"
      accept=".json,application/json"
      multiple
      @change=${(event: Event) => {
        const input = event.currentTarget as HTMLInputElement;
        take(input.files);
        input.value = "";
      }}
    />
  </label>`;
}

export function billCards(settling: Settling): TemplateResult | typeof nothing {
  const { entries } = settling.list;
  if (entries.length === 0) return nothing;
  return html`<section class="stack" aria-labelledby="bills-title">
    <h2 id="bills-title">Bills</h2>
    <ul class="bills">
      ${repeat(
        entries,
        (entry) => entry.text,
        (entry) => html`<li class="card bill">${billCard(settling, entry)}</li>`,
      )}
    </ul>
  </section>`;
}

function billCard(settling: Settling, entry: Entry): TemplateResult {
  const { bill, checks, verdict } = entry.report;
  const pending = settling.isPending(entry);
  const name = bill === null ? entry.name : periodName(bill.bill.period);
  return html`
    <div class="card-head">
      <div class="bill-title">
        <h3>${name}</h3>
        <span class="muted small">
          ${bill === null ? "Not a bill that can be read" : html`Meter ${shortHex(bill.meter)}`}
        </span>
      </div>
      <div class="bill-actions">
        ${state(entry, pending)} ${pending ? nothing : removeButton(settling, entry, name)}
      </div>
    </div>
    ${
      verdict.status === "refused"
        ? failure(verdict.error)
        : verdict.status === "unknown"
          ? failure(verdict.error, "warn")
          : nothing
    }
    ${verdict.status === "settled" && bill !== null ? settledNote(verdict, bill) : nothing}
    <details>
      <summary>What was checked<span class="visually-hidden"> of ${name}</span></summary>
      ${checkList(checks)}
    </details>
  `;
}

function removeButton(settling: Settling, entry: Entry, name: string): TemplateResult {
  const { bill } = entry.report;
  return html`<button
    type="button"
    class="icon-button"
    aria-label="Remove ${name} of ${bill?.meter ?? entry.name}"
    @click=${() => {
      settling.list.remove(entry);
      settling.app.update();
    }}
  >
    ${icon("cross")}
  </button>`;
}

function settledNote(
  verdict: Extract<Entry["report"]["verdict"], { status: "settled" }>,
  bill: NonNullable<Entry["report"]["bill"]>,
): TemplateResult {
  const name = periodName(bill.bill.period);
  return html`<p>
    ${
      verdict.by === null
        ? "Settled; the node does not name the transaction."
        : html`Settled in block ${integer(verdict.by.block)} by transaction
          ${shortHex(verdict.by.transaction)}.`
    }
    ${FINALITY[verdict.finality]}
    <a href=${href(["audit", "settlements", bill.meter, bill.bill.period])}
      >See this settlement in full<span class="visually-hidden">: ${name}, ${bill.meter}</span></a
    >.
  </p>`;
}

/** What each degree of certainty means for the owner. */
const FINALITY = {
  included: "The chain can still replace this block.",
  safe: "Most of the chain has agreed on this block; it is final soon.",
  final: "It is final.",
} as const;

function state({ report: { verdict } }: Entry, pending: boolean): TemplateResult {
  if (verdict.status === "settled") {
    return verdict.finality === "final"
      ? badge("good", "check", "Settled")
      : badge("plain", "wait", "Not yet final");
  }
  if (pending) return badge("plain", "wait", "On its way");
  switch (verdict.status) {
    case "checking":
      return badge("plain", "wait", "Checking");
    case "ready":
      return badge("good", "check", "Ready to settle");
    case "refused":
      return badge("bad", "cross", "Refused");
    case "unknown":
      return badge("warn", "warning", "Not checked");
  }
}
