/** Tariff files to tariffs, whatever their format. */
import { readingsErrors } from "../errors.js";
import { openSource, readText, type Source } from "../source.js";
import { compileTariff } from "./compile.js";
import { Fields, parseJsonExactly } from "./json-fields.js";
import { isPriceFile, readPriceFile } from "./price-file.js";
import type { Tariff } from "./tariff.js";
import { tariffFromJson } from "./tariff-json.js";

/** Larger than any tariff of half-hourly prices for a year. */
const limit = 16_000_000;

/**
 * Reads a tariff: JSON of the format `sipster/tariff@1`, or a CSV file of half-hourly prices.
 *
 * @throws readings/file-unreadable, readings/unknown-format, readings/bad-tariff, readings/bad-row,
 *   readings/unknown-time-zone
 */
export async function readTariff(source: Source): Promise<Tariff> {
  const input = await openSource(source);
  let tariff: Tariff;
  if (isPriceFile(input.head)) {
    tariff = await readPriceFile(input);
  } else if (/^\s*[[{]/.test(input.head)) {
    const text = await readText(input, limit);
    tariff = tariffFromJson(new Fields(input.name, "", parseJsonExactly(text, input.name)));
  } else {
    const start = input.head.slice(0, 60).replaceAll(/\s+/g, " ");
    throw readingsErrors.error(
      "unknown-format",
      `${input.name} is not a known kind of tariff; it begins "${start}"`,
      { file: input.name, begins: start },
    );
  }
  // What compiles can be rated: a price too fine or an hour without a price is found here.
  compileTariff(tariff, "UTC");
  return tariff;
}
