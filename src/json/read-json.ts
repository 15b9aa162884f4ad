/**
 * The one reader of JSON: a text is read by a valibot schema, and the refusal names the field. Works in
 * a browser.
 */
import * as v from "valibot";

type Schema = v.GenericSchema;

/**
 * Makes the error for what is wrong.
 * @param why "is not JSON", "is not a JSON object", `field "a.b" is missing`: to follow the name of the text
 * @param field its path, empty where the text as a whole is wrong
 */
export type Fault = (why: string, field: string, cause?: unknown) => Error;

/**
 * The value of a JSON text, or of its UTF-8 bytes.
 * @throws what `fault` makes
 */
export function readJson<S extends Schema>(
  schema: S,
  json: string | Uint8Array,
  fault: Fault,
): v.InferOutput<S> {
  return checkJson(schema, parseJson(json, fault), fault);
}

/** What a value of the text becomes; `source` is a number as it was written. */
export type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

/**
 * The value of a JSON text, or of its UTF-8 bytes, of any shape: for what another reader checks.
 * @throws what `fault` makes
 */
export function parseJson(json: string | Uint8Array, fault: Fault, revive?: Reviver): unknown {
  try {
    return JSON.parse(typeof json === "string" ? json : utf8.decode(json), revive);
  } catch (cause) {
    throw fault("is not JSON", "", cause);
  }
}

/**
 * A value that JSON gave, checked.
 * @throws what `fault` makes
 */
export function checkJson<S extends Schema>(
  schema: S,
  value: unknown,
  fault: Fault,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = issue.path ?? [];
  // A list where an object is due: valibot takes it for an object whose fields are missing.
  const last = path.at(-1);
  const isList = last?.type === "object" && Array.isArray(last.input);
  const field = pathText(isList ? path.slice(0, -1) : path);
  const why = isList ? notAnObject(field) : reason(issue, field);
  throw fault(field === "" ? why : `field "${field}" ${why}`, field);
}

/** What a document holds beside the name of its format. */
export function withoutFormat<T extends { readonly format: string }>(value: T): Omit<T, "format"> {
  const { format, ...fields } = value;
  void format;
  return fields;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
};

/** Where the value stands, such as `contracts.vault` or `items[3].count`. */
function pathText(path: readonly v.IssuePathItem[]): string {
  let text = "";
  for (const { key } of path) {
    if (typeof key === "number") text += `[${key}]`;
    else text += text === "" ? String(key) : `.${String(key)}`;
  }
  return text;
}

/** What is wrong with a value, as the end of a sentence. A schema's own words come first. */
function reason(issue: v.BaseIssue<unknown>, field: string): string {
  if (issue.expected === "never") return "is not known";
  if (issue.input === undefined) return "is missing";
  if (!issue.message.startsWith("Invalid ")) return issue.message;
  const kind = KINDS[issue.type];
  if (kind !== undefined) return `is not ${kind}`;
  if (issue.expected === "Object") return notAnObject(field);
  return `is ${issue.received} and not ${issue.expected?.replace(/^\((.*)\)$/, "$1").replaceAll(" | ", " or ")}`;
}

function notAnObject(field: string): string {
  return field === "" ? "is not a JSON object" : "is not an object";
}
