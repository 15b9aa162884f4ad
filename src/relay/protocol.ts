/**
 * What a relayer and its clients say to each other: HTTP with JSON.
 *
 * - `POST /bills` with a bill file (`sipster/bill@1`): 202 with its status, or an error.
 * - `POST /batches` with `{"bills": […]}`, at most {@link MAX_HANDED_IN}: 202 with a status or an
 *   error for each, in their order.
 * - `GET /bills/<id>`: its status.
 * - `POST /statuses` with `{"ids": […]}`, at most {@link MAX_ASKED}: a status or null for each.
 * - `GET /`: which system the relayer serves.
 *
 * Errors are `sipster/error@1`, as the command line prints them. Works in a browser.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { Fields } from "../chain/json-fields.js";
import { ERROR_FORMAT, errorFromJson, errorToJson } from "../errors/error-json.js";
import { SipsterError } from "../errors/sipster-error.js";
import { billDigest, type SettleableBill } from "../sipster/index.js";
import { relayErrors } from "./errors.js";

export const RELAY_FORMAT = "sipster/relay@1";
export const RELAY_STATUS_FORMAT = "sipster/relay-status@1";
export const RELAY_STATUSES_FORMAT = "sipster/relay-statuses@1";

/** Bills in one batch that is handed in, and ids in one question, at most. */
export const MAX_HANDED_IN = 500;
export const MAX_ASKED = 1000;

/**
 * queued → sent → included → safe → final. `returned`: a reorganisation took the settlement away, and
 * its transaction waits to be included again; without one the bill is queued again. `refused`:
 * something came in between that no retry mends.
 */
const STATES = ["queued", "sent", "included", "safe", "final", "returned", "refused"] as const;
export type RelayState = (typeof STATES)[number];

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

/** What became of several, in the order they were named: an error for a bill that was not taken. */
export function answersToJson(answers: readonly (RelayStatus | SipsterError | null)[]): object {
  return {
    format: RELAY_STATUSES_FORMAT,
    statuses: answers.map((answer) =>
      answer === null
        ? {}
        : answer instanceof SipsterError
          ? { error: errorToJson(answer) }
          : { status: statusToJson(answer) },
    ),
  };
}

/** @throws relay/bad-answer */
export function parseStatus(text: string): RelayStatus {
  return readStatus(Fields.parse(text, badAnswer));
}

/** @param count how many were named @throws relay/bad-answer */
export function parseAnswers(text: string, count: number): (RelayStatus | SipsterError | null)[] {
  const fields = Fields.parse(text, badAnswer);
  fields.literal("format", RELAY_STATUSES_FORMAT);
  const answers = fields.objects("statuses");
  if (answers.length !== count) throw badAnswer(`has ${answers.length} statuses, not ${count}`);
  return answers.map(
    (answer) =>
      answer.optional("status", (f, name) => readStatus(f.object(name))) ??
      answer.optional("error", (f, name) => readError(f.object(name))) ??
      null,
  );
}

function readStatus(fields: Fields): RelayStatus {
  fields.literal("format", RELAY_STATUS_FORMAT);
  const state = STATES.find((known) => known === fields.text("state"));
  if (state === undefined) throw badAnswer(`names no state: "${fields.text("state")}"`);
  return {
    id: fields.text("id"),
    meter: fields.hex("meter", 20),
    period: fields.integer("period"),
    state,
    transaction: fields.nullable("transaction", (f, name) => f.hex(name, 32)),
    block: fields.nullable("block", (f, name) => f.integer(name)),
    error: fields.optional("error", (f, name) => readError(f.object(name))) ?? null,
  };
}

function badAnswer(why: string): SipsterError {
  return relayErrors.error("bad-answer", `the relayer's answer ${why}`);
}
