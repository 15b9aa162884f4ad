/** Makes the system's generator give what a seed says, for as long as a body runs: for vectors that are made again. */
import { shake256 } from "@noble/hashes/sha3.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

export async function withSeededRandomness<T>(seed: string, body: () => Promise<T>): Promise<T> {
  const stream = shake256.create().update(utf8ToBytes(`sipster test randomness ${seed}`));
  const seeded = <A extends ArrayBufferView | null>(array: A): A => {
    if (array !== null) {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      bytes.set(stream.xof(bytes.length));
    }
    return array;
  };
  // The generator is a method of the prototype: an own property hides it.
  Object.defineProperty(globalThis.crypto, "getRandomValues", {
    value: seeded,
    configurable: true,
  });
  try {
    return await body();
  } finally {
    Reflect.deleteProperty(globalThis.crypto, "getRandomValues");
  }
}
