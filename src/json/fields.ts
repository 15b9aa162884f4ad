/** Kinds of fields that files and messages of several rooms have: as JSON, and as values. */
import * as v from "valibot";
import { ERROR_FORMAT, errorFromJson } from "../errors/error-json.js";

/** A text of a form; `kind` says what it is not: "is not …". */
export const matching = (pattern: RegExp, kind: string) =>
  v.pipe(v.string(kind), v.regex(pattern, kind));

/** 0x and so many bytes in hexadecimal; in lower case. */
export const hexField = (bytes: number) =>
  v.pipe(
    matching(new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`), `is not ${bytes} bytes in hexadecimal`),
    v.transform((text) => text.toLowerCase() as `0x${string}`),
  );

/** A non-negative integer of at most 78 digits, written as a decimal string. */
export const decimalField = v.pipe(
  matching(/^[0-9]{1,78}$/, "is not a decimal string"),
  v.transform((text) => BigInt(text)),
);

/** A non-negative integer that a JSON number holds exactly. */
export const countField = v.pipe(
  v.number("is not a non-negative integer"),
  v.safeInteger("is not a non-negative integer"),
  v.minValue(0, "is not a non-negative integer"),
);

/** An integer in a range. */
export const integerField = (min: number, max: number) =>
  v.pipe(
    v.number("is not an integer"),
    v.integer("is not an integer"),
    v.minValue(min, `is below ${min}`),
    v.maxValue(max, `is above ${max}`),
  );

/** Not a list: valibot takes one for an object whose fields are all missing. */
export const notAList = v.check<unknown, string>(
  (value) => !Array.isArray(value),
  "is not an object",
);

/** An error as JSON, `sipster/error@1`. */
export const errorField = v.object({
  format: v.literal(ERROR_FORMAT),
  code: v.string(),
  cause: v.string(),
  consequence: v.string(),
  cure: v.string(),
  details: v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()]))),
});

/** The error that another process tells. Its details are left aside: nothing here may go by them. */
export const heardErrorField = v.pipe(
  v.omit(errorField, ["details"]),
  v.transform((error) => errorFromJson({ ...error, details: {} })),
);

/** Bytes in hexadecimal without 0x, in lower case. */
export const bareHexField = matching(/^([0-9a-f]{2})*$/, "is not hexadecimal");
