/** The fields of the public parameters, in the order in which they are encoded. */
import * as v from "valibot";
import { integerField } from "../json/index.js";
import type { Denominations } from "./denominations.js";
import {
  addressField,
  amountField,
  bytesField,
  currencyField,
  daysField,
  denominationField,
  denominationsField,
  hashField,
  textField,
  urlField,
  zoneField,
} from "./parameter-fields.js";

export const TERMS_FORMAT = "sipster/terms@1";
export const NETWORK_FORMAT = "sipster/network@1";

/** Two centuries, in seconds. */
const MAX_TIME_SHIFT = 200 * 365 * 86_400;

/** What one home of a class withdraws and sends each month, no matter what it used. */
const sizeClassField = v.strictObject({
  name: textField,
  /** Coins of one basket. */
  basket: v.array(
    v.strictObject({ denomination: denominationField, count: integerField(1, 4096) }),
  ),
  /** Requests to the counter each month, dummies included; 0: none are sent. */
  requests: integerField(0, 65_535),
});

const finalityField = v.variant("rule", [
  /** The block that the node calls finalized. */
  v.strictObject({ rule: v.literal("finalized") }),
  /** The latest block less a number of blocks: for development chains. */
  v.strictObject({ rule: v.literal("confirmations"), blocks: integerField(0, 1000) }),
]);

const suiteField = v.variant("name", [
  v.strictObject({ name: v.literal("hash-bound") }),
  /** `tokenKey` is the address of the token key that all meters share. */
  v.strictObject({ name: v.literal("classic"), tokenKey: addressField }),
]);

export const termsField = v.strictObject({
  format: v.literal(TERMS_FORMAT),
  deployment: v.strictObject({
    chainId: amountField,
    settlement: addressField,
    vault: addressField,
    orderBoard: addressField,
  }),
  suite: suiteField,
  /** Whom coins are paid to. */
  payee: addressField,
  /** The ERC-20 token of the vault, and how many of its base units one unit of money is. */
  token: v.strictObject({ address: addressField, baseUnitsPerUnit: amountField }),
  /** One unit of money is `minorUnits` of the currency's smallest amounts (cents). */
  unit: v.strictObject({ currency: currencyField, minorUnits: integerField(1, 1_000_000) }),
  denominations: denominationsField,
  emission: v.picklist(["as-it-accrues", "at-period-end"]),
  timeZone: zoneField,
  /** Windows in days of the month after the period, UTC, both days included. */
  schedule: v.strictObject({
    policy: v.picklist(["common-deadline", "next-month"]),
    /** Day of the period itself before which the common deadline pays none of its tokens. */
    opening: integerField(1, 28),
    paying: daysField,
    /** Day on which unanswered orders are posted. */
    posting: integerField(1, 28),
    settling: daysField,
    /** When coins of an old mint key are refreshed. */
    refreshing: daysField,
  }),
  sizeClasses: v.array(sizeClassField),
  /** Hashes of the tariffs that meters may price by. */
  tariffs: v.array(hashField),
  noticeSigner: addressField,
  /** Address of the key that signs the counter's answers. */
  answerKey: addressField,
  finality: finalityField,
  /** Seconds by which the deployment's time lies behind block time; 0 outside development. */
  timeShift: integerField(0, MAX_TIME_SHIFT),
  /** Months from the block's month to the first period of a new key or new terms; 0 in development. */
  lead: integerField(0, 120),
});

export const networkField = v.strictObject({
  format: v.literal(NETWORK_FORMAT),
  /** Where wallets send their encapsulated requests. */
  relays: v.array(urlField),
  /** Who opens them, with the key configuration that everybody uses (RFC 9458, §3). */
  gateways: v.array(v.strictObject({ url: urlField, keyConfig: bytesField })),
});

type Unformatted<T> = T extends unknown ? Omit<T, "format"> : never;
type DeepReadonly<T> = T extends bigint | string | number | Denominations
  ? T
  : { readonly [K in keyof T]: DeepReadonly<T[K]> };

export type SystemTerms = DeepReadonly<Unformatted<v.InferOutput<typeof termsField>>>;
export type SystemNetwork = DeepReadonly<Unformatted<v.InferOutput<typeof networkField>>>;
export type SizeClass = SystemTerms["sizeClasses"][number];
export type FinalityRule = SystemTerms["finality"];
export type EmissionRule = SystemTerms["emission"];
export type SchedulePolicy = SystemTerms["schedule"]["policy"];
