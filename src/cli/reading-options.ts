/** The options that say how files of readings are read: the same for every command that reads some. */
import { readFileSync } from "node:fs";
import { Option, type Command } from "commander";
import { parseAnswer, parseMapping, type Mapping, type ReadOptions } from "../readings/index.js";
import { wholeNumber } from "./option-values.js";
import type { Tariff } from "../tariff/index.js";
import { cliErrors } from "./errors.js";

/** As commander hands them over. */
export interface RawReadingOptions {
  readonly timeZone?: string;
  readonly badRows: "refuse" | "missing";
  readonly gas?: number;
  readonly mapping?: string;
  readonly encoding?: string;
  readonly separator?: string;
  readonly decimal?: string;
  readonly dates?: string;
  readonly labels?: string;
  readonly quantity?: string;
  readonly direction?: string;
  readonly columns?: string;
  readonly step?: string;
  readonly ends?: string;
  readonly gaps?: string;
  readonly resets?: string;
  readonly registers?: string;
  readonly scale?: string;
  readonly pages?: string;
  readonly files?: string;
}

/** The options that answer what a table leaves open, and what they are about. */
export const ANSWERS = {
  columns: "what columns hold: time=Date,import=Day+Night,export=#4, or homes",
  quantity: "what numbers are: kWh, Wh, MWh, mean power in kW or W, or register",
  labels: "whether times start or end their intervals: start, end",
  dates: "order of dates: day-first, month-first",
  direction: "energy is drawn, fed in, or the difference: import, export, net",
  step: "minutes of every interval, or changes",
  ends: "the day that ends a row is part of its interval: included, excluded",
  gaps: "times without a row are missing or zero",
  resets: "a register that goes back: exchange, rollover, zero",
  registers: "of registers of the same energy, the one that counts, or add",
  scale: "energy as-stated, or times 0.001, 1000 and so on, where a file states its unit wrongly",
  pages: "a list in pages, or a meter's streams: whole, or partial",
  files: "several files that name no home: of one home, or each of another: one, each",
  separator: "between fields: comma, semicolon, tab, bar",
  decimal: "sign in numbers: dot, comma",
  encoding: "of the text: utf-8, utf-16le, utf-16be, windows-1252",
} as const;

export function readingOptions(command: Command): Command {
  command
    .option(
      "--time-zone <zone>",
      "zone of local times that files do not name, and of the bill where the tariff names none",
    )
    .addOption(
      new Option("--bad-rows <how>", "what becomes of rows that cannot be right")
        .choices(["refuse", "missing"])
        .default("refuse"),
    )
    .option("--gas <Wh>", "energy of a cubic metre of gas, in Wh", wholeNumber(1, 999_999))
    .option("--mapping <file>", "answers kept from an earlier file (--keep-mapping writes them)");
  for (const [name, about] of Object.entries(ANSWERS)) command.option(`--${name} <answer>`, about);
  return command;
}

/** The answers of the options, and of the file that keeps some. @throws readings/bad-mapping */
function mappingOf(raw: RawReadingOptions): Mapping {
  let mapping: Mapping =
    raw.mapping === undefined ? {} : parseMapping(readMappingFile(raw.mapping), raw.mapping);
  for (const name of Object.keys(ANSWERS) as (keyof typeof ANSWERS)[]) {
    const answer = raw[name];
    if (answer !== undefined) mapping = { ...mapping, ...parseAnswer(name, answer) };
  }
  return mapping;
}

/** For commands that take a time zone and kept answers alone. @throws readings/bad-mapping */
export function keptOptions(
  { timeZone, mapping }: { readonly timeZone?: string; readonly mapping?: string },
  tariff?: Tariff,
): ReadOptions {
  const zone = timeZone ?? tariff?.timeZone;
  return {
    ...(zone === undefined ? {} : { timeZone: zone }),
    ...(mapping === undefined ? {} : { mapping: parseMapping(readMappingFile(mapping), mapping) }),
  };
}

function readMappingFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw cliErrors.error("bad-option", `--mapping is "${file}" and cannot be read: ${reason}`, {
      option: "--mapping",
      value: file,
    });
  }
}

/** `tariff`: its zone places local times where none is given. */
export function readOptions(raw: RawReadingOptions, tariff?: Tariff): ReadOptions {
  const { badRows, gas } = raw;
  const timeZone = raw.timeZone ?? tariff?.timeZone;
  return {
    badRows,
    mapping: mappingOf(raw),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(gas === undefined ? {} : { gasWattHoursPerCubicMetre: gas }),
  };
}
