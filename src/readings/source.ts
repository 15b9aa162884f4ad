/** Where readings come from: a path, a stream of bytes, or the bytes themselves. */
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { filesOf, isArchive } from "./archive.js";
import { readingsErrors } from "./errors.js";

export type Source =
  | string
  | URL
  | Readable
  | AsyncIterable<Uint8Array | string>
  | { readonly name: string; readonly bytes: Uint8Array | string };

/** An opened source: its first bytes can be looked at before it is read from the beginning. */
export interface Input {
  /** The path as it was given: two folders may hold files of one name. */
  readonly name: string;
  /** The first bytes, as they come. */
  readonly bytes: Uint8Array;
  /** The first bytes as text, at most `headBytes` of them. */
  readonly head: string;
  /** All bytes as they come. */
  raw(): AsyncIterable<Uint8Array>;
  /** All of it as UTF-8. */
  chunks(): AsyncIterable<Uint8Array>;
}

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** Larger than any archive of readings. */
const MOST_ARCHIVE = 256 * 1024 * 1024;

const headBytes = 65_536;

/**
 * The inputs of a source: one, or the files of an archive.
 *
 * @throws readings/file-unreadable, readings/bad-archive, readings/incomplete, readings/too-large
 */
export async function openSources(source: Source, encoding?: Encoding): Promise<Input[]> {
  const input = await openSource(source, encoding);
  if (!isArchive(input.bytes)) return [input];
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input.raw()) {
    size += chunk.length;
    if (size > MOST_ARCHIVE) {
      throw readingsErrors.error(
        "too-large",
        `${input.name} is larger than ${MOST_ARCHIVE} bytes`,
        {
          file: input.name,
          limit: MOST_ARCHIVE,
        },
      );
    }
    chunks.push(chunk);
  }
  const files = filesOf(Buffer.concat(chunks), input.name);
  return Promise.all(files.map((file) => openSource(file, encoding)));
}

/** @throws readings/file-unreadable */
export async function openSource(source: Source, encoding?: Encoding): Promise<Input> {
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
      throw readingsErrors.errorFrom({
        key: "file-unreadable",
        message: `${name} cannot be read: ${reason}`,
        details: { file: name, reason },
        cause,
      });
    }
  };
  while (size < headBytes) {
    const chunk = await next();
    if (chunk === undefined) break;
    first.push(chunk);
    size += chunk.length;
  }
  const bytes = Buffer.concat(first).subarray(0, headBytes);
  const used = encoding ?? encodingOf(bytes);
  const head = new TextDecoder(used).decode(bytes);
  async function* raw(): AsyncGenerator<Uint8Array> {
    yield* first.splice(0);
    for (let chunk = await next(); chunk !== undefined; chunk = await next()) yield chunk;
  }
  return {
    name,
    bytes,
    head: head.startsWith("\uFEFF") ? head.slice(1) : head,
    raw,
    chunks: () => (used === "utf-8" ? raw() : recoded(raw(), used)),
  };
}

/** UTF-16 by its mark, or by zeros in every other byte; else UTF-8. */
function encodingOf(head: Uint8Array): Encoding {
  const [a, b, c, d] = head;
  if ((a === 0xff && b === 0xfe) || (a !== 0 && b === 0 && c !== 0 && d === 0)) return "utf-16le";
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0 && c === 0 && d !== 0)) return "utf-16be";
  return "utf-8";
}

/** Text of another encoding as UTF-8; what is not text becomes a sign that no number has. */
async function* recoded(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

function streamOf(source: Source): {
  name: string;
  stream: AsyncIterable<Uint8Array | string>;
} {
  if (typeof source === "string" || source instanceof URL) {
    const path = typeof source === "string" ? source : source.pathname;
    return { name: path, stream: createReadStream(source) };
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
