/** Reading and writing messages of points, scalars and small integers, all of fixed length. */
import { concatBytes } from "@noble/hashes/utils.js";
import { bytesToInt, intToBytes, SECP256K1_ORDER } from "../algebra/index.js";
import { sealedErrors } from "./errors.js";
import { POINT_BYTES, type Point, type SealedSystem } from "./system.js";

export const SCALAR_BYTES = 32;
const SIGN_OFFSET = 1n << 127n;

/** Collects the fields of a message. */
export class Writer {
  readonly #parts: Uint8Array[] = [];
  constructor(private readonly system: SealedSystem) {}

  bytes(value: Uint8Array): this {
    this.#parts.push(value);
    return this;
  }
  points(...points: readonly Point[]): this {
    for (const p of points) this.#parts.push(this.system.encode(p));
    return this;
  }
  scalars(...scalars: readonly bigint[]): this {
    for (const k of scalars) this.#parts.push(intToBytes(k, SCALAR_BYTES));
    return this;
  }
  int(value: number | bigint, length: number): this {
    this.#parts.push(intToBytes(value, length));
    return this;
  }
  /** A signed integer of up to 127 bits, in 16 bytes. */
  signed(value: bigint): this {
    this.#parts.push(intToBytes(value + SIGN_OFFSET, 16));
    return this;
  }
  done(): Uint8Array {
    return concatBytes(...this.#parts);
  }
}

/** Reads the fields of a message in order; every read checks what it reads. */
export class Reader {
  #at = 0;
  constructor(
    private readonly system: SealedSystem,
    private readonly message: Uint8Array,
  ) {}

  /** @throws sealed/bad-encoding if the message is too short */
  bytes(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.message.length) {
      throw sealedErrors.error(
        "bad-encoding",
        `the message ends after ${this.message.length} bytes, in the middle of a field`,
        { length: this.message.length },
      );
    }
    const value = this.message.slice(this.#at, end);
    this.#at = end;
    return value;
  }

  /** @throws sealed/bad-encoding, sealed/identity-point */
  point(): Point {
    return this.system.decode(this.bytes(POINT_BYTES));
  }

  /** @throws sealed/bad-encoding, sealed/scalar-out-of-range */
  scalar(): bigint {
    const k = bytesToInt(this.bytes(SCALAR_BYTES));
    if (k >= SECP256K1_ORDER) {
      throw sealedErrors.error("scalar-out-of-range", "a scalar is not below the group order");
    }
    return k;
  }

  /** @throws sealed/bad-encoding */
  int(length: number): number {
    return Number(bytesToInt(this.bytes(length)));
  }

  /** As `Writer.signed` has it. @throws sealed/bad-encoding */
  signed(): bigint {
    return bytesToInt(this.bytes(16)) - SIGN_OFFSET;
  }

  /** @throws sealed/bad-encoding if bytes are left */
  end(): void {
    if (this.#at !== this.message.length) {
      throw sealedErrors.error(
        "bad-encoding",
        `${this.message.length - this.#at} bytes follow the end of the message`,
        { length: this.message.length },
      );
    }
  }
}
