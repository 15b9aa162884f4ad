/**
 * The denominations of a demonstration, when none are given. 1, 10 and 100 units suit bills of
 * hundreds; where the neighbourhood's bills are larger, further powers of ten keep a typical one at a
 * few dozen receipts. A utility would look at last year's mean, which is public; here a few homes of
 * this month stand for it.
 */
import * as v from "valibot";
import { countField, readJson } from "../json/index.js";
import {
  BINARY_DENOMINATIONS,
  DEFAULT_DENOMINATIONS,
  parseDenominations,
  type Denominations,
} from "../sipster/index.js";
import { MONEY_DENOMINATOR } from "../readings/index.js";
import { demoErrors } from "./errors.js";
import type { DemoFolder } from "./folder.js";
import type { Household } from "./households.js";
import type { DemoOptions, DemoSettings } from "./options.js";

/** A mean bill of more than so many of the largest tokens calls for a larger one. */
const MOST_LARGE_TOKENS = 50n;
const SAMPLE = 16;

/** Units that a home of the neighbourhood owes in the mean. */
export function meanUnits(households: readonly Household[], minorUnits: number): bigint {
  const sample = households.slice(0, SAMPLE);
  let owed = 0n;
  for (const home of sample) for (const { charge } of home.charges()) owed += charge.numerator;
  return owed / (MONEY_DENOMINATOR * BigInt(minorUnits * sample.length));
}

/** The options with the denominations given, those of an earlier run in this folder, or fitting ones. */
export function withDenominations(
  options: DemoOptions,
  folder: DemoFolder,
  households: readonly Household[],
): DemoSettings {
  const text = folder.text("utility/denominations.json", () =>
    JSON.stringify(options.denominations ?? fitting(households, options)),
  );
  return {
    ...options,
    denominations:
      options.denominations ??
      parseDenominations(
        readJson(v.array(countField), text, (why) =>
          demoErrors.error("damaged-folder", `utility/denominations.json ${why}`),
        ),
      ),
  };
}

function fitting(
  households: readonly Household[],
  { emission, minorUnits }: Pick<DemoOptions, "emission" | "minorUnits">,
): Denominations {
  if (emission === "at-period-end") return BINARY_DENOMINATIONS;
  const mean = meanUnits(households, minorUnits);
  const denominations = [...DEFAULT_DENOMINATIONS];
  while (mean > MOST_LARGE_TOKENS * BigInt(denominations.at(-1)!)) {
    denominations.push(denominations.at(-1)! * 10);
  }
  return parseDenominations(denominations);
}
