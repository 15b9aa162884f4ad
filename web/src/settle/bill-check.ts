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

export type Verdict =
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
  readonly verdict: Verdict;
}

export interface ChainToCheckAgainst {
  readonly deployment: Deployment;
  readonly contract: BillSettlement;
  readonly keys: KeyReader;
  /** The ends of the chain when it was last looked at. */
  heads(): ChainHeads;
}

/** Characters; no bill file comes near it. */
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
      throw webErrors.error("altered-bill", "this is not what the meter signed", {}, error);
    }
    throw error;
  }
}

/** Checks a bill, reporting after each step. Never throws: what is wrong is in the report. */
export async function checkBill(
  text: string,
  chain: ChainToCheckAgainst | null,
  report: (report: BillReport) => void,
): Promise<void> {
  const done = new Map<Step, Check>();
  let bill: SettleableBill | null = null;
  const pass = (step: Step, detail?: string): void => {
    done.set(step, {
      name: NAMES[step],
      state: "good",
      ...(detail === undefined ? {} : { detail }),
    });
  };
  const say = (verdict: Verdict): void => {
    const rest = verdict.status === "checking" ? "wait" : "open";
    const checks = STEPS.map(
      (step) => done.get(step) ?? ({ name: NAMES[step], state: rest } as const),
    );
    report({ bill, checks, verdict });
  };
  const stop = (step: Step, error: SipsterError, status: "refused" | "unknown"): void => {
    done.set(step, {
      name: NAMES[step],
      state: status === "refused" ? "bad" : "open",
      detail: error.message,
    });
    say({ status, error });
  };

  let step: Step = "file";
  try {
    bill = readBill(text);
    pass("file", `Key epoch ${bill.bill.keyEpoch}, period ${bill.bill.period}`);
    pass("signature", `Meter ${bill.meter}`);
    if (chain === null) {
      say({ status: "checking" });
      return;
    }
    step = "system";
    checkSystem(chain.deployment, bill);
    pass("system");
    say({ status: "checking" });

    step = "key";
    const key = await chain.keys.read(bill.bill.keyEpoch);
    pass("key", `Epoch ${key.keyEpoch}: e(A1, P2) = e(P1, A2)`);
    say({ status: "checking" });
    await breathe();

    step = "pairing";
    if (!verifyCombined(nobleBn254, key, bill.r, bill.combined)) {
      // The contract says the same, in the words that the command line uses too.
      const verdict = await explainBill(chain.contract, nobleBn254, bill);
      const error =
        verdict.status === "refused"
          ? verdict.error
          : webErrors.error(
              "pairing-fails",
              `the receipt does not pay the bill of ${short(bill.meter)}`,
            );
      stop("pairing", error, "refused");
      return;
    }
    pass("pairing");
    say({ status: "checking" });

    step = "contract";
    const verdict = await explainBill(chain.contract, nobleBn254, bill);
    if (verdict.status === "refused") {
      stop("contract", verdict.error, "refused");
    } else if (verdict.status === "settles") {
      pass("contract");
      say({ status: "ready" });
    } else {
      pass("contract", "It is settled already: nothing is left to do");
      const standing = await standingOf(chain, bill);
      // Between two questions a reorganisation may have taken it away.
      say(standing === null ? { status: "ready" } : { status: "settled", ...standing });
    }
  } catch (error) {
    const explained = explainFailure(error);
    stop(step, explained, isOfTheNode(explained) ? "unknown" : "refused");
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
    const standing = await standingSettlement(chain, { meter, period }, seen, known);
    // A block may have come meanwhile, and what was judged by the one before is judged again.
    if (heads().latest.hash === seen.latest.hash || tries === TRIES) return standing;
  }
}

/** Errors that say nothing of the bill. */
function isOfTheNode({ code }: SipsterError): boolean {
  return ["chain/unreachable", "wallet/failed", "chain/events-refused"].includes(code);
}

/** Lets the browser draw and react between two pieces of work of some ten milliseconds each. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
