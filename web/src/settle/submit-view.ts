/** Choosing who sends and pays: a relayer where there is one, or the owner's own wallet. */
import { html, nothing, type TemplateResult } from "lit-html";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";
import type { SipsterError } from "../../../src/errors/sipster-error.js";
import { count, ether, short } from "../ui/format.js";
import { icon } from "../ui/icon.js";
import { failure, notice } from "../ui/notice.js";
import { shortHex } from "../ui/hex.js";
import { Connection } from "../wallet/connection.js";
import type { AnnouncedWallet, Wallets } from "../wallet/discovery.js";
import type { Submission } from "./saved-progress.js";
import type { Settling } from "./settling.js";
import type { Plan } from "./transactions.js";

type SentByWallet = Extract<Submission, { readonly via: "wallet" }>;
type Way = "relay" | "wallet";

export class SubmitView {
  #way: Way;
  #connection: Connection | null = null;
  #left = false;
  /** What the wallet's owner would pay, for which bills. */
  #plan: { readonly for: string; readonly result: Plan | SipsterError | null } | null = null;

  constructor(
    private readonly settling: Settling,
    private readonly wallets: Wallets,
  ) {
    this.#way = settling.app.config.relayUrl === undefined ? "wallet" : "relay";
  }

  leave(): void {
    this.#left = true;
    this.#connection?.close();
  }

  view(): TemplateResult | typeof nothing {
    const { settling } = this;
    const { ready, submissions, busy } = settling;
    const open = submissions.filter((submission) => !settling.isIncluded(submission));
    const byWallet = open.filter((submission) => submission.via === "wallet");
    const trouble = settling.failure;
    if (ready.length === 0 && open.length === 0 && trouble === null) return nothing;
    return html`<section class="stack" aria-labelledby="submit-title">
      <h2 id="submit-title">Submit</h2>
      <div role="alert">${trouble === null ? nothing : this.#failure(trouble)}</div>
      ${this.#relayed()} ${byWallet.map((submission) => this.#pending(submission))}
      ${
        ready.length === 0
          ? nothing
          : html`<div class="card stack">
              ${this.#ways()} ${this.#way === "relay" ? this.#relay() : this.#wallet()}
            </div>`
      }
      <p role="status" class=${busy === "" ? "visually-hidden" : "muted"}>
        ${busy === "" ? nothing : html`${busy} …`}
      </p>
    </section>`;
  }

  /** A refusal by the owner is not a defect. */
  #failure(error: SipsterError): TemplateResult {
    const { failed } = this.settling;
    return failure(
      error,
      error.code === "wallet/refused" ? "warn" : "bad",
      failed < 2
        ? nothing
        : html`<p>${count(failed, "bill")} went wrong. This is what happened to the first.</p>`,
    );
  }

