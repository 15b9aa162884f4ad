/**
 * Everything that is looked at before anybody is asked to pay gas for a bill: in this browser with
 * the project's own library over noble, against the key that is registered on the chain; and last by
 * the contract itself, in a call that changes nothing.
 */
import { nobleBn254 } from "../../../src/algebra/bn254/bn254-noble.js";
import type { BillSettlement } from "../../../src/chain/bindings/index.js";
import type { Deployment } from "../../../src/chain/deploy/deployment.js";
import type { ChainHeads } from "../../../src/chain/finality.js";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";
import { checkSystem } from "../../../src/chain/settle/settle.js";
import { explainBill } from "../../../src/chain/settle/settle-one.js";
import { isSipsterError, type SipsterError } from "../../../src/errors/sipster-error.js";
import { parseBillFile, type SettleableBill } from "../../../src/sipster/bill-file.js";
import { verifyCombined } from "../../../src/sipster/combine.js";
import { short } from "../ui/format.js";
import type { Check } from "../ui/checks.js";
import {
  standingSettlement,
  type StandingSettlement,
} from "../../../src/chain/settle/find-settlement.js";
import type { KeyReader } from "./key-reader.js";
import { webErrors } from "../../../src/pages/errors.js";

/** Where a bill on the page stands. */
export type BillState =
  | { readonly status: "checking" }
  /** Everything is right: it can be submitted. */
  | { readonly status: "ready" }
  /** In the chain of now; for good once it is final. */
  | ({ readonly status: "settled" } & StandingSettlement)
  | { readonly status: "refused"; readonly error: SipsterError }
  /** Not known: the node did not answer. */
  | { readonly status: "unknown"; readonly error: SipsterError };

export interface BillReport {
  readonly bill: SettleableBill | null;
  readonly checks: readonly Check[];
  readonly verdict: BillState;
}

export interface ChainToCheckAgainst {
  readonly deployment: Deployment;
  readonly contract: BillSettlement;
  readonly keys: KeyReader;
  /** The ends of the chain when it was last looked at. */
  heads(): ChainHeads;
}

/** Characters; a bill file has about a thousand. */
export const MAX_FILE_LENGTH = 16_384;

/** How often a settlement is looked at again because blocks come while the node is asked. */
const TRIES = 5;

const NAMES = {
  file: "The file is a complete bill, its points are on the curve",
  signature: "The meter signed exactly this bill",
  system: "It is for this chain and this contract",
  key: "The utility's key is registered on the chain and consistent",
  pairing: "The combined receipt pays the bill: e(σ, P2) = e(R, A2)",
  contract: "The contract would settle it (tried without sending anything)",
} as const;

type Step = keyof typeof NAMES;
const STEPS = Object.keys(NAMES) as Step[];

/** Reads a bill file, without asking anybody. @throws sipster/bad-bill-file, web/altered-bill, file-too-large */
export function readBill(text: string): SettleableBill {
  if (text.length > MAX_FILE_LENGTH) {
    throw webErrors.error("file-too-large", `the file has more than ${MAX_FILE_LENGTH} characters`);
  }
  try {
    return parseBillFile(nobleBn254, text);
  } catch (error) {
    if (isSipsterError(error, "sipster/bad-bill-file") && error.message.includes('"signature"')) {
      throw webErrors.errorFrom({
        key: "altered-bill",
        message: "this is not what the meter signed",
        cause: error,
      });
    }
    throw error;
  }
}

/** What is known of a bill so far; each change is reported. */
class CheckedBill {
  bill: SettleableBill | null = null;
  /** The check under way. */
  step: Step = "file";
  readonly #done = new Map<Step, Check>();

  constructor(private readonly report: (report: BillReport) => void) {}

  pass(step: Step, detail?: string): void {
    const check = { name: NAMES[step], state: "good" } as const;
    this.#done.set(step, { ...check, ...(detail === undefined ? {} : { detail }) });
  }

  say(verdict: BillState): void {
    const rest = verdict.status === "checking" ? "wait" : "open";
    const checks = STEPS.map(
      (step) => this.#done.get(step) ?? ({ name: NAMES[step], state: rest } as const),
    );
    this.report({ bill: this.bill, checks, verdict });
  }

