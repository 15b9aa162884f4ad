/** When a home's tokens accrue: as the meter emits them, on the readings' half-hours. */
import { breakDown, type Denominations, type EmissionRule } from "../../sipster/index.js";
import type { Population, SimulatedHome } from "./population.js";

export interface AccruedToken {
  readonly denomination: number;
  /** When the wallet has it, Unix seconds. */
  readonly at: number;
}

/**
 * The tokens of a period in the order in which a meter emits them: the largest whenever so much has
 * accrued and the remainder broken down at the end; or, at the period's end, all of them.
 */
export function tokensOf(
  { owed }: SimulatedHome,
  { bounds, stepSeconds }: Pick<Population, "bounds" | "stepSeconds">,
  rule: { readonly denominations: Denominations; readonly emission: EmissionRule },
): AccruedToken[] {
  const tokens: AccruedToken[] = [];
  const largest = rule.denominations.at(-1)!;
  let emitted = 0;
  if (rule.emission === "as-it-accrues") {
    for (let i = 0; i < owed.length; i++) {
      const at = bounds.from / 1000 + (i + 1) * stepSeconds;
      for (; owed[i]! - emitted >= largest; emitted += largest) {
        tokens.push({ denomination: largest, at });
      }
    }
  }
  const rest = BigInt(owed.at(-1)! - emitted);
  for (const denomination of breakDown(rest, rule.denominations)) {
    tokens.push({ denomination, at: bounds.to / 1000 });
  }
  return tokens;
}
