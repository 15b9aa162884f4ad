/**
 * Binary HTTP, RFC 9292. Messages are written with known lengths and padded with zeros to a given
 * size; both forms are read, padded or cut short as the RFC allows.
 */
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { channelErrors } from "../../errors.js";
import {
  encodeFieldLines,
  encodeSized,
  readFieldsToEnd,
  readKnownFields,
  type Field,
} from "./fields.js";
import { encodeVarint, VarintReader } from "./varint.js";

interface Body {
  readonly fields: readonly Field[];
  readonly content: Uint8Array;
  readonly trailers: readonly Field[];
}

export interface BinaryRequest extends Body {
  readonly method: string;
  readonly scheme: string;
  /** Empty when a Host field names it. */
  readonly authority: string;
  readonly path: string;
}

export interface Informational {
  /** 100 to 199. */
  readonly status: number;
  readonly fields: readonly Field[];
}

export interface BinaryResponse extends Body {
  readonly informational: readonly Informational[];
  /** 200 to 599. */
  readonly status: number;
}

/** Framing indicators, §3.3. */
const KNOWN_REQUEST = 0;
const KNOWN_RESPONSE = 1;
const INDETERMINATE_REQUEST = 2;
const INDETERMINATE_RESPONSE = 3;

/**
 * @param size of the result, padded with zeros; the shortest without padding when absent
 * @throws channel/bad-message if it needs more
 */
export function encodeBinaryRequest(request: BinaryRequest, size?: number): Uint8Array {
  const { method, scheme, authority, path } = request;
  const control = [method, scheme, authority, path].map((text) => encodeSized(utf8ToBytes(text)));
  return padded(concatBytes(encodeVarint(KNOWN_REQUEST), ...control, encodeBody(request)), size);
}

/** @throws channel/bad-message as for requests */
export function encodeBinaryResponse(response: BinaryResponse, size?: number): Uint8Array {
  const interim = response.informational.map(({ status, fields }) =>
    concatBytes(encodeVarint(status), encodeSized(encodeFieldLines(fields))),
  );
  return padded(
    concatBytes(
      encodeVarint(KNOWN_RESPONSE),
      ...interim,
      encodeVarint(response.status),
      encodeBody(response),
    ),
    size,
  );
}

/** @throws channel/bad-message */
export function decodeBinaryRequest(bytes: Uint8Array): BinaryRequest {
  const reader = new VarintReader(bytes, badMessage);
  const framing = reader.varint();
  if (framing !== KNOWN_REQUEST && framing !== INDETERMINATE_REQUEST) {
    throw badMessage(`its framing ${framing} is not a request's`);
  }
  const [method, scheme, authority, path] = [
    readControl(reader),
    readControl(reader),
    readControl(reader),
    readControl(reader),
  ];
  if (method === "" || scheme === "" || path === "") throw badMessage("its target is not whole");
  const isKnown = framing === KNOWN_REQUEST;
  return { method, scheme, authority, path, ...readBody(reader, isKnown) };
}

/** @throws channel/bad-message */
export function decodeBinaryResponse(bytes: Uint8Array): BinaryResponse {
  const reader = new VarintReader(bytes, badMessage);
  const framing = reader.varint();
  if (framing !== KNOWN_RESPONSE && framing !== INDETERMINATE_RESPONSE) {
    throw badMessage(`its framing ${framing} is not a response's`);
  }
  const isKnown = framing === KNOWN_RESPONSE;
  const informational: Informational[] = [];
  let status = reader.varint();
  for (; status >= 100 && status < 200; status = reader.varint()) {
    informational.push({ status, fields: readFields(reader, isKnown, false) });
  }
  if (status < 200 || status > 599) throw badMessage(`${status} is not the status of a response`);
  return { informational, status, ...readBody(reader, isKnown) };
}

function encodeBody({ fields, content, trailers }: Body): Uint8Array {
  return concatBytes(
    encodeSized(encodeFieldLines(fields)),
    encodeSized(content),
    encodeSized(encodeFieldLines(trailers)),
  );
}

/** What follows the control data; what is cut off at the end is empty. */
function readBody(reader: VarintReader, isKnown: boolean): Body {
  const fields = readFields(reader, isKnown, false);
  const content = isKnown ? readKnown(reader) : readChunks(reader);
  const trailers = readFields(reader, isKnown, true);
  if (reader.take(reader.left).some((byte) => byte !== 0)) {
    throw badMessage("its padding is not of zeros");
  }
  return { fields, content, trailers };
}

function readFields(reader: VarintReader, isKnown: boolean, isTrailer: boolean): Field[] {
  const section = { isTrailer, refuse: badMessage };
  if (isKnown) return readKnownFields(readKnown(reader), section);
  return readFieldsToEnd(reader, section);
}

function readKnown(reader: VarintReader): Uint8Array {
  return reader.left === 0 ? new Uint8Array() : reader.sized();
}

function readChunks(reader: VarintReader): Uint8Array {
  const chunks: Uint8Array[] = [];
  while (reader.left > 0) {
    const length = reader.varint();
    if (length === 0) return concatBytes(...chunks);
    chunks.push(reader.take(length));
  }
  if (chunks.length > 0) throw badMessage("its content has no end");
  return new Uint8Array();
}

function readControl(reader: VarintReader): string {
  const text = Buffer.from(reader.sized()).toString("latin1");
  if (!/^[\x21-\x7e]*$/.test(text)) throw badMessage("its target has a character of another line");
  return text;
}

function padded(message: Uint8Array, size: number | undefined): Uint8Array {
  if (size === undefined) return message;
  if (message.length > size) {
    throw badMessage(`it needs ${message.length} bytes, and ${size} are for it`);
  }
  const bytes = new Uint8Array(size);
  bytes.set(message);
  return bytes;
}

function badMessage(why: string): Error {
  return channelErrors.error("bad-message", `the binary HTTP message is refused: ${why}`);
}
