/**
 * The WebAssembly kernel (source in kernel/assembly) behind plain functions: SHAKE256, the inner
 * product of a hashed message with a vector, and the addition of vectors. Each call writes its
 * inputs, runs, and takes its result away, so that nothing of one call is left for the next.
 */
import { readFileSync } from "node:fs";
import { concatBytes } from "@noble/hashes/utils.js";
import { aggregationErrors } from "./errors.js";
import { KEY_BYTES } from "./parameters.js";

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  messageAddress(): number;
  hashedAddress(): number;
  vectorAddress(): number;
  resultAddress(): number;
  hash(length: number, outputLength: number): void;
  innerProduct(): void;
  add(): void;
  subtract(): void;
  wipe(): void;
}

/** The parts of the standard `WebAssembly` used here, which the library typings of Node leave out. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const MESSAGE_BYTES = 1024;

class Kernel {
  readonly #x: KernelExports;
  readonly #message: Uint8Array;
  readonly #hashed: Uint8Array;
  readonly #vector: Uint8Array;
  readonly #result: DataView;

  constructor(bytes: Uint8Array) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
    const x = instance.exports as KernelExports;
    const { buffer } = x.memory;
    this.#x = x;
    this.#message = new Uint8Array(buffer, x.messageAddress(), MESSAGE_BYTES);
    this.#hashed = new Uint8Array(buffer, x.hashedAddress(), KEY_BYTES);
    this.#vector = new Uint8Array(buffer, x.vectorAddress(), KEY_BYTES);
    this.#result = new DataView(buffer, x.resultAddress(), 16);
  }

  hash(message: Uint8Array, outputLength: number): Uint8Array {
    this.#setMessage(message);
    this.#x.hash(message.length, outputLength);
    const output = this.#hashed.slice(0, outputLength);
    this.#x.wipe();
    return output;
  }

  innerProduct(message: Uint8Array, vector: Uint8Array): bigint {
    this.#setMessage(message);
    this.#x.hash(message.length, KEY_BYTES);
    this.#vector.set(vector);
    return this.#takeProduct();
  }

  #takeProduct(): bigint {
    this.#x.innerProduct();
    const product =
      (this.#result.getBigUint64(8, true) << 64n) | this.#result.getBigUint64(0, true);
    this.#x.wipe();
    return product;
  }

  product(hashed: Uint8Array, vector: Uint8Array): bigint {
    this.#hashed.set(hashed);
    this.#vector.set(vector);
    return this.#takeProduct();
  }

  combine(vector: Uint8Array, term: Uint8Array, operation: "add" | "subtract"): void {
    this.#vector.set(vector);
    this.#hashed.set(term);
    this.#x[operation]();
    vector.set(this.#vector);
    this.#x.wipe();
  }

  #setMessage(message: Uint8Array): void {
    if (message.length > MESSAGE_BYTES) {
      throw new RangeError(`the kernel hashes at most ${MESSAGE_BYTES} bytes`);
    }
    this.#message.set(message);
  }
}

let loaded: Kernel | undefined;

/** The kernel of this thread. @throws aggregation/kernel-missing */
function kernel(): Kernel {
  if (loaded === undefined) {
    const file = new URL("./kernel/build/psa.wasm", import.meta.url);
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(file);
    } catch (error) {
      throw aggregationErrors.errorFrom({
        key: "kernel-missing",
        message: `the compiled kernel ${file.pathname} cannot be read`,
        details: { file: file.pathname },
        cause: error,
      });
    }
    loaded = new Kernel(bytes);
  }
  return loaded;
}

/** SHAKE256 (FIPS 202) of at most 1,024 bytes; `outputLength` is at most `KEY_BYTES`. */
export function shake256(outputLength: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return kernel().hash(concatBytes(...parts), outputLength);
}

/** ⟨SHAKE256(message), vector⟩ modulo 2^128, both as `DIMENSION` integers of 16 bytes. */
export function hashedInnerProduct(message: Uint8Array, vector: Uint8Array): bigint {
  return kernel().innerProduct(message, vector);
}

/** ⟨hashed, vector⟩ modulo 2^128 of a message that is hashed already: `KEY_BYTES` of SHAKE256. */
export function innerProduct(hashed: Uint8Array, vector: Uint8Array): bigint {
  return kernel().product(hashed, vector);
}

/** sum ← sum + term, element by element modulo 2^128, in place. */
export function addVector(sum: Uint8Array, term: Uint8Array): void {
  kernel().combine(sum, term, "add");
}

/** sum ← sum − term, element by element modulo 2^128, in place. */
export function subtractVector(sum: Uint8Array, term: Uint8Array): void {
  kernel().combine(sum, term, "subtract");
}
