/**
 * The operations of the utility's HTTP service: one table, from which the server's routes, the
 * OpenAPI document and the typed client follow.
 */
import { ANSWER_BYTES, REQUEST_BYTES } from "../exchange/index.js";

/** A body of bytes, of one length or up to one; JSON as text that the caller parses; or none. */
export type Body =
  | { readonly kind: "bytes"; readonly exactly?: number; readonly most: number }
  | { readonly kind: "json"; readonly most: number; readonly schema: object }
  | { readonly kind: "none" };

export interface Operation {
  readonly method: "GET" | "POST";
  /** With parameters in braces. */
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  /** Of the path, with the pattern that each value matches. */
  readonly parameters: Readonly<
    Record<string, { readonly pattern: string; readonly what: string }>
  >;
  readonly request: Body;
  readonly response: Body;
  readonly success: 200 | 202;
}

/** A withdrawal of 4,096 coins has some 300 kB. */
const MOST_WITHDRAWAL = 1 << 20;
const MOST_DOCUMENT = 1 << 20;
const NONE = { kind: "none" } as const;
const upTo = (most: number) => ({ kind: "bytes", most }) as const;

/** As far as a stranger needs it: wallets parse the whole, and compare its hashes with the contract's. */
const PARAMETERS_SCHEMA = {
  type: "object",
  required: ["format", "terms", "network"],
  properties: {
    format: { const: "sipster/system@1" },
    terms: { type: "array", items: formatted("sipster/terms@1") },
    network: { type: "array", items: formatted("sipster/network@1") },
  },
  additionalProperties: false,
};
const TARIFF_SCHEMA = formatted("sipster/tariff@1");

/** A JSON object of one of our formats. */
function formatted(format: string): object {
  return { type: "object", required: ["format"], properties: { format: { const: format } } };
}

export const OPERATIONS = {
  system: {
    method: "GET",
    path: "/v1/system",
    summary: "The public parameters",
    description:
      "The terms and networks announced, as sipster/system@1, byte for byte what the settlement contract holds the hashes of. Wallets believe the contract, not this answer.",
    parameters: {},
    request: NONE,
    response: { kind: "json", most: MOST_DOCUMENT, schema: PARAMETERS_SCHEMA },
    success: 200,
  },
  exchange: {
    method: "POST",
    path: "/v1/exchange",
    summary: "One request to the counter",
    description:
      "A token and its payment, a coin to change for a fresh one, or a question that stands for neither. Every request and every answer has one size; the answer is signed by the counter's answer key, refusals included.",
    parameters: {},
    request: { kind: "bytes", exactly: REQUEST_BYTES, most: REQUEST_BYTES },
    response: { kind: "bytes", exactly: ANSWER_BYTES, most: ANSWER_BYTES },
    success: 200,
  },
  withdraw: {
    method: "POST",
    path: "/v1/withdrawals",
    summary: "A withdrawal from an account",
    description:
      "An order signed with the key of an account with the utility; the answer is the blind signatures. The same order is charged once and gets the same answer.",
    parameters: {},
    request: upTo(MOST_WITHDRAWAL),
    response: upTo(MOST_WITHDRAWAL),
    success: 200,
  },
  submitDeposit: {
    method: "POST",
    path: "/v1/deposits/{id}",
    summary: "A withdrawal paid by a deposit in the vault",
    description:
      "The request whose messages the deposit names. The signatures come through the vault, never in this answer.",
    parameters: { id: { pattern: "[0-9]{1,20}", what: "number of the deposit in the vault" } },
    request: upTo(MOST_WITHDRAWAL),
    response: NONE,
    success: 202,
  },
  tariff: {
    method: "GET",
    path: "/v1/tariffs/{hash}",
    summary: "A tariff by its hash",
    description: "The canonical form of the tariff; its keccak256 is the hash.",
    parameters: { hash: { pattern: "0x[0-9a-f]{64}", what: "hash of the tariff" } },
    request: NONE,
    response: { kind: "json", most: MOST_DOCUMENT, schema: TARIFF_SCHEMA },
    success: 200,
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
