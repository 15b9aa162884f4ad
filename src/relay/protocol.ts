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
import * as v from "valibot";
import { errorToJson } from "../errors/error-json.js";
import { SipsterError } from "../errors/sipster-error.js";
import {
  countField,
  heardErrorField,
  hexField,
  notAList,
  readJson,
  withoutFormat,
} from "../json/index.js";
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
export const RELAY_STATES = [
  "queued",
  "sent",
  "included",
  "safe",
  "final",
  "returned",
  "refused",
] as const;
export type RelayState = (typeof RELAY_STATES)[number];

export interface RelayStatus {
  /** Identifies the bill: the digest that the meter signed, 64 hexadecimal digits. */
  readonly id: string;
  readonly meter: string;
  readonly period: number;
  readonly state: RelayState;
  /** Of the transaction that settled it; `null` before, and if someone else did and is not known. */
  readonly transaction: string | null;
  readonly block: number | null;
  /** Why it was refused. */
  readonly error: SipsterError | null;
}

/** The id of a bill. */
export function relayId({ system, bill }: Pick<SettleableBill, "system" | "bill">): string {
  return bytesToHex(billDigest(system, bill));
}

const heardStatus = v.pipe(
  v.object({
    format: v.literal(RELAY_STATUS_FORMAT),
    id: v.string(),
    meter: hexField(20),
    period: countField,
    state: v.picklist(RELAY_STATES),
    transaction: v.nullable(hexField(32)),
    block: v.nullable(countField),
    error: v.exactOptional(heardErrorField),
  }),
  v.transform((heard): RelayStatus => {
    const { error = null, ...status } = withoutFormat(heard);
    return { ...status, error };
  }),
);

const heardAnswers = v.object({
  format: v.literal(RELAY_STATUSES_FORMAT),
  statuses: v.array(
    v.pipe(
      v.unknown(),
      notAList,
      v.strictObject({
        status: v.exactOptional(heardStatus),
        error: v.exactOptional(heardErrorField),
      }),
    ),
  ),
});

/** @throws relay/bad-answer */
export function parseError(text: string): SipsterError {
  return readJson(heardErrorField, text, badAnswer);
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
  return readJson(heardStatus, text, badAnswer);
}

/** @param count how many were named @throws relay/bad-answer */
export function parseAnswers(text: string, count: number): (RelayStatus | SipsterError | null)[] {
  const { statuses } = readJson(heardAnswers, text, badAnswer);
  if (statuses.length !== count) throw badAnswer(`has ${statuses.length} statuses, not ${count}`);
  return statuses.map(({ status, error }) => status ?? error ?? null);
}

function badAnswer(why: string): SipsterError {
  return relayErrors.error("bad-answer", `the relayer's answer ${why}`);
}
