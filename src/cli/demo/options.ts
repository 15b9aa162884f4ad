/** The options of `sipster demo`, parsed. */
import type { DemoOptions } from "../../demo/index.js";
import {
  parseDenominations,
  type Denominations,
  type EmissionRule,
  type SuiteName,
} from "../../sipster/index.js";
import { cliErrors } from "../errors.js";
import { readOptions, type RawReadingOptions } from "../reading-options.js";

/** As commander hands them over. */
export interface RawDemoOptions extends RawReadingOptions {
  readonly readings?: string[];
  readonly tariff?: string;
  readonly period?: string;
  readonly homes?: number;
  readonly suite: string;
  readonly atPeriodEnd?: boolean;
  readonly batch?: boolean;
  readonly unit?: number;
  readonly denominations?: string;
  readonly seed: string;
  readonly rpc?: string;
  readonly deployment?: string;
  readonly out?: string;
  readonly passphraseFile?: string;
  readonly settle: boolean;
  readonly web?: boolean;
  readonly json?: boolean;
}

/**
 * Minor units of one unit. In the classic suite every token is one unit: a cent would make thousands of
 * tokens a home, each with a coin and a receipt of its own.
 */
const DEFAULT_UNITS: Readonly<Record<SuiteName, number>> = { "hash-bound": 1, classic: 100 };

/** @throws cli/bad-option, sipster/bad-denomination */
export function parseDemoOptions(raw: RawDemoOptions): DemoOptions {
  if (raw.suite !== "hash-bound" && raw.suite !== "classic") {
    throw bad("--suite", raw.suite, "hash-bound or classic");
  }
  return {
    readings: raw.readings ?? [],
    reading: readOptions(raw),
    tariff: raw.tariff ?? null,
    period: raw.period === undefined ? null : parsePeriodOption(raw.period),
    homes: raw.homes ?? null,
    suite: raw.suite,
    emission: emission(raw.suite, raw.atPeriodEnd === true),
    batch: raw.batch === true,
    minorUnits: raw.unit ?? DEFAULT_UNITS[raw.suite],
    denominations: denominations(raw.suite, raw.denominations),
    seed: raw.seed,
    rpc: raw.rpc ?? null,
    deployment: deploymentOption(raw),
    out: raw.out ?? null,
    passphraseFile: raw.passphraseFile ?? null,
    settle: raw.settle,
    web: raw.web === true,
    json: raw.json === true,
  };
}

function deploymentOption({ deployment, rpc }: RawDemoOptions): string | null {
  if (deployment !== undefined && rpc === undefined) {
    throw cliErrors.error("bad-option", "--deployment needs --rpc: which chain is it on?", {
      option: "--deployment",
    });
  }
  return deployment ?? null;
}

function parsePeriodOption(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw bad("--period", text, "a month as YYYY-MM");
  return text;
}

/** The classic suite has tokens of one unit alone: at the period's end there are no larger ones. */
function emission(suite: SuiteName, atPeriodEnd: boolean): EmissionRule {
  if (atPeriodEnd && suite === "classic")
    throw bad("--suite", suite, "hash-bound with --at-period-end");
  return atPeriodEnd ? "at-period-end" : "as-it-accrues";
}

function denominations(suite: SuiteName, text: string | undefined): Denominations | null {
  if (text === undefined) return suite === "classic" ? parseDenominations([1]) : null;
  if (!/^\d+(,\d+)*$/.test(text)) throw bad("--denominations", text, "numbers such as 1,10,100");
  const parsed = parseDenominations(text.split(",").map(Number));
  if (suite === "classic" && parsed.length > 1) {
    throw bad("--denominations", text, "1 with --suite classic, where every token is one unit");
  }
  return parsed;
}

function bad(option: string, value: string, expected: string) {
  return cliErrors.error("bad-option", `${option} is "${value}" and must be ${expected}`, {
    option,
    value,
  });
}
