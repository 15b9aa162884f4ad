/**
 * The public parameters of a deployment: what every home, the utility and the auditor must agree on.
 * A payee, a tariff or a relay given to one home alone would mark its every payment, so the
 * settlement contract holds the hashes of these bytes and nothing else counts.
 *
 * There are two parts, announced and hashed apart: `terms`, each from a period on, and `network`, in
 * force some time after its block. Each part has one encoding: JSON without white space, its fields in
 * the order given here. A parser accepts only the bytes that the encoder would write.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { equalBytes } from "../algebra/index.js";
import { readJson, withoutFormat } from "../json/index.js";
import { sipsterErrors } from "./errors.js";
import {
  NETWORK_FORMAT,
  networkField,
  TERMS_FORMAT,
  termsField,
  type SystemNetwork,
  type SystemTerms,
} from "./parameter-schema.js";

export const PARAMETERS_FORMAT = "sipster/system@1";

type Schema = v.GenericSchema<unknown, unknown>;

const parametersField = v.strictObject({
  format: v.literal(PARAMETERS_FORMAT),
  terms: v.array(termsField),
  network: v.array(networkField),
});

/** More than any deployment needs; a parser must not be fed without end. */
const MAX_BYTES = 1 << 20;

/** What `GET /v1/system` serves: the terms and networks announced, oldest first. */
export interface SystemParameters {
  readonly terms: readonly SystemTerms[];
  readonly network: readonly SystemNetwork[];
}

/** 0x and 64 lower-case digits: keccak256 of the encoding, as the contract holds it. */
export type ParametersHash = `0x${string}`;

/** The one encoding of the terms. @throws sipster/bad-parameters if a field is out of its range */
export function encodeTerms(terms: SystemTerms): Uint8Array {
  return encode(termsField, { format: TERMS_FORMAT, ...terms });
}

/** @throws sipster/bad-parameters unless these are the bytes that {@link encodeTerms} writes */
export function parseTerms(bytes: Uint8Array): SystemTerms {
  return withoutFormat(parse(termsField, bytes));
}

export function encodeNetwork(network: SystemNetwork): Uint8Array {
  return encode(networkField, { format: NETWORK_FORMAT, ...network });
}

/** @throws sipster/bad-parameters unless these are the bytes that {@link encodeNetwork} writes */
export function parseNetwork(bytes: Uint8Array): SystemNetwork {
  return withoutFormat(parse(networkField, bytes));
}

export function encodeParameters({ terms, network }: SystemParameters): Uint8Array {
  return encode(parametersField, {
    format: PARAMETERS_FORMAT,
    terms: terms.map((t) => ({ format: TERMS_FORMAT, ...t })),
    network: network.map((n) => ({ format: NETWORK_FORMAT, ...n })),
  });
}

/** @throws sipster/bad-parameters unless these are the bytes that {@link encodeParameters} writes */
export function parseParameters(bytes: Uint8Array): SystemParameters {
  const { terms, network } = parse(parametersField, bytes);
  return { terms: terms.map(withoutFormat), network: network.map(withoutFormat) };
}

/** keccak256 of encoded terms or of an encoded network, as the settlement contract holds it. */
export function parametersHash(encoded: Uint8Array): ParametersHash {
  return `0x${bytesToHex(keccak_256(encoded))}`;
}

/** @throws sipster/bad-parameters if a field is out of its range */
export function termsHash(terms: SystemTerms): ParametersHash {
  return parametersHash(encodeTerms(terms));
}

/** @throws sipster/bad-parameters if a field is out of its range */
export function networkHash(network: SystemNetwork): ParametersHash {
  return parametersHash(encodeNetwork(network));
}

/** Checks a value and writes it with its fields in the order of the schema. */
function encode(schema: Schema, value: object): Uint8Array {
  return utf8ToBytes(toText(readJson(schema, toText(value), refused)));
}

function parse<S extends Schema>(schema: S, bytes: Uint8Array): v.InferOutput<S> {
  if (bytes.length > MAX_BYTES) throw bad(`have ${bytes.length} bytes, more than ${MAX_BYTES}`);
  const value = readJson(schema, bytes, refused);
  if (!equalBytes(utf8ToBytes(toText(value)), bytes)) {
    throw bad("are not in the one encoding: white space, order or repetition of fields differs");
  }
  return value;
}

function refused(why: string, field: string, cause?: unknown): Error {
  return bad(field === "" ? why.replace(/^is /, "are ") : `are refused: ${why}`, cause);
}

function toText(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === "bigint" ? field.toString() : field,
  );
}

function bad(why: string, cause?: unknown) {
  return sipsterErrors.errorFrom({
    key: "bad-parameters",
    message: `the public parameters ${why}`,
    cause,
  });
}
