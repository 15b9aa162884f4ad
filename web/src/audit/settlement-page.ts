/** One settlement in full: the signed bill, every check named, the pairing recomputed here. */
import { html, nothing, type TemplateResult } from "lit-html";
import { hexlify } from "ethers";
import type { Claim } from "../../../src/chain/audit/history.js";
import { proofOf } from "../../../src/chain/audit/proof.js";
import { SETTLEMENT_CHECKS, type SettlementCheck } from "../../../src/chain/audit/result.js";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";
import type { SipsterError } from "../../../src/errors/sipster-error.js";
import { billCoordinates } from "../../../src/sipster/bill.js";
import { href } from "../app/router.js";
import { checkList } from "../ui/checks.js";
import { downloadJson } from "../ui/download.js";
import { count, integer, periodName, short, time } from "../ui/format.js";
import { blockLink, transactionLink } from "../ui/explorer.js";
import { copyable, shortHex } from "../ui/hex.js";
import { failure, notice, sentence } from "../ui/notice.js";
import type { AuditPage } from "./frame.js";
import { claimsByTransaction } from "./ledger.js";
import {
  settlementInFull,
  type SettlementInFull,
} from "../../../src/chain/audit/one-settlement.js";
import type { AuditContext } from "./context.js";
import { checkState } from "./verdict.js";
import { toHex } from "./words.js";

/** Milliseconds after which a settlement is looked at again when the node failed. */
const RETRY = 4000;

export function settlementPage(on: AuditContext, meterName: string, period: number): AuditPage {
  const meter = meterName.toLowerCase();
  const { app, ledger } = on;
  let full: SettlementInFull | SipsterError | null = null;
  /** The transaction and block that were asked about: another one is asked about again. */
  let asked = "";

  const ask = async (claim: Claim): Promise<void> => {
    const { provider } = app.chain;
    const what = `${claim.transaction} ${claim.block}`;
    if (provider === null || asked === what) return;
    asked = what;
    const { deployment } = app.config;
    full = await settlementInFull({
      provider,
      deployment,
      history: ledger.history,
      claim,
      upTo: ledger.upTo,
    }).catch(explainFailure);
    // After a failure it is asked again soon, and meanwhile the failure is shown.
    if (full instanceof Error) {
      setTimeout(() => {
        asked = "";
        app.update();
      }, RETRY);
    }
    app.update();
  };

  return {
    title: `${periodName(period)}, meter ${short(meter)}`,
    topic: "settlements",
    lede: html`The settlement of one bill, in full. The meter is ${shortHex(meter)}, the period
    ${period}; the amount is not on the chain.`,
    body() {
      const claim = ledger.history.claims.find((c) => c.meter === meter && c.period === period);
      if (claim === undefined) return notSettled(on, meter, period);
      void ask(claim);
      void ledger.fetchMined([claim.transaction]);
      if (full instanceof Error) return failure(full);
      return html`${
        full === null
          ? html`<p role="status" class="muted">Recomputing every check …</p>`
          : inFull(full)
      }
      ${onChain(on, claim)}`;
    },
  };
}

function notSettled({ ledger }: AuditContext, meter: string, period: number): TemplateResult {
  return notice(
    "warn",
    "This bill is not settled",
    html`<p>
      Up to block ${integer(ledger.upTo)} the contract has settled no bill of this meter for this
      period. <a href=${href(["audit", "meters", meter])}>See the meter</a> or
      <a href=${href(["audit", "periods", period])}>see the period</a>.
    </p>`,
  );
}

function inFull({ audited, bill, call, key, pairingTime }: SettlementInFull): TemplateResult {
  const { verdict, checks, problems } = audited;
  const outcome = {
    verified: ["good", "This settlement holds"],
    failed: ["bad", "This settlement does not hold"],
    unverifiable: ["warn", "This settlement cannot be verified with this node"],
  } as const;
  const [tone, title] = outcome[verdict];
  return html`
    ${notice(
      tone,
      title,
      problems.length === 0
        ? html`<p>
            Every check was recomputed in this browser just now, with a library that shares no code
            with the one that meters and utility compute with. The pairing took
            ${integer(Math.round(pairingTime))} ms.
          </p>`
        : html`<ul>
            ${problems.map((problem) => html`<li>${sentence(problem)}</li>`)}
          </ul>`,
    )}
    <section class="card stack" aria-labelledby="checks">
      <h2 id="checks">Checks</h2>
      ${checkList(
        (Object.keys(SETTLEMENT_CHECKS) as SettlementCheck[]).map((name) => ({
          name: sentence(SETTLEMENT_CHECKS[name]),
          state: checkState(checks[name]),
        })),
      )}
    </section>
    ${bill === null || call === null ? nothing : signedBill({ audited, bill, call, key })}
  `;
}

