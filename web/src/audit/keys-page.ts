/** The utility's keys: every one ever registered, with its consistency recomputed here. */
import { html, type TemplateResult } from "lit-html";
import { nobleBn254 } from "../../../src/algebra/bn254/bn254-noble.js";
import type { RegisteredKey } from "../../../src/chain/audit/history.js";
import { g1FromWords, g2FromWords } from "../../../src/chain/contract-values.js";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";
import { pairingsEqual } from "../../../src/algebra/bn254/bn254.js";
import { checkList, type Check } from "../ui/checks.js";
import { downloads } from "../ui/download.js";
import { integer, periodName } from "../ui/format.js";
import { copyable } from "../ui/hex.js";
import type { AuditPage } from "./frame.js";
import type { AuditContext } from "./context.js";
import { toHex } from "./words.js";

export function keysPage({ ledger }: AuditContext): AuditPage {
  const checks = new Map<RegisteredKey, readonly Check[]>();
  return {
    title: "Keys of the utility",
    topic: "keys",
    lede: "Receipts are made with the utility's secret key and verified with its public one. Keys are registered one after the other, for good; a bill names the epoch of its key.",
    body() {
      const { keys, claims } = ledger.history;
      if (keys.length === 0) return html`<p class="card muted">No key is registered yet.</p>`;
      return html`
        ${keys.toReversed().map((key) => {
          let its = checks.get(key);
          if (its === undefined) checks.set(key, (its = checkKey(key)));
          const used = claims.filter(({ keyEpoch }) => keyEpoch === key.keyEpoch).length;
          return keyCard(key, its, used);
        })}
        ${downloads({ name: "sipster-keys", what: "the keys", rows: keys.map(record) })}
      `;
    },
  };
}

function keyCard(key: RegisteredKey, checks: readonly Check[], used: number): TemplateResult {
  const title = `key-${key.keyEpoch}`;
  return html`<section class="card stack" aria-labelledby=${title}>
    <h2 id=${title}>Key epoch ${key.keyEpoch}</h2>
    <dl class="facts">
      <dt>Periods from</dt>
      <dd>${key.firstPeriod === 0 ? "the beginning" : periodName(key.firstPeriod)}</dd>
      <dt>Registered in block</dt>
      <dd>${integer(key.block)}</dd>
      <dt>By transaction</dt>
      <dd>${copyable(key.transaction, "the transaction's hash")}</dd>
      <dt>Settlements under it</dt>
      <dd>${integer(used)}</dd>
    </dl>
    ${checkList(checks)}
    <details>
      <summary>
        The key itself<span class="visually-hidden"> of epoch ${key.keyEpoch}</span>
      </summary>
      <dl class="facts">
        ${words(key).map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${copyable(toHex(value), name)}</dd>`,
        )}
      </dl>
    </details>
  </section>`;
}

function words({ a1, a2 }: RegisteredKey): readonly (readonly [string, bigint])[] {
  return [
    ["A1, x", a1.x],
    ["A1, y", a1.y],
    ["A2, x, imaginary part", a2.xC1],
    ["A2, x, real part", a2.xC0],
    ["A2, y, imaginary part", a2.yC1],
    ["A2, y, real part", a2.yC0],
  ];
}

function record(key: RegisteredKey) {
  const { keyEpoch, firstPeriod, notice, block, transaction, a1, a2 } = key;
  return {
    keyEpoch,
    firstPeriod,
    notice,
    block,
    transaction,
    a1x: toHex(a1.x),
    a1y: toHex(a1.y),
    a2xC1: toHex(a2.xC1),
    a2xC0: toHex(a2.xC0),
    a2yC1: toHex(a2.yC1),
    a2yC0: toHex(a2.yC0),
  };
}

/** The checks of registration, one by one. */
function checkKey({ a1, a2 }: RegisteredKey): Check[] {
  const { g1, g2 } = nobleBn254;
  const checks: Check[] = [];
  const check = <T>(name: string, body: () => T): T | null => {
    if (checks.some(({ state }) => state !== "good")) {
      checks.push({ name, state: "open" });
      return null;
    }
    try {
      const result = body();
      checks.push({ name, state: result === false ? "bad" : "good" });
      return result;
    } catch (error) {
      checks.push({ name, state: "bad", detail: explainFailure(error).message });
      return null;
    }
  };
  const p1 = check("A1 is a point of G1", () => g1FromWords(nobleBn254, a1));
  const p2 = check("A2 is a point of G2, of prime order", () => g2FromWords(nobleBn254, a2));
  check("Neither is the identity", () => !g1.isIdentity(p1!) && !g2.isIdentity(p2!));
  check("Both halves are of one secret: e(A1, P2) = e(P1, A2)", () =>
    pairingsEqual(nobleBn254, [p1!, g2.generator], [g1.generator, p2!]),
  );
  return checks;
}
