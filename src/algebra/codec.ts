/**
 * Encodings as values: a codec says once how a value is laid out, and serves for writing and reading.
 * Integers are big-endian and of fixed width, lists and texts begin with their length, a choice begins
 * with its number. Each value has one encoding: a reader refuses every other.
 */
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ByteReader } from "./byte-reader.js";
import { equalBytes, intToBytes } from "./bytes.js";

export interface Codec<T> {
  /** Appends the parts of the encoding. */
  write(value: T, out: Uint8Array[]): void;
  /** Reads the value, or calls `fail`, which throws. */
  read(from: ByteReader, fail: Fail): T;
}

export type Fail = (why: string) => Error;
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const parts: Uint8Array[] = [];
  codec.write(value, parts);
  return concatBytes(...parts);
}

/** @throws what `fail` makes, for bytes that are not the encoding of a value */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, fail: Fail): T {
  const reader = new ByteReader(bytes, fail);
  const value = codec.read(reader, fail);
  reader.end();
  return value;
}

const CHECKSUM_BYTES = 8;

/** The encoding and a checksum of 8 bytes, which finds accidents and no forgery. */
export function encodeChecked<T>(codec: Codec<T>, value: T): Uint8Array {
  const bytes = encode(codec, value);
  return concatBytes(bytes, sha256(bytes).subarray(0, CHECKSUM_BYTES));
}

export function decodeChecked<T>(codec: Codec<T>, checked: Uint8Array, fail: Fail): T {
  const bytes = checked.subarray(0, -CHECKSUM_BYTES);
  const checksum = sha256(bytes).subarray(0, CHECKSUM_BYTES);
  if (!equalBytes(checksum, checked.slice(-CHECKSUM_BYTES))) throw fail("its checksum is wrong");
  return decode(codec, bytes, fail);
}

/** An unsigned integer of 1 to 6 bytes. */
export const uint = (width: 1 | 2 | 3 | 4 | 5 | 6): Codec<number> => ({
  write: (value, out) => out.push(intToBytes(value, width)),
  read: (from) => from.number(width),
});

export const bigUint = (width: number): Codec<bigint> => ({
  write: (value, out) => out.push(intToBytes(value, width)),
  read: (from) => from.bigint(width),
});

/** Two's complement. */
export const bigInt = (width: number): Codec<bigint> => ({
  write(value, out) {
    const wrapped = BigInt.asUintN(8 * width, value);
    if (BigInt.asIntN(8 * width, wrapped) !== value) {
      throw new RangeError(`integer ${value} does not fit in ${width} signed bytes`);
    }
    out.push(intToBytes(wrapped, width));
  },
  read: (from) => BigInt.asIntN(8 * width, from.bigint(width)),
});

/** Exactly `length` bytes. */
export const bytesOf = (length: number): Codec<Uint8Array> => ({
  write(value, out) {
    if (value.length !== length) {
      throw new RangeError(`${value.length} bytes were given for a field of ${length}`);
    }
    out.push(value);
  },
  read: (from) => from.take(length),
});

/** At most `most` bytes (below 2^32). */
export const bytesUpTo = (most: number): Codec<Uint8Array> => ({
  write(value, out) {
    if (value.length > most) {
      throw new RangeError(`${value.length} bytes were given for a field of at most ${most}`);
    }
    out.push(intToBytes(value.length, 4), value);
  },
  read(from, fail) {
    const length = from.number(4);
    if (length > most) throw fail(`a field of at most ${most} bytes has ${length}`);
    return from.take(length);
  },
});

/** A text of at most `most` bytes in UTF-8. */
export function textUpTo(most: number): Codec<string> {
  const inner = bytesUpTo(most);
  return {
    write: (value, out) => inner.write(utf8ToBytes(value), out),
    read(from, fail) {
      try {
        const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
        return decoder.decode(inner.read(from, fail));
      } catch (error) {
        if (error instanceof TypeError) throw fail("a text is not UTF-8");
        throw error;
      }
    },
  };
}

/** At most `most` items (below 2^16). */
export const listOf = <T>(item: Codec<T>, most: number): Codec<readonly T[]> => ({
  write(values, out) {
    if (values.length > most) {
      throw new RangeError(`${values.length} items were given for a list of at most ${most}`);
    }
    out.push(intToBytes(values.length, 2));
    for (const value of values) item.write(value, out);
  },
  read(from, fail) {
    const count = from.number(2);
    if (count > most) throw fail(`a list of at most ${most} items has ${count}`);
    return Array.from({ length: count }, () => item.read(from, fail));
  },
});

export const optional = <T>(item: Codec<T>): Codec<T | null> => ({
  write(value, out) {
    out.push(Uint8Array.of(value === null ? 0 : 1));
    if (value !== null) item.write(value, out);
  },
  read(from, fail) {
    const flag = from.number(1);
    if (flag > 1) throw fail(`a flag is ${flag}`);
    return flag === 0 ? null : item.read(from, fail);
  },
});

/** One of the values named, by its place. */
export const oneOf = <const T extends readonly unknown[]>(...values: T): Codec<T[number]> => ({
  write(value, out) {
    const place = values.indexOf(value);
    if (place < 0) throw new RangeError(`${String(value)} is not one of ${values.join(", ")}`);
    out.push(Uint8Array.of(place));
  },
  read(from, fail) {
    const place = from.number(1);
    if (place >= values.length) throw fail(`choice ${place} is not known`);
    return values[place] as T[number];
  },
});

/** A value that stands in the bytes as another; what `read` throws becomes a refusal. */
export const converted = <Inner, T>(
  inner: Codec<Inner>,
  write: (value: T) => Inner,
  read: (value: Inner) => T,
): Codec<T> => ({
  write: (value, out) => inner.write(write(value), out),
  read(from, fail) {
    const raw = inner.read(from, fail);
    try {
      return read(raw);
    } catch (error) {
      throw fail(error instanceof Error ? error.message : String(error));
    }
  },
});

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Fields = Record<string, Codec<any>>;
export type RecordOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** The fields one after the other, in the order in which they are named. */
export function record<F extends Fields>(fields: F): Codec<RecordOf<F>> {
  const entries = Object.entries(fields);
  return {
    write(value, out) {
      for (const [name, codec] of entries) codec.write(value[name], out);
    },
    read(from, fail) {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) value[name] = codec.read(from, fail);
      return value as RecordOf<F>;
    },
  };
}

type Variants = Record<string, Fields>;
export type VariantOf<V extends Variants> = {
  [K in keyof V & string]: { readonly kind: K } & RecordOf<V[K]>;
}[keyof V & string];

/** One of several records, told apart by `kind`, whose place among them is the first byte. */
export function variant<V extends Variants>(kinds: V): Codec<VariantOf<V>> {
  const names = Object.keys(kinds);
  const codecs = Object.fromEntries(names.map((name) => [name, record(kinds[name]!)]));
  const tag = oneOf(...names);
  return {
    write(value, out) {
      tag.write(value.kind, out);
      codecs[value.kind]!.write(value, out);
    },
    read(from, fail) {
      const kind = tag.read(from, fail);
      return { kind, ...codecs[kind]!.read(from, fail) } as VariantOf<V>;
    },
  };
}
