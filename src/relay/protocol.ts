/**
 * What a relayer and its clients say to each other: HTTP with JSON.
 *
 * - `POST /bills` with a bill file (`sipster/bill@1`): 202 with its status, or an error.
 * - `GET /bills/<id>`: its status.
 * - `GET /`: which system the relayer serves.
 *
 * Errors are `sipster/error@1`, as the command line prints them. Works in a browser.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { Fields } from "../chain/json-fields.js";
import { ERROR_FORMAT, errorFromJson, errorToJson } from "../errors/error-json.js";
import type { SipsterError } from "../errors/sipster-error.js";
import { billDigest, type SettleableBill } from "../sipster/index.js";
import { relayErrors } from "./errors.js";

export const RELAY_FORMAT = "sipster/relay@1";
export const RELAY_STATUS_FORMAT = "sipster/relay-status@1";

/** queued → sent → settled; refused when something came in between that no retry mends. */
export type RelayState = "queued" | "sent" | "settled" | "refused";
const STATES: readonly string[] = ["queued", "sent", "settled", "refused"];

export interface RelayStatus {
  /** Identifies the bill: the digest that the meter signed, 64 hexadecimal digits. */
  readonly id: string;
  readonly meter: string;
  readonly period: number;
  readonly state: RelayState;
  /** Of the transaction that settled it; `null` before, and if somebody else did and is not known. */
  readonly transaction: string | null;
  readonly block: number | null;
  /** Why it was refused. */
  readonly error: SipsterError | null;
}

/** The id of a bill. */
export function relayId({ system, bill }: Pick<SettleableBill, "system" | "bill">): string {
  return bytesToHex(billDigest(system, bill));
}

/** @throws relay/bad-answer */
export function parseError(text: string): SipsterError {
  return readError(Fields.parse(text, badAnswer));
}

function readError(fields: Fields): SipsterError {
  fields.literal("format", ERROR_FORMAT);
  return errorFromJson({
    format: ERROR_FORMAT,
    code: fields.text("code"),
    cause: fields.text("cause"),
    consequence: fields.text("consequence"),
    cure: fields.text("cure"),
    details: {},
  });
}

export function statusToJson({ error, ...status }: RelayStatus): object {
  return {
    format: RELAY_STATUS_FORMAT,
    ...status,
    ...(error === null ? {} : { error: errorToJson(error) }),
  };
}

/** @throws relay/bad-answer */
export function parseStatus(text: string): RelayStatus {
  const fields = Fields.parse(text, badAnswer);
  fields.literal("format", RELAY_STATUS_FORMAT);
  const state = fields.text("state");
  if (!STATES.includes(state)) throw badAnswer(`names no state: "${state}"`);
  const { transaction, block } = JSON.parse(text) as Record<string, unknown>;
  return {
    id: fields.text("id"),
    meter: fields.hex("meter", 20),
    period: fields.integer("period"),
    state: state as RelayState,
    transaction: transaction === null ? null : fields.hex("transaction", 32),
    block: block === null ? null : fields.integer("block"),
    error: fields.optional("error", (f, name) => readError(f.object(name))) ?? null,
  };
}

function badAnswer(why: string): SipsterError {
  return relayErrors.error("bad-answer", `the relayer's answer ${why}`);
}
