/** Integers of variable length, RFC 9000, §16: the two highest bits say how many bytes there are. */
import { ByteReader, intToBytes } from "../../../algebra/index.js";

/** Lengths by the two highest bits. */
const LENGTHS = [1, 2, 4, 8] as const;

/** In the fewest bytes. @param value below 2^53 */
export function encodeVarint(value: number): Uint8Array {
  const prefix = value < 1 << 6 ? 0 : value < 1 << 14 ? 1 : value < 2 ** 30 ? 2 : 3;
  const bytes = intToBytes(value, LENGTHS[prefix]!);
  bytes[0]! |= prefix << 6;
  return bytes;
}

export class VarintReader extends ByteReader {
  constructor(
    bytes: Uint8Array,
    protected readonly refuse: (why: string) => Error,
  ) {
    super(bytes, refuse);
  }

  /** In any of its lengths. Fails above 2^53 − 1, longer than any message that is held in memory. */
  varint(): number {
    const first = this.number(1);
    const length = LENGTHS[first >> 6]!;
    const rest = this.bigint(length - 1);
    const value = (BigInt(first & 0x3f) << BigInt(8 * (length - 1))) | rest;
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw this.refuse(`${value} is too large a number`);
    return Number(value);
  }

  /** Length and bytes. */
  sized(): Uint8Array {
    return this.take(this.varint());
  }
}
