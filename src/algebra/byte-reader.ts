/** Reads an encoding of fixed-width fields from front to back. */
import { bytesToInt } from "./bytes.js";

export class ByteReader {
  #at = 0;

  /** `fail` makes the error for bytes that are too short or too long. */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly fail: (why: string) => Error,
  ) {}

  get left(): number {
    return this.bytes.length - this.#at;
  }

  /** A copy of the next `length` bytes. */
  take(length: number): Uint8Array {
    if (length > this.left) {
      throw this.fail(`${length} more bytes are needed and ${this.left} are there`);
    }
    this.#at += length;
    // Not `slice`: of a Node.js Buffer that is a view, and a Buffer.
    return new Uint8Array(this.bytes.subarray(this.#at - length, this.#at));
  }

  /** Big-endian; fails above 2⁵³ − 1. */
  number(length: number): number {
    const value = Number(this.bigint(length));
    if (!Number.isSafeInteger(value)) throw this.fail(`${value} is too large a number`);
    return value;
  }

  /** Big-endian. */
  bigint(length: number): bigint {
    return bytesToInt(this.take(length));
  }

  /** To be called when every field is read. */
  end(): void {
    if (this.left > 0) throw this.fail(`${this.left} bytes are left over`);
  }
}
