/**
 * What outlives a reload: the bills collected and what was submitted of them, in this browser's own
 * storage. Bill files hold nothing secret. What became of them is not kept: the chain knows.
 */
import * as v from "valibot";
import { readJson } from "../../../src/json/index.js";
import type { WebConfig } from "../../../src/pages/config.js";

export interface SavedBill {
  /** Name of the file it came in. */
  readonly name: string;
  readonly text: string;
}

/** Bills by (meter, period), as `nullifierOf` names them. */
export type Submission =
  | {
      readonly via: "wallet";
      readonly bills: readonly string[];
      /** `null` from asking the wallet until it answers. */
      readonly hash: string | null;
    }
  | { readonly via: "relay"; readonly bills: readonly string[] };

export interface Progress {
  readonly bills: readonly SavedBill[];
  readonly submissions: readonly Submission[];
}

const progressField = v.object({
  bills: v.array(v.object({ name: v.string(), text: v.string() })),
  submissions: v.array(
    v.variant("via", [
      v.object({
        via: v.literal("wallet"),
        bills: v.array(v.string()),
        hash: v.nullable(v.string()),
      }),
      v.object({ via: v.literal("relay"), bills: v.array(v.string()) }),
    ]),
  ),
});

const EMPTY: Progress = { bills: [], submissions: [] };
const PREFIX = "sipster/settle@1";

/** One deployment on one chain: a local chain that is started again has other bills. */
function keyOf({ deployment }: WebConfig): string {
  return `${PREFIX} ${deployment.contracts.settlement.address} ${deployment.genesisHash}`;
}

export function loadProgress(config: WebConfig): Progress {
  try {
    return parse(localStorage.getItem(keyOf(config)));
  } catch {
    // No storage: begin with nothing.
    return EMPTY;
  }
}

function parse(text: string | null): Progress {
  try {
    return readJson(progressField, text ?? "null", (why) => new Error(why));
  } catch {
    // Not what was stored: begin with nothing.
    return EMPTY;
  }
}

/**
 * Calls `changed` when another tab of this browser saves, with what was saved before and after.
 * @returns ends it
 */
export function onSavedElsewhere(
  config: WebConfig,
  changed: (before: Progress, after: Progress) => void,
): () => void {
  const listener = ({ key, oldValue, newValue }: StorageEvent): void => {
    if (key === keyOf(config)) changed(parse(oldValue), parse(newValue));
  };
  addEventListener("storage", listener);
  return () => {
    removeEventListener("storage", listener);
  };
}

/** @returns whether it is kept: a browser without storage settles bills all the same */
export function saveProgress(config: WebConfig, progress: Progress): boolean {
  const key = keyOf(config);
  try {
    if (progress.bills.length === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(progress));
    return true;
  } catch {
    return progress.bills.length === 0;
  }
}

/** Forgets what was collected for this contract on chains that are gone. */
export function forgetOtherChains(config: WebConfig): void {
  const { address } = config.deployment.contracts.settlement;
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(`${PREFIX} ${address} `) && key !== keyOf(config)) {
        localStorage.removeItem(key);
      }
    }
  } catch {
    // No storage, nothing to forget.
  }
}
