/** Where two codes of the same length differ, apart from the places the constructor fills. */

/** Places in code, by bytes. */
export interface Place {
  readonly start: number;
  readonly length: number;
}

/** A sentence on how the code at the address differs from the compiled one; null when it does not. */
export function describeDifference(
  deployed: string,
  compiled: string,
  immutables: readonly Place[],
): string | null {
  const [found, expected] = [bytesOf(deployed), bytesOf(compiled)];
  if (found.length !== expected.length) {
    return `it has ${found.length} bytes, and the source compiles to ${expected.length}`;
  }
  const isFilled = (i: number) =>
    immutables.some(({ start, length }) => i >= start && i < start + length);
  const places = [...expected.keys()].filter((i) => found[i] !== expected[i] && !isFilled(i));
  const [first] = places;
  if (first === undefined) return null;
  const byte = (value: number | undefined) => `0x${value!.toString(16).padStart(2, "0")}`;
  return (
    `${places.length} of ${expected.length} bytes differ; the first, at ${first}, is ` +
    `${byte(found[first])} and the source compiles to ${byte(expected[first])}`
  );
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
}
