/**
 * The statements that a device found signed last: a page is read as what rules an interval, as what bills it
 * and as the source of later terms, and its signature is the same each time.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { SignedStruct, StatementVerifier } from "./statements.js";

/** Consumption and billing of the last few intervals. */
const REMEMBERED = 8;

export class StatementMemory {
  readonly #signed = new Set<string>();

  constructor(private readonly verifier: StatementVerifier) {}

  /** Did the signer sign each? As {@link StatementVerifier.verifyAll} says; what is wrong is not remembered. */
  areSigned(statements: readonly SignedStruct[]): boolean {
    const named = statements.map((statement) => ({ statement, name: nameOf(statement) }));
    const unknown = named.filter(({ name }) => !this.#signed.has(name));
    if (unknown.length === 0) return true;
    const right = this.verifier.verifyAll(unknown.map(({ statement }) => statement));
    for (const [i, { name }] of unknown.entries()) {
      if (!right[i]!) continue;
      this.#signed.add(name);
      if (this.#signed.size > REMEMBERED) this.#signed.delete(this.#signed.values().next().value!);
    }
    return right.every(Boolean);
  }
}

function nameOf({ struct, signature, signer }: SignedStruct): string {
  return [struct.hash, signature, signer].map(bytesToHex).join();
}
