/** What to look at first, at the top of the audit. */
import { html, nothing, type TemplateResult } from "lit-html";
import { alertInputs } from "../../../src/chain/audit/audit.js";
import { alertsOf, type Alert } from "../../../src/chain/governance/alerts.js";
import { href } from "../app/router.js";
import { time } from "../ui/format.js";
import { notice, sentence } from "../ui/notice.js";
import { transactionLink } from "../ui/explorer.js";
import type { Ledger } from "./ledger.js";

const DAY = 86_400;

export function currentAlerts({ app, governance, history, time: now }: Ledger): readonly Alert[] {
  return alertsOf(alertInputs({ deployment: app.config.deployment, governance, history, now }));
}

export function alertNotices(ledger: Ledger): TemplateResult | typeof nothing {
  const alerts = currentAlerts(ledger);
  if (alerts.length === 0) return nothing;
  const of = (level: Alert["level"]) => alerts.filter((alert) => alert.level === level);
  const [alarms, notes] = [of("alarm"), of("notice")];
  return html`<section class="stack" aria-label="Alerts">
    ${
      alarms.length === 0
        ? nothing
        : notice(
            "bad",
            "Not as recorded: look at this first",
            html`${list(ledger, alarms)}
              <p><a href=${href(["audit", "governance"])}>Who holds which role since when</a></p>`,
          )
    }
    ${notes.length === 0 ? nothing : notice("warn", "Worth knowing", list(ledger, notes))}
  </section>`;
}

function list(ledger: Ledger, alerts: readonly Alert[]): TemplateResult {
  return html`<ul>
    ${alerts.map((alert) => html`<li>${sentence(alert.message)} ${since(ledger, alert)}</li>`)}
  </ul>`;
}

function since({ app, time: now }: Ledger, alert: Alert): TemplateResult | typeof nothing {
  if (alert.since === null) return nothing;
  const { time: at, transaction } = alert.since;
  return html`<span class="muted"
    >${at === null ? nothing : html`${time(at)}${ago(Number(now - at))}, `}transaction
    ${transactionLink(app.config, transaction)}</span
  >`;
}

/** By the chain's own clock. */
function ago(seconds: number): string {
  const days = Math.floor(seconds / DAY);
  if (days === 0) return ", less than a day before the last block";
  return days === 1 ? ", one day before the last block" : `, ${days} days before the last block`;
}
