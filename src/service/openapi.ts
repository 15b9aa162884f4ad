/** The OpenAPI 3.1 document of the service, from the table of its operations. */
import { OPERATIONS, type Body, type Operation } from "./operations.js";

const ERROR = { $ref: "#/components/schemas/Error" } as const;

const ERROR_SCHEMA = {
  type: "object",
  required: ["format", "code", "cause", "consequence", "cure", "details"],
  properties: {
    format: { const: "sipster/error@1" },
    code: { type: "string", description: "room/identifier, listed in docs/errors.md" },
    cause: { type: "string", description: "What happened." },
    consequence: { type: "string", description: "What it means." },
    cure: { type: "string", description: "What to do." },
    details: { type: "object" },
  },
} as const;

function content(body: Body): object {
  if (body.kind === "none") return {};
  if (body.kind === "json") return { content: { "application/json": { schema: body.schema } } };
  const { exactly, most } = body;
  const schema = {
    type: "string",
    contentMediaType: "application/octet-stream",
    maxLength: most,
    ...(exactly === undefined ? {} : { minLength: exactly }),
  };
  return { content: { "application/octet-stream": { schema } } };
}

function describe(operationId: string, operation: Operation): object {
  const { summary, description, request, response, success } = operation;
  const parameters = Object.entries(operation.parameters).map(([name, { pattern, what }]) => ({
    name,
    in: "path",
    required: true,
    description: what,
    schema: { type: "string", pattern: `^${pattern}$` },
  }));
  return {
    operationId,
    summary,
    description,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(request.kind === "none" ? {} : { requestBody: { required: true, ...content(request) } }),
    responses: {
      [success]: { description: summary, ...content(response) },
      default: {
        description: "What happened, what it means and what to do",
        content: { "application/json": { schema: ERROR } },
      },
    },
  };
}

/** @param version of the package */
export function openApiDocument(version: string): object {
  const paths = Object.entries(OPERATIONS).map(([name, operation]) => [
    operation.path,
    { [operation.method.toLowerCase()]: describe(name, operation) },
  ]);
  return {
    openapi: "3.1.0",
    info: {
      title: "Sipster utility",
      version,
      description: "Receipts for coins, withdrawals of coins, tariffs and public parameters.",
      license: { name: "MIT", identifier: "MIT" },
    },
    paths: Object.fromEntries(paths) as object,
    components: { schemas: { Error: ERROR_SCHEMA } },
  };
}
