/** The options of `sipster demo`, parsed. */
import type { ReadOptions } from "../../readings/index.js";
import { parseDenominations, type Denominations, type SuiteName } from "../../sipster/index.js";
import { cliErrors } from "../errors.js";
import { readOptions, type RawReadingOptions } from "../reading-options.js";

/** As commander hands them over. */
export interface RawDemoOptions extends RawReadingOptions {
  readonly readings?: string[];
  readonly tariff?: string;
  readonly period?: string;
  readonly homes?: string;
  readonly suite: string;
  readonly batch?: boolean;
  readonly unit?: string;
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

export interface DemoOptions {
  readonly readings: readonly string[];
  /** How the readings are read. */
  readonly reading: ReadOptions;
  readonly tariff: string | null;
  /** `YYYY-MM`; `null`: the latest month of the file in which every home has readings, if there is one. */
  readonly period: string | null;
  /** How many homes to generate, or to take of the file; `null` for the default, or all. */
  readonly homes: number | null;
  readonly suite: SuiteName;
  readonly batch: boolean;
  /** Minor units of the currency that one unit is. */
  readonly minorUnits: number;
  /** `null`: fitting ones, see `withDenominations`. */
  readonly denominations: Denominations | null;
  readonly seed: string;
  readonly rpc: string | null;
  /** File with the record of a deployment on that chain; `null`: deploy. */
  readonly deployment: string | null;
  readonly out: string | null;
  /** File with the passphrase of the secrets in `out`; `null`: the environment has it. */
  readonly passphraseFile: string | null;
  readonly settle: boolean;
  /** Keep the chain up and serve the pages when the rest is done. */
  readonly web: boolean;
  readonly json: boolean;
}

/**
 * Minor units of one unit. In the classic suite every token is one unit: a cent would make thousands of
 * tokens a home, each with a coin and a receipt of its own.
 */
const DEFAULT_UNITS: Readonly<Record<SuiteName, string>> = { "hash-bound": "1", classic: "100" };

/** The options, with what they leave open decided. */
export type DemoSettings = DemoOptions & { readonly denominations: Denominations };

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
    homes: raw.homes === undefined ? null : count("--homes", raw.homes, 100_000),
    suite: raw.suite,
    batch: raw.batch === true,
    minorUnits: count("--unit", raw.unit ?? DEFAULT_UNITS[raw.suite], 1_000_000),
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

/** The u32 of a month `YYYY-MM` on bills: YYYYMM. */
export function periodNumber(period: string): number {
  return Number(period.replace("-", ""));
}

function parsePeriodOption(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw bad("--period", text, "a month as YYYY-MM");
  return text;
}

function count(option: string, text: string, most: number): number {
  const n = Number(text);
  if (!/^\d+$/.test(text) || n < 1 || n > most) {
    throw bad(option, text, `a whole number from 1 to ${most}`);
  }
  return n;
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
