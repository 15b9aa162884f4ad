/** The options of `sipster readings`, as commander hands them over. */
import type { RawReadingOptions } from "../reading-options.js";

export interface ReadingsOptions extends RawReadingOptions {
  readonly tariff?: string;
  readonly tariffSigner?: string;
  readonly earlierTariff?: string[];
  readonly period?: string;
  readonly home?: string[];
  readonly bill?: string;
  readonly font?: string[];
  readonly account?: string;
  readonly details?: string;
  readonly listTariffs?: string;
  readonly keepMapping?: string;
  readonly json?: true;
}
