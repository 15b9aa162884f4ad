/** Tariff files, of any format, to tariffs. */
import { existsSync } from "node:fs";
import { tariffErrors } from "./errors.js";
import { openSource, readText, type Source } from "../readings/source.js";
import { australianTariffs, isAustralianList, type ListedTariff } from "./australian-tariffs.js";
import { compileTariff } from "./compile.js";
import { Fields, parseJsonExactly } from "./json-fields.js";
import { isPriceFile, readPriceFile } from "./price-file.js";
import { isAddress, verifyTariff, type SignedTariff } from "./signed-tariff.js";
import type { Tariff } from "./tariff.js";
import { tariffFromJson } from "./tariff-json.js";

/** Larger than any tariff of half-hourly prices for a year. */
const limit = 16_000_000;

/** What a file of tariffs holds; `tariff` throws where one cannot be used, and says why. */
export interface TariffFile {
  readonly name: string;
  readonly tariffs: readonly ListedTariff[];
  /** Where the file is signed: the signature is checked to be that of the signer it names. */
  readonly signed?: SignedTariff;
}

/**
 * Reads all tariffs of a file: JSON of the formats `sipster/tariff@1` and `sipster/signed-tariff@1`,
 * lists of Australian tariffs, or a CSV file of half-hourly prices.
 *
 * @throws readings/file-unreadable, tariff/unknown-format, tariff/bad-tariff, readings/bad-row,
 *   tariff/signature
 */
export async function readTariffs(source: Source): Promise<TariffFile> {
  const input = await openSource(source);
  const { name } = input;
  if (isPriceFile(input.head)) return sole(name, await readPriceFile(input));
  if (!/^\s*[[{]/.test(input.head)) {
    const start = input.head.slice(0, 60).replaceAll(/\s+/g, " ");
    throw tariffErrors.error(
      "unknown-format",
      `${name} is not a known kind of tariff; it begins "${start}"`,
      { file: name, begins: start },
    );
  }
  const document = parseJsonExactly(await readText(input, limit), name);
  const fields = new Fields(name, "", document);
  if (isAustralianList(document)) return { name, tariffs: australianTariffs(fields) };
  if (Array.isArray(document)) {
    throw fields.refuse("this list has no tariffs: it names no prices that could be charged");
  }
  if (fields.get("format").value !== "sipster/signed-tariff@1") {
    return sole(name, tariffFromJson(fields));
  }
  const signed = signedFromJson(fields);
  return { ...sole(name, verifyTariff(signed, signed)), signed };
}

/**
 * Reads one tariff. Of a file with several, `choice` says which; for a path it may also follow a `#`:
 * `tariffs.json#TRB0001`.
 *
 * @throws what `readTariffs` throws; tariff/choice, readings/unknown-time-zone
 */
export async function readTariff(source: Source, choice?: string): Promise<Tariff> {
  const at = typeof source === "string" && !existsSync(source) ? source.lastIndexOf("#") : -1;
  const path = at < 0 ? source : (source as string).slice(0, at);
  const chosen = choice ?? (at < 0 ? undefined : (source as string).slice(at + 1));
  const { name, tariffs } = await readTariffs(path);
  const found = chosen === undefined && tariffs.length === 1 ? tariffs[0] : pick(tariffs, chosen);
  if (found === undefined) {
    const some = tariffs.slice(0, 3).map((t) => t.id);
    const what = chosen === undefined ? "none is chosen" : `none is named "${chosen}"`;
    throw tariffErrors.error(
      "choice",
      `${name} holds ${tariffs.length} tariffs, and ${what}: its first are ${some.join(", ")}`,
      { file: name, tariffs: tariffs.length, choice: chosen ?? null },
    );
  }
  return checkTariff(found.tariff());
}

/**
 * The tariff, when it can be rated: every price exact, every hour with a price.
 *
 * @throws tariff/bad-tariff
 */
export function checkTariff(tariff: Tariff): Tariff {
  compileTariff(tariff, tariff.timeZone ?? "UTC");
  return tariff;
}

function pick(tariffs: readonly ListedTariff[], id: string | undefined): ListedTariff | undefined {
  return tariffs.find((t) => t.id === id);
}

function sole(name: string, tariff: Tariff): TariffFile {
  return { name, tariffs: [{ id: tariff.name, name: tariff.name, tariff: () => tariff }] };
}

function signedFromJson(fields: Fields): SignedTariff {
  fields.only("format", "tariff", "sequence", "signer", "signature");
  const signer = fields.get("signer").text();
  if (!isAddress(signer)) throw fields.get("signer").refuse("an address is needed");
  return {
    format: "sipster/signed-tariff@1",
    tariff: tariffFromJson(fields.get("tariff")),
    sequence: fields.get("sequence").integer(0, Number.MAX_SAFE_INTEGER),
    signer,
    signature: fields.get("signature").text(/^0x[0-9a-fA-F]{130}$/, "a signature of 65 bytes"),
  };
}
