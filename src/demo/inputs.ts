/** What a folder was made with: a run with other inputs would show figures that its bills do not have. */
import * as v from "valibot";
import { readJson } from "../json/index.js";
import { tariffHash } from "../tariff/index.js";
import { demoErrors } from "./errors.js";
import type { DemoFolder } from "./folder.js";
import type { Households } from "./households.js";
import type { DemoOptions } from "./options.js";

const FORMAT = "sipster/demo-inputs@1";

/**
 * Records the inputs in a new folder, and compares them in one that is there. The month may differ: a
 * folder goes from one month to the next.
 * @throws demo/other-inputs
 */
export function checkInputs(folder: DemoFolder, options: DemoOptions, homes: Households): void {
  const inputs: Readonly<Record<string, string>> = {
    format: FORMAT,
    suite: options.suite,
    emission: options.emission,
    unit: `${options.minorUnits}`,
    seed: options.readings.length === 0 ? options.seed : "",
    tariff: tariffHash(homes.tariff),
    timeZone: homes.timeZone,
    homes: homes.households.map(({ id }) => id).join(", "),
  };
  const recorded = readJson(
    v.record(v.string(), v.string()),
    folder.text("inputs.json", () => `${JSON.stringify(inputs, null, 2)}\n`),
    (why) => demoErrors.error("damaged-folder", `inputs.json ${why}`),
  );
  const different = Object.keys(inputs).filter((key) => inputs[key] !== recorded[key]);
  if (different.length === 0) return;
  const what = different.map((key) => `${key} "${recorded[key]}", and now "${inputs[key]}"`);
  throw demoErrors.error("other-inputs", `the folder was made with ${what.join("; ")}`, {
    folder: folder.path,
    different: different.join(","),
  });
}
