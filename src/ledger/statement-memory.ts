/**
 * The statements that a device found signed last: a page is read as what rules an interval, as what bills it
 * and as the source of later terms, and its signature is the same each time.
 */
import type { Address } from "../algebra/index.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { hashStruct, type StatementVerifier, type TypedStruct } from "./statements.js";

/** Consumption and billing of the last few intervals. */
const REMEMBERED = 8;

export class StatementMemory {
  readonly #signed = new Set<string>();

  constructor(private readonly verifier: StatementVerifier) {}

  /** Did `signer` sign this? As {@link StatementVerifier.verify} says; what is wrong is not remembered. */
  verify(struct: TypedStruct, signature: Uint8Array, signer: Address): boolean {
    const name = [hashStruct(struct), signature, signer].map(bytesToHex).join();
    if (this.#signed.has(name)) return true;
    if (!this.verifier.verify(struct, signature, signer)) return false;
    this.#signed.add(name);
    if (this.#signed.size > REMEMBERED) this.#signed.delete(this.#signed.values().next().value!);
    return true;
  }
}
