/** Checking a resident's proof of settlement against the chain. */
import { html, nothing, type TemplateResult } from "lit-html";
import { checkProof, parseProof, type CheckedProof } from "../../../src/chain/audit/proof.js";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";
import { chainErrors } from "../../../src/chain/errors/errors.js";
import type { SipsterError } from "../../../src/errors/sipster-error.js";
import { href } from "../app/router.js";
import { FINALITY_NAMES, periodName } from "../ui/format.js";
import { shortHex } from "../ui/hex.js";
import { failure, notice, sentence } from "../ui/notice.js";
import type { AuditPage } from "./frame.js";
import type { AuditContext } from "./context.js";

/** Bytes; a proof has a few hundred. */
const MAX_LENGTH = 16_384;

export function proofPage({ app }: AuditContext): AuditPage {
  let found: CheckedProof | SipsterError | "checking" | null = null;
  const check = async (file: File): Promise<CheckedProof> => {
    const { provider } = app.chain;
    if (provider === null) throw chainErrors.error("unreachable", "the node has not answered yet");
    const proof = parseProof(await file.slice(0, MAX_LENGTH).text());
    return checkProof({
      provider,
      deployment: app.config.deployment,
      proof,
      rule: app.config.finality,
    });
  };
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    found = "checking";
    app.update();
    found = await check(file).catch(explainFailure);
    app.update();
  };
  return {
    title: "Check a proof of settlement",
    topic: "settlements",
    lede: "A resident saves the proof on the page of the settlement and shows it to anyone. It is checked here, against the chain. It does not tell the amount.",
    body: () => html`
      <p>
        <label
          >File with the proof
          <input
            type="file"
            accept=".json,application/json"
            @change=${(event: Event) => {
              const input = event.currentTarget as HTMLInputElement;
              void take(input.files?.[0]);
              // The same file, written again, can be chosen again.
              input.value = "";
            }}
        /></label>
      </p>
      <div role="status">${shown(found)}</div>
    `,
  };
}

function shown(
  found: CheckedProof | SipsterError | "checking" | null,
): TemplateResult | typeof nothing {
  if (found === null) return nothing;
  if (found === "checking") return html`<p class="muted">Checking it against the chain …</p>`;
  if (found instanceof Error) return failure(found);
  const { proof, ok, finality, problems } = found;
  if (!ok) {
    return notice(
      "bad",
      "This proof does not hold",
      html`<ul>
        ${problems.map((problem) => html`<li>${sentence(problem)}</li>`)}
      </ul>`,
    );
  }
  return notice(
    finality === "final" ? "good" : "warn",
    html`${periodName(proof.period)} of meter ${shortHex(proof.meter)} is settled`,
    html`<p>
      ${FINALITY_NAMES[finality!]}${finality === "final" ? "." : ": the chain can still replace the block."}
      <a href=${href(["audit", "settlements", proof.meter, proof.period])}
        >See the settlement in full</a
      >.
    </p>`,
  );
}
