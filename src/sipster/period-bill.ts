/** `BillGen` over all tokens of a period, signed, with the blinding factor that its resident needs. */
import type { Bn254 } from "../algebra/index.js";
import { billGen, signBill, type SignedBill } from "./bill.js";
import type { SettlementSystem } from "./system.js";
import type { GeneratedToken } from "./token.js";
import { deriveBlinding, type ViewKey } from "./view-key.js";

export interface PeriodToBill {
  readonly period: number;
  readonly keyEpoch: number;
  readonly tokens: readonly GeneratedToken[];
  readonly viewKey: ViewKey;
  readonly billKey: Uint8Array;
}

/** `blinding` is r, and in the classic suite Σrᵢ with it. Deterministic: the same bytes every time. */
export function billPeriod(
  curve: Bn254,
  system: SettlementSystem,
  { period, keyEpoch, tokens, viewKey, billKey }: PeriodToBill,
): { readonly bill: SignedBill; readonly blinding: bigint } {
  const { g1 } = curve;
  const r = deriveBlinding(viewKey, system.systemId, { keyEpoch, period });
  const blinding = tokens.reduce((sum, t) => sum + t.blinding, r) % g1.order;
  const accumulated = g1.sum(tokens.map(({ point }) => point));
  const bill = billGen({ curve, period, keyEpoch, accumulated, blinding });
  return { bill: signBill(system, bill, billKey), blinding };
}
