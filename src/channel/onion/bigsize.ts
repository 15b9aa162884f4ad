/** The length prefix of a hop's payload: `bigsize` of BOLT #1, for lengths that a packet can hold. */

/** Bytes that the prefix of a payload of `length` bytes takes. */
export function bigsizeBytes(length: number): 1 | 3 {
  return length < 0xfd ? 1 : 3;
}

/** Writes the prefix at `offset`; returns the offset behind it. */
export function writeBigsize(target: Uint8Array, offset: number, length: number): number {
  if (length < 0xfd) {
    target[offset] = length;
    return offset + 1;
  }
  target[offset] = 0xfd;
  target[offset + 1] = length >> 8;
  target[offset + 2] = length & 0xff;
  return offset + 3;
}

/** Reads the prefix at the start; undefined if it is longer than 16 bits or not minimal. */
export function readBigsize(bytes: Uint8Array): { length: number; offset: number } | undefined {
  const first = bytes[0]!;
  if (first < 0xfd) return { length: first, offset: 1 };
  if (first !== 0xfd) return undefined;
  const length = (bytes[1]! << 8) | bytes[2]!;
  return length < 0xfd ? undefined : { length, offset: 3 };
}
