/**
 * The WebAssembly of mcl (github.com/herumi/mcl) without its wrapper classes: each call of
 * `loadMcl` gives an instance of its own, because the curve is global to an instance, and operands
 * stay in its memory across a long computation.
 */
import { randomBytes } from "@noble/hashes/utils.js";
// The factory inside the package: the package's own entry point knows one global instance only.
import mclFactory from "mcl-wasm/dist/mcl_c.js";
import { algebraErrors } from "../errors.js";

/** Curve numbers of mcl's curve_type.h. */
export const MclCurve = { BN254: 4, SECP256K1: 102 } as const;
export type MclCurve = (typeof MclCurve)[keyof typeof MclCurve];

/** Bytes of a base-field element in this build, which has room for 384-bit fields. */
export const FP_BYTES = 48;
/** Bytes of a scalar. */
export const FR_BYTES = 32;

/** MCLBN_COMPILED_TIME_VAR of this build: 10·(words of Fr) + (words of Fp). */
const COMPILED_TIME_VAR = 46;

/** An address in the memory of one instance. */
export type Pointer = number;

/** The functions of mcl's C interface (mcl/bn.h) used here; points and scalars are passed by address. */
export type MclFunctions = Record<`_mcl${string}`, (...args: number[]) => number>;

export class MclModule {
  readonly #memory: WasmMemory;
  readonly #malloc: (bytes: number) => Pointer;
  readonly #free: (p: Pointer) => void;
  readonly fn: MclFunctions;
  #view: Uint8Array;

  constructor(
    raw: RawModule,
    readonly curve: MclCurve,
  ) {
    this.#memory = raw.wasmMemory;
    this.#malloc = raw._malloc;
    this.#free = raw._free;
    this.fn = raw as unknown as MclFunctions;
    this.#view = new Uint8Array(this.#memory.buffer);
  }

  /** The memory; fetch it again after every allocation, which may move it. */
  get bytes(): Uint8Array {
    // A view on a buffer that has grown is detached and has length 0.
    if (this.#view.length === 0) this.#view = new Uint8Array(this.#memory.buffer);
    return this.#view;
  }

  /** `bytes` bytes, kept until the instance goes. */
  allocate(bytes: number): Pointer {
    const p = this.#malloc(bytes);
    if (p === 0) {
      throw algebraErrors.error("engine-failed", `mcl could not allocate ${bytes} bytes`);
    }
    return p;
  }

  /** Runs `body` with a block of `bytes` bytes that is cleared and freed afterwards. */
  withBlock<T>(bytes: number, body: (block: Pointer) => T): T {
    const p = this.allocate(bytes);
    try {
      return body(p);
    } finally {
      this.bytes.fill(0, p, p + bytes);
      this.#free(p);
    }
  }
}

/** What is used of `WebAssembly.Memory`. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface RawModule {
  readonly wasmMemory: WasmMemory;
  _malloc(bytes: number): Pointer;
  _free(p: Pointer): void;
  _mclBn_init(curve: number, compiledTimeVar: number): number;
}

/**
 * A new instance for one curve.
 * @throws algebra/engine-failed
 */
export async function loadMcl(curve: MclCurve): Promise<MclModule> {
  const raw = (await mclFactory({
    cryptoGetRandomValues: (a: Uint8Array) => {
      a.set(randomBytes(a.length));
    },
  })) as RawModule;
  const status = raw._mclBn_init(curve, COMPILED_TIME_VAR);
  if (status !== 0) {
    throw algebraErrors.error("engine-failed", `mcl refused curve ${curve} with status ${status}`);
  }
  return new MclModule(raw, curve);
}