  /** The step under way ends the checks. */
  stop(error: SipsterError, status: "refused" | "unknown"): void {
    this.#done.set(this.step, {
      name: NAMES[this.step],
      state: status === "refused" ? "bad" : "open",
      detail: error.message,
    });
    this.say({ status, error });
  }
}

/** Checks a bill, reporting after each step. Never throws: what is wrong is in the report. */
export async function checkBill(
  text: string,
  chain: ChainToCheckAgainst | null,
  report: (report: BillReport) => void,
): Promise<void> {
  const checked = new CheckedBill(report);
  try {
    const bill = readBill(text);
    checked.bill = bill;
    checked.pass("file", `Key epoch ${bill.bill.keyEpoch}, period ${bill.bill.period}`);
    checked.pass("signature", `Meter ${bill.meter}`);
    if (chain === null) {
      checked.say({ status: "checking" });
      return;
    }
    checked.step = "system";
    checkSystem(chain.deployment, bill);
    checked.pass("system");
    checked.say({ status: "checking" });
    if (await paysBill(chain, bill, checked)) await askContract(chain, bill, checked);
  } catch (error) {
    const explained = explainFailure(error);
    checked.stop(explained, isOfTheNode(explained) ? "unknown" : "refused");
  }
}

/** Does the combined receipt pay the bill under the utility's key? If not, that is said. */
async function paysBill(
  { contract, keys }: ChainToCheckAgainst,
  bill: SettleableBill,
  checked: CheckedBill,
): Promise<boolean> {
  checked.step = "key";
  const key = await keys.read(bill.bill.keyEpoch);
  checked.pass("key", `Epoch ${key.keyEpoch}: e(A1, P2) = e(P1, A2)`);
  checked.say({ status: "checking" });
  await letThePageDraw();

  checked.step = "pairing";
  if (!verifyCombined({ curve: nobleBn254, key, r: bill.r, combined: bill.combined })) {
    // The contract says the same, in the words that the command line uses too.
    const verdict = await explainBill(contract, nobleBn254, bill);
    const cause = `the receipt does not pay the bill of ${short(bill.meter)}`;
    const error =
      verdict.status === "refused" ? verdict.error : webErrors.error("pairing-fails", cause);
    checked.stop(error, "refused");
    return false;
  }
  checked.pass("pairing");
  checked.say({ status: "checking" });
  return true;
}

/** Would the contract settle the bill, or has it? */
async function askContract(
  chain: ChainToCheckAgainst,
  bill: SettleableBill,
  checked: CheckedBill,
): Promise<void> {
  checked.step = "contract";
  const verdict = await explainBill(chain.contract, nobleBn254, bill);
  if (verdict.status === "refused") {
    checked.stop(verdict.error, "refused");
  } else if (verdict.status === "settles") {
    checked.pass("contract");
    checked.say({ status: "ready" });
  } else {
    checked.pass("contract", "It is settled already: nothing is left to do");
    const standing = await standingOf(chain, bill);
    // Between two questions a reorganisation may have taken it away.
    checked.say(standing === null ? { status: "ready" } : { status: "settled", ...standing });
  }
}

/** The settlement of a bill in the chain of now; `null` if there is none. @throws chain/unreachable */
export async function standingOf(
  { contract, deployment, heads }: ChainToCheckAgainst,
  { meter, bill: { period } }: SettleableBill,
  known: string | null = null,
): Promise<StandingSettlement | null> {
  const chain = { provider: contract.runner!.provider!, deployment };
  for (let tries = 1; ; tries++) {
    const seen = heads();
    const standing = await standingSettlement({
      ...chain,
      bill: { meter, period },
      heads: seen,
      known,
    });
    // A block may have come meanwhile, and what was judged by the one before is judged again.
    if (heads().latest.hash === seen.latest.hash || tries === TRIES) return standing;
  }
}

/** Errors that say nothing of the bill. */
function isOfTheNode({ code }: SipsterError): boolean {
  return ["chain/unreachable", "wallet/failed", "chain/events-refused"].includes(code);
}

/** Lets the browser draw and react between two pieces of work of some ten milliseconds each. */
function letThePageDraw(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
