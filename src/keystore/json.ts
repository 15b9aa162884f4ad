/** Reading the JSON of keyrings and sealed secrets. */
import * as v from "valibot";

/** Lower-case hexadecimal of so many bytes. */
export function hexOf(bytes: number) {
  return v.pipe(v.string(), v.regex(/^[0-9a-f]*$/), v.length(2 * bytes));
}

/** The value of UTF-8 JSON if it fits the schema; `null` otherwise. */
export function parseJson<S extends v.GenericSchema>(
  schema: S,
  content: Uint8Array,
): v.InferOutput<S> | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}