  /** One notice for all that the relayer has, in however many parts it was handed over. */
  #relayed(): TemplateResult | typeof nothing {
    const { relayed } = this.settling;
    if (relayed === 0) return nothing;
    return notice(
      "plain",
      `Handed to the relayer: ${count(relayed, "bill")}`,
      html`<p>
        It collects bills and sends them together, so this may take a while. You can close this
        page: the relayer keeps what it has, and the page finds out what became of it when you
        return.
      </p>`,
    );
  }

  /** What the owner's wallet was asked to send. */
  #pending(submission: SentByWallet): TemplateResult {
    const bills = count(submission.bills.length, "bill");
    if (submission.hash === null) {
      if (this.settling.busy !== "") return html``;
      return notice(
        "warn",
        `Your wallet was asked to send ${bills}, and its answer did not arrive`,
        html`<p>If you confirmed, the settlement will show up here by itself.</p>
          <p>
            <button
              type="button"
              class="button"
              @click=${() => {
                this.settling.withdraw(submission);
              }}
            >
              I did not confirm
            </button>
          </p>`,
      );
    }
    return notice(
      "plain",
      html`Sent: ${bills}, as transaction ${shortHex(submission.hash)}`,
      html`<p>Waiting for the chain to confirm it.</p>`,
    );
  }

  #ways(): TemplateResult | typeof nothing {
    if (this.settling.app.config.relayUrl === undefined) return nothing;
    const choice = (way: Way, name: string, text: string): TemplateResult =>
      html`<label class="choice">
        <input
          type="radio"
          name="way"
          .checked=${this.#way === way}
          @change=${() => {
            this.#way = way;
            this.settling.app.update();
          }}
        />
        <span class="choice-name">${name}</span>
        <span class="choice-text">${text}</span>
      </label>`;
    return html`<fieldset class="choices">
      <legend>Who sends it and pays the gas?</legend>
      ${choice(
        "relay",
        "A relayer",
        "It sends your bill together with others and pays. It sees your network address, and nothing that it could sign or spend with.",
      )}
      ${choice(
        "wallet",
        "My own wallet",
        "You pay, and everybody can see for good that your wallet settled this meter.",
      )}
    </fieldset>`;
  }

  #relay(): TemplateResult {
    const { settling } = this;
    return html`<div class="button-row">
      <button
        type="button"
        class="button button-primary"
        aria-disabled=${settling.busy !== ""}
        @click=${() => {
          void settling.submitByRelay(settling.app.config.relayUrl!);
        }}
      >
        ${icon("relay")} Hand ${count(settling.ready.length, "bill")} to the relayer
      </button>
    </div>`;
  }

  #wallet(): TemplateResult {
    return html`
      ${notice(
        "warn",
        "Your wallet becomes linkable to the meter",
        html`<p>
          The transaction names both for good. Use an account that says nothing else about you, or
          let a relayer send it.
        </p>`,
      )}
      ${
        this.#connection === null || this.#connection.account === ""
          ? this.#chooser()
          : this.#connected(this.#connection)
      }
    `;
  }

  #chooser(): TemplateResult {
    const { list } = this.wallets;
    if (list.length === 0) {
      return notice(
        "plain",
        "No wallet has announced itself in this browser",
        html`<p>
          Install a wallet in this browser and reload the page, or let a relayer send the bill.
        </p>`,
      );
    }
    return html`<div class="stack-s">
      <h3>Connect a wallet</h3>
      <ul class="wallets">
        ${list.map(
          (wallet) =>
            html`<li>
              <button
                type="button"
                class="button"
                aria-disabled=${this.settling.busy !== ""}
                @click=${() => {
                  void this.#connect(wallet);
                }}
              >
                ${picture(wallet)} ${wallet.name}
              </button>
            </li>`,
        )}
      </ul>
    </div>`;
  }

  #connected(connection: Connection): TemplateResult {
    const { settling } = this;
    const bills = count(settling.ready.length, "bill");
    return html`
      <p class="wallet-line">
        ${picture(connection.wallet)}
        <span>
          ${connection.wallet.name}, account
          <span class="hex" title=${connection.account}>${short(connection.account)}</span>
        </span>
        <button
          type="button"
          class="button"
          @click=${() => {
            this.#disconnect();
          }}
        >
          Use another wallet
        </button>
      </p>
      ${this.#cost(connection)}
      <div class="button-row">
        <button
          type="button"
          class="button button-primary"
          aria-disabled=${settling.busy !== ""}
          @click=${() => {
            void settling.submitByWallet(connection);
          }}
        >
          ${icon("wallet")} Settle ${bills}
        </button>
      </div>
    `;
  }

  #cost(connection: Connection): TemplateResult {
    const { settling } = this;
    const { currency } = settling.app.config;
    const key = [
      connection.account,
      ...settling.ready.map(({ meter, bill }) => `${meter} ${bill.period}`),
    ].join();
    if (this.#plan?.for !== key) void this.#makePlan(key, connection);
    const result = this.#plan?.result ?? null;
    if (result === null) return html`<p class="muted">Trying it without sending …</p>`;
    if (result instanceof Error) return failure(result);
    return html`<p class="muted">
      ${count(result.transactions.length, "transaction")}, at most ${ether(result.cost, currency)}
      for gas; the account has ${ether(result.balance, currency)}.
    </p>`;
  }

  async #makePlan(key: string, connection: Connection): Promise<void> {
    this.#plan = { for: key, result: null };
    const result = await this.settling.plan(connection).catch(explainFailure);
    if (this.#plan.for !== key) return;
    this.#plan = { for: key, result };
    this.settling.app.update();
  }

  async #connect(wallet: AnnouncedWallet): Promise<void> {
    const { settling } = this;
    if (settling.busy !== "") return;
    settling.fail(null);
    settling.busy = `Answer in ${wallet.name}`;
    settling.app.update();
    try {
      this.#connection = await Connection.open(wallet, () => {
        settling.app.update();
      });
      // The owner may answer the wallet after the page was left.
      if (this.#left) this.#connection.close();
    } catch (error) {
      settling.fail(explainFailure(error));
    }
    settling.busy = "";
    settling.app.update();
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = null;
    this.#plan = null;
    this.settling.app.update();
  }
}

function picture({ icon: source }: AnnouncedWallet): TemplateResult {
  return source === ""
    ? icon("wallet")
    : html`<img src=${source} alt="" width="28" height="28" referrerpolicy="no-referrer" />`;
}
