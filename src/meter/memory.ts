/** The meter's non-volatile memory: one record, replaced as a whole, open in one process at a time. */
import { decodeChecked, encodeChecked, type Codec } from "../algebra/codec.js";
import { meterErrors } from "./errors.js";

export interface NonVolatileMemory {
  /** `null` if nothing was ever written; after a power cut the record before the write or after it. */
  read(): Uint8Array | null;
  /** Durable once it has returned, and no copy of the record before is left. */
  write(record: Uint8Array): void;
}

/** A memory that lasts as long as the process: for demonstrations and tests. */
export class VolatileMemory implements NonVolatileMemory {
  #record: Uint8Array | null = null;

  read(): Uint8Array | null {
    return this.#record;
  }

  write(record: Uint8Array): void {
    this.#record = record;
  }
}

/** Replaces the record, with a checksum. */
export function writeRecord<T>(memory: NonVolatileMemory, codec: Codec<T>, record: T): void {
  memory.write(encodeChecked(codec, record));
}

/** `null` if nothing was ever written. @throws meter/bad-memory */
export function readRecord<T>(memory: NonVolatileMemory, codec: Codec<T>): T | null {
  const stored = memory.read();
  if (stored === null) return null;
  return decodeChecked(codec, stored, (why) =>
    meterErrors.error("bad-memory", `the meter's memory is damaged: ${why}`),
  );
}
