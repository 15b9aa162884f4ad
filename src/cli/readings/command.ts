/** The command that makes a bill again, as one line for a shell. */
import { ANSWERS } from "../reading-options.js";
import type { ReadingsOptions } from "./options.js";

export interface CommandParts {
  readonly files: readonly string[];
  readonly options: ReadingsOptions;
  readonly period: string;
  readonly home: string;
}

export function commandOf({ files, options, period, home }: CommandParts): string {
  const given = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [name, String(value)];
  const answers = Object.keys(ANSWERS) as (keyof typeof ANSWERS)[];
  const words = [
    ...["sipster", "readings", ...files],
    ...given("--tariff", options.tariff),
    ...given("--tariff-signer", options.tariffSigner),
    ...(options.earlierTariff ?? []).flatMap((file) => given("--earlier-tariff", file)),
    ...["--period", period, "--home", home],
    ...given("--time-zone", options.timeZone),
    ...(options.badRows === "missing" ? ["--bad-rows", "missing"] : []),
    ...given("--gas", options.gas),
    ...given("--mapping", options.mapping),
    ...answers.flatMap((name) => given(`--${name}`, options[name])),
    ...given("--details", options.details),
    // The account makes a closed month's bill again from its state before that bill.
    ...given("--account", options.account),
  ];
  return words.map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./#-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
