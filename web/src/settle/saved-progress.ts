/**
 * What outlives a reload: the bills collected and what was submitted of them, in this browser's own
 * storage. Bill files hold nothing secret. What became of them is not kept: the chain knows.
 */
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

const EMPTY: Progress = { bills: [], submissions: [] };
const PREFIX = "sipster/settle@1";

/** One deployment on one chain: a local chain that is started anew has other bills. */
function keyOf({ deployment }: WebConfig): string {
  return `${PREFIX} ${deployment.contracts.settlement.address} ${deployment.genesisHash}`;
}

export function loadProgress(config: WebConfig): Progress {
  try {
    const value = JSON.parse(localStorage.getItem(keyOf(config)) ?? "null") as Progress | null;
    return Array.isArray(value?.bills) && Array.isArray(value.submissions) ? value : EMPTY;
  } catch {
    // No storage, or not what was stored: begin anew.
    return EMPTY;
  }
}

export function saveProgress(config: WebConfig, progress: Progress): void {
  const key = keyOf(config);
  try {
    if (progress.bills.length === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(progress));
  } catch {
    // A browser without storage settles bills all the same; a reload then begins anew.
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
