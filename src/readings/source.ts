/** Where readings come from: a path, a stream of bytes, or the bytes themselves. */
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { readingsErrors } from "./errors.js";

export type Source =
  | string
  | URL
  | Readable
  | AsyncIterable<Uint8Array | string>
  | { readonly name: string; readonly bytes: Uint8Array | string };

/** An opened source: its first bytes can be looked at before it is read from the beginning. */
export interface Input {
  readonly name: string;
  /** The first bytes as text, at most `headBytes` of them. */
  readonly head: string;
  chunks(): AsyncIterable<Uint8Array>;
}

const headBytes = 65_536;

/** @throws readings/file-unreadable */
export async function openSource(source: Source): Promise<Input> {
  const { name, stream } = streamOf(source);
  const iterator = stream[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let size = 0;
  const next = async (): Promise<Uint8Array | undefined> => {
    try {
      const { done, value } = await iterator.next();
      if (done === true) return undefined;
      return typeof value === "string" ? Buffer.from(value) : value;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw readingsErrors.error(
        "file-unreadable",
        `${name} cannot be read: ${reason}`,
        { file: name, reason },
        cause,
      );
    }
  };
  while (size < headBytes) {
    const chunk = await next();
    if (chunk === undefined) break;
    first.push(chunk);
    size += chunk.length;
  }
  const head = Buffer.concat(first).subarray(0, headBytes).toString("utf8");
  return {
    name,
    head: head.startsWith("\uFEFF") ? head.slice(1) : head,
    async *chunks() {
      yield* first.splice(0);
      for (let chunk = await next(); chunk !== undefined; chunk = await next()) yield chunk;
    },
  };
}

function streamOf(source: Source): {
  name: string;
  stream: AsyncIterable<Uint8Array | string>;
} {
  if (typeof source === "string" || source instanceof URL) {
    const path = typeof source === "string" ? source : source.pathname;
    return { name: basename(path), stream: createReadStream(source) };
  }
  if ("bytes" in source) {
    const { name, bytes } = source;
    async function* once(): AsyncGenerator<Uint8Array | string> {
      yield bytes;
    }
    return { name, stream: once() };
  }
  return { name: "input", stream: source };
}

/** The whole of a small input as text. @throws readings/unknown-format above `limit` bytes */
export async function readText(input: Input, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input.chunks()) {
    size += chunk.length;
    if (size > limit) {
      throw readingsErrors.error(
        "unknown-format",
        `${input.name} is larger than the ${limit} bytes that a file of its kind may have`,
        { file: input.name, limit },
      );
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
