/** Field sections of binary HTTP messages, RFC 9292, §3.6. */
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { encodeVarint, VarintReader } from "./varint.js";

/** A field's name, in lower case, and its value. */
export type Field = readonly [name: string, value: string];

/** A token of RFC 9110, §5.6.2, in lower case; pseudo-fields begin with a colon. */
const NAME = /^:?[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Of control data: these stand outside the fields. */
const CONTROL = new Set([":method", ":scheme", ":authority", ":path", ":status"]);
/** RFC 9113, §8.2.1: no NUL, CR or LF, and no white space at the ends. */
const VALUE = /^(?![ \t])[^\0\r\n]*(?<![ \t])$/;

/** Values are bytes; they are held as text of Latin-1, as Node holds fields. */
const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const toBytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

export function encodeSized(bytes: Uint8Array): Uint8Array {
  return concatBytes(encodeVarint(bytes.length), bytes);
}

/** The lines of a section, without length or terminator. */
export function encodeFieldLines(fields: readonly Field[]): Uint8Array {
  return concatBytes(
    ...fields.map(([name, value]) =>
      concatBytes(encodeSized(utf8ToBytes(name.toLowerCase())), encodeSized(toBytes(value))),
    ),
  );
}

export interface Section {
  readonly isTrailer: boolean;
  readonly refuse: (why: string) => Error;
}

/** A section of known length. */
export function readKnownFields(bytes: Uint8Array, section: Section): Field[] {
  const reader = new VarintReader(bytes, section.refuse);
  const fields: Field[] = [];
  while (reader.left > 0)
    fields.push(readLine({ reader, nameLength: reader.varint(), before: fields, section }));
  return fields;
}

/** A section that ends with a zero, or with the message. */
export function readFieldsToEnd(reader: VarintReader, section: Section): Field[] {
  const fields: Field[] = [];
  while (reader.left > 0) {
    const nameLength = reader.varint();
    if (nameLength === 0) return fields;
    fields.push(readLine({ reader, nameLength, before: fields, section }));
  }
  if (fields.length > 0) throw section.refuse("a section of fields has no end");
  return fields;
}

function readLine({
  reader,
  nameLength,
  before,
  section: { isTrailer, refuse },
}: {
  readonly reader: VarintReader;
  readonly nameLength: number;
  readonly before: readonly Field[];
  readonly section: Section;
}): Field {
  const name = toText(reader.take(nameLength));
  const value = toText(reader.sized());
  if (!NAME.test(name) || CONTROL.has(name)) throw refuse(`"${name}" is not the name of a field`);
  if (name.startsWith(":")) {
    const afterFields = before.some(([each]) => !each.startsWith(":"));
    if (isTrailer || afterFields) throw refuse(`the pseudo-field ${name} is out of place`);
  }
  if (!VALUE.test(value)) throw refuse(`the value of "${name}" has a character of another line`);
  return [name, value];
}
