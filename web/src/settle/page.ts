/** The settle page: bills in, each checked, submitted, followed until it is confirmed. */
import { html, nothing, type TemplateResult } from "lit-html";
import type { App, Page } from "../app/page.js";
import { count } from "../ui/format.js";
import { notice } from "../ui/notice.js";
import { Wallets } from "../wallet/discovery.js";
import { billCards, dropZone } from "./bill-view.js";
import { forgetOtherChains } from "./saved-progress.js";
import { Settling, STEPS } from "./settling.js";
import { SubmitView } from "./submit-view.js";

export function settlePage(app: App): Page {
  forgetOtherChains(app.config);
  const settling = new Settling(app);
  const wallets = new Wallets(() => {
    app.update();
  });
  const submit = new SubmitView(settling, wallets);
  return {
    title: "Settle bills",
    leave() {
      settling.leave();
      wallets.leave();
      submit.leave();
    },
    view: () => html`
      <div class="page-head">
        <h1 tabindex="-1">Settle bills</h1>
        <p class="lede">
          A bill file holds what your meter signed and what your receipts add up to. This page
          checks it on your own device and has it settled on the chain. Everybody will see that the
          meter's period is settled; nobody learns the amount.
        </p>
      </div>
      ${steps(settling)} ${unsaved(settling)} ${outcome(settling)} ${dropZone(settling)}
      ${billCards(settling)} ${submit.view()}
    `,
  };
}

function steps({ step: present, isFinal }: Settling): TemplateResult {
  const last = STEPS.length - 1;
  return html`<ol class="steps" aria-label="Steps">
    ${STEPS.map((name, i) => {
      const isDone = i < present || (present === last && i === last && isFinal);
      return html`<li
        class=${isDone ? "is-done" : ""}
        aria-current=${i === present ? "step" : nothing}
      >
        <span>${name}${isDone ? html`<span class="visually-hidden"> (done)</span>` : nothing}</span>
      </li>`;
    })}
  </ol>`;
}

function outcome(settling: Settling): TemplateResult | typeof nothing {
  if (settling.step !== STEPS.length - 1) return nothing;
  const { entries } = settling.list;
  const settled = entries.filter(({ report }) => report.verdict.status === "settled").length;
  const left = entries.length - settled;
  const others = left === 0 ? "" : ` ${count(left, "other")} cannot be settled: see why below.`;
  if (!settling.isFinal) {
    return notice(
      "plain",
      `${count(settled, "bill is", "bills are")} settled, and not yet for good.${others}`,
      html`<p>
        The settlement is in the chain. Until its block is final, the chain can still replace it:
        that is rare, and the wait is about a quarter of an hour on most chains. This page watches
        it. You can close the page and look again later.
      </p>`,
    );
  }
  return notice(
    left === 0 ? "good" : "warn",
    `${count(settled, "bill is", "bills are")} settled for good.${others}`,
    html`<p>
      <button
        type="button"
        class="button"
        @click=${() => {
          settling.startOver();
          document.querySelector("h1")?.focus();
        }}
      >
        Settle other bills
      </button>
    </p>`,
  );
}

function unsaved({ isSaved }: Settling): TemplateResult | typeof nothing {
  if (isSaved) return nothing;
  return notice(
    "warn",
    "This browser does not keep your bills",
    html`<p>
      Its storage is full or switched off. Settling works all the same; keep the bill files, and
      choose them again if you reload this page.
    </p>`,
  );
}
