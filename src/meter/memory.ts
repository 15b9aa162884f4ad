/**
 * The meter's non-volatile memory: one record that is replaced as a whole. The contract that the
 * meter's safety rests on: after a power cut at any point `read` gives either the record before the
 * write or the one after it, and once `write` has returned, the one after it.
 */
export interface NonVolatileMemory {
  /** The record; `null` if nothing was ever written. */
  read(): Uint8Array | null;
  /** Replaces the record, durably. */
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