function signedBill({
  audited,
  bill,
  call,
  key,
}: {
  readonly audited: SettlementInFull["audited"];
  readonly bill: NonNullable<SettlementInFull["bill"]>;
  readonly call: NonNullable<SettlementInFull["call"]>;
  readonly key: SettlementInFull["key"];
}): TemplateResult {
  return html`<section class="card stack" aria-labelledby="bill">
    <div class="card-head">
      <h2 id="bill">The signed bill</h2>
      ${downloadJson(`sipster-settlement-${bill.period}`, "Save as JSON", {
        ...audited,
        bill: billWords(bill),
        receipt: { x: toHex(call.sx), y: toHex(call.sy), bills: call.bills.length },
      })}
    </div>
    <dl class="facts">
      ${Object.entries(billWords(bill)).map(
        ([name, value]) =>
          html`<dt>${LABELS[name]}</dt>
            <dd>${typeof value === "number" ? value : copyable(value, LABELS[name]!)}</dd>`,
      )}
    </dl>
    <h3>
      ${
        call.method === "settleBatch"
          ? `The combined receipt σ* of the batch of ${count(call.bills.length, "bill")}`
          : "The combined receipt σ"
      }
    </h3>
    <dl class="facts">
      <dt>x</dt>
      <dd>${copyable(toHex(call.sx), "x of the receipt")}</dd>
      <dt>y</dt>
      <dd>${copyable(toHex(call.sy), "y of the receipt")}</dd>
      <dt>Verified with</dt>
      <dd>
        ${
          key === null
            ? "no key"
            : html`<a href=${href(["audit", "keys"])}
                >the utility's key of epoch ${key.keyEpoch}</a
              >`
        }
      </dd>
    </dl>
  </section>`;
}

const LABELS: Readonly<Record<string, string>> = {
  period: "Period",
  keyEpoch: "Key epoch",
  rx: "R, x",
  ry: "R, y",
  signature: "Signature of the meter",
};

function billWords(bill: NonNullable<SettlementInFull["bill"]>) {
  const { rx, ry } = billCoordinates(bill);
  return {
    period: bill.period,
    keyEpoch: bill.keyEpoch,
    rx: toHex(rx),
    ry: toHex(ry),
    signature: hexlify(bill.signature),
  };
}

const FINALITY = {
  included: "Included: the chain can still replace the block",
  safe: "Safe: most of the chain has agreed on the block",
  final: "Final: the block stays",
} as const;

function onChain({ ledger }: AuditContext, claim: Claim): TemplateResult {
  const { transaction, block } = claim;
  const { config } = ledger.app;
  const mined = ledger.mined(transaction);
  const bills = claimsByTransaction(ledger.history.claims).get(transaction)!;
  return html`<section class="card stack" aria-labelledby="on-chain">
    <h2 id="on-chain">On the chain</h2>
    <dl class="facts">
      <dt>Transaction</dt>
      <dd>
        ${copyable(transaction, "the transaction's hash")}
        ${config.explorerUrl === undefined ? nothing : html`<span>See it in the explorer: ${transactionLink(config, transaction)}</span>`}
      </dd>
      <dt>Block</dt>
      <dd>${blockLink(config, block, integer(block))}</dd>
      <dt>Finality</dt>
      <dd>${FINALITY[ledger.finality(block)]}</dd>
      ${
        mined === undefined || mined === null
          ? nothing
          : html`<dt>Time</dt>
              <dd>${time(mined.timestamp)}</dd>
              <dt>Gas</dt>
              <dd>
                ${integer(mined.gasUsed)}${
                  bills === 1
                    ? nothing
                    : ` for ${integer(bills)} bills, ${integer(mined.gasUsed / BigInt(bills))} each`
                }
              </dd>
              <dt>Sent by</dt>
              <dd>${copyable(mined.from, "the sender's address")}</dd>`
      }
    </dl>
    <p class="button-row">
      ${downloadJson(
        `sipster-proof-${claim.period}`,
        "Save the proof of settlement",
        proofOf(config.deployment, claim),
      )}
      <a href=${href(["audit", "proof"])}>Check a proof</a>
    </p>
    <p class="muted small">From any sender, the settlement counts for the meter that signed.</p>
  </section>`;
}
