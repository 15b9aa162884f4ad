/** The kinds of fields that public parameters are made of, as they stand in JSON and as values. */
import * as v from "valibot";
import { integerField, matching } from "../json/index.js";
import { MAX_DENOMINATION, parseDenominations } from "./denominations.js";
import type { HexAddress } from "./system.js";

/** 0x and 40 lower-case hexadecimal digits. */
export const addressField = v.pipe(
  matching(/^0x[0-9a-f]{40}$/, "is not an address in lower case"),
  v.transform((text) => text as HexAddress),
);

/** 32 bytes: 0x and 64 lower-case hexadecimal digits. */
export const hashField = v.pipe(
  matching(/^0x[0-9a-f]{64}$/, "is not 32 bytes in lower-case hexadecimal"),
  v.transform((text) => text as `0x${string}`),
);

/** Bytes, at least one: 0x and lower-case hexadecimal digits. */
export const bytesField = v.pipe(
  matching(/^0x([0-9a-f]{2}){1,4096}$/, "is not lower-case hexadecimal of 1 to 4,096 bytes"),
  v.transform((text) => text as `0x${string}`),
);

/** A u256 above zero, written as a decimal string. */
export const amountField = v.pipe(
  matching(/^[1-9][0-9]{0,77}$/, "is not a decimal string above zero"),
  v.transform((text) => BigInt(text)),
  v.check((value) => value < 1n << 256n, "is not below 2^256"),
);

/** A short text without control characters. */
export const textField = matching(
  /^[\x20-\x7e]{1,64}$/,
  "is not 1 to 64 printable ASCII characters",
);

/** An IANA time zone such as Europe/London, or +10:00; its user checks that it exists. */
export const zoneField = matching(/^[A-Za-z0-9+:_/-]{1,64}$/, "is not the name of a time zone");

/** ISO 4217, such as EUR. */
export const currencyField = matching(/^[A-Z]{3}$/, "is not a currency code of three letters");

/** An address on the network, as a browser writes it. Plain http is for one machine alone. */
export const urlField = v.pipe(
  v.string(),
  v.maxLength(512, "is longer than 512 characters"),
  v.check(isServiceUrl, "is not an https URL, nor http on this machine, in normal form"),
);

/** Days of a month, both included. */
export const daysField = v.pipe(
  v.strictObject({ first: integerField(1, 28), last: integerField(1, 28) }),
  v.check(({ first, last }) => first <= last, "ends before it begins"),
);

export const denominationField = integerField(1, MAX_DENOMINATION);

export const denominationsField = v.pipe(
  v.array(denominationField),
  v.check(isDenominations, "does not ascend from 1"),
  v.transform((values) => parseDenominations(values)),
);

function isDenominations(values: number[]): boolean {
  return values[0] === 1 && values.every((d, i) => i === 0 || d > values[i - 1]!);
}

function isServiceUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.href !== text || url.username !== "" || url.hash !== "") return false;
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
}
