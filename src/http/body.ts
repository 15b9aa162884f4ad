/** Bodies of requests, read up to a bound, whether their length was announced or not. */
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { parseJson } from "../json/index.js";
import { httpErrors } from "./errors.js";

/** @throws http/too-large */
export async function readBytes(c: Context, most: number): Promise<Uint8Array> {
  const tooLarge = () =>
    httpErrors.error("too-large", `the request has more than ${most} bytes`, { limit: most });
  if (Number(c.req.header("Content-Length") ?? 0) > most) throw tooLarge();
  const parts: Uint8Array[] = [];
  let length = 0;
  // From Node's own stream: the web stream around it costs more than all else of a short request.
  const { incoming } = c.env as HttpBindings;
  // Its end is left open, so that a refusal can still be sent.
  const chunks = incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  for await (const part of chunks) {
    length += part.length;
    if (length > most) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The body as text in UTF-8. @throws http/too-large */
export async function readText(c: Context, most: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(c, most));
}

/** The body as one JSON document. @throws http/too-large, http/bad-json */
export async function readJson(c: Context, most: number): Promise<unknown> {
  return parseJson(await readBytes(c, most), (_why, _field, cause) =>
    httpErrors.errorFrom({ key: "bad-json", message: "the request is not JSON in UTF-8", cause }),
  );
}
