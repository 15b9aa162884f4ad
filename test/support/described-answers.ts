/**
 * Holds every answer of a service to its OpenAPI document: the status, the media type and the schema that
 * the operation declares, by a validator of others.
 */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

interface Declared {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface OpenApi {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Record<string, Declared> }>>>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export class DescribedAnswers {
  readonly #document: OpenApi;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  readonly #validators = new Map<object, ValidateFunction>();
  /** Answers that were checked, as "operation status". */
  readonly checked: string[] = [];

  constructor(document: object) {
    this.#document = document as OpenApi;
    this.#ajv.addSchema({ ...document, $id: "document" });
  }

  /** @throws Error unless the document declares such an answer; paths that it does not have are passed over */
  async check(method: string, url: string, response: Response): Promise<void> {
    const path = new URL(url).pathname;
    const found = Object.entries(this.#document.paths).find(([template]) =>
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
    );
    const operation = found?.[1][method.toLowerCase()];
    if (found === undefined || operation === undefined) return;
    const declared = operation.responses[response.status] ?? operation.responses.default;
    const bytes = new Uint8Array(await response.arrayBuffer());
    const what = `${found[0]} ${response.status}`;
    if (declared === undefined) throw new Error(`${what}: no such answer is declared`);
    this.checked.push(what);
    if (declared.content === undefined) {
      if (bytes.length > 0) throw new Error(`${what}: a body, and none is declared`);
      return;
    }
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    const schema = declared.content[type]?.schema;
    if (schema === undefined) throw new Error(`${what}: "${type}" is not declared`);
    // A string of bytes is as long in characters as the body in bytes.
    const value: unknown =
      type === "application/json"
        ? JSON.parse(new TextDecoder().decode(bytes))
        : Buffer.from(bytes).toString("latin1");
    const validate = this.#validator(schema);
    if (!validate(value)) throw new Error(`${what}: ${this.#ajv.errorsText(validate.errors)}`);
  }

  #validator(schema: object): ValidateFunction {
    const known = this.#validators.get(schema);
    if (known !== undefined) return known;
    const text = JSON.stringify(schema).replaceAll('"#/', '"document#/');
    const made = this.#ajv.compile(JSON.parse(text) as object);
    this.#validators.set(schema, made);
    return made;
  }
}
