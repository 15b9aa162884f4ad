/** The options that say how files of readings are read: the same for every command that reads some. */
import { Option, type Command } from "commander";
import type { ReadOptions } from "../readings/index.js";
import { cliErrors } from "./errors.js";

/** As commander hands them over. */
export interface RawReadingOptions {
  readonly timeZone?: string;
  readonly badRows: "refuse" | "missing";
  readonly gas?: number;
}

export function readingOptions(command: Command): Command {
  return command
    .option("--time-zone <zone>", "zone of the tariff and of local times that files do not name")
    .addOption(
      new Option("--bad-rows <how>", "what becomes of rows that cannot be right")
        .choices(["refuse", "missing"])
        .default("refuse"),
    )
    .option("--gas <Wh>", "energy of a cubic metre of gas, in Wh", wholeNumber("--gas"));
}

export function readOptions({ timeZone, badRows, gas }: RawReadingOptions): ReadOptions {
  return {
    badRows,
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(gas === undefined ? {} : { gasWattHoursPerCubicMetre: gas }),
  };
}

/** @throws cli/bad-option */
function wholeNumber(option: string): (text: string) => number {
  return (text) => {
    if (!/^[1-9]\d{0,5}$/.test(text)) {
      throw cliErrors.error("bad-option", `${option} is "${text}" and must be a whole number`, {
        option,
        value: text,
      });
    }
    return Number(text);
  };
}
