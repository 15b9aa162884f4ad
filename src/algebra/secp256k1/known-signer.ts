/**
 * Signatures of one signer who is known by address and has signed many: once its public key has been
 * recovered, R = (z/s)·G + (r/s)·Q comes from tables, for a quarter of the time of recovering Q.
 */
import { bytesToInt, equalBytes } from "../bytes.js";
import { checkLength, isWellFormed, verifyEcdsa, type Address, type Ecdsa } from "./ecdsa.js";
import type { FixedBases } from "../fixed-bases.js";
import type { Secp256k1Group, Secp256k1Point } from "./secp256k1.js";

/** Signatures of one signer after which the tables are made: they cost as much as these save. */
const TABLES_AFTER = 100;

export class KnownSigner {
  #right = 0;
  /** G and Q. */
  #bases: FixedBases<Secp256k1Point> | undefined;

  private readonly group: Secp256k1Group;
  private readonly generator: FixedBases<Secp256k1Point>;
  private readonly ecdsa: Ecdsa;
  private readonly address: Address;

  constructor({
    group,
    generator,
    ecdsa,
    address,
  }: {
    readonly group: Secp256k1Group;
    /** tables of the group's generator, which are shared. */
    readonly generator: FixedBases<Secp256k1Point>;
    /** checks the first signatures. */
    readonly ecdsa: Ecdsa;
    readonly address: Address;
  }) {
    this.group = group;
    this.generator = generator;
    this.ecdsa = ecdsa;
    this.address = address;
  }

  /**
   * Did the signer sign the digest? Exactly as `verifyEcdsa` says: false for malformed signatures.
   * Public data: variable time.
   * @throws algebra/bad-length unless the digest has 32 bytes
   */
  verify(digest: Uint8Array, signature: Uint8Array): boolean {
    checkLength(digest, 32, "a digest");
    if (this.#bases !== undefined) {
      return isWellFormed(signature) && this.#givesR(this.#bases, digest, signature);
    }
    const isRight = verifyEcdsa({ ecdsa: this.ecdsa, digest, signature, signer: this.address });
    if (isRight && ++this.#right === TABLES_AFTER) {
      this.#bases = this.generator.extended([this.#recover(digest, signature)]);
    }
    return isRight;
  }

  /** R has the x coordinate r, and the parity that v says: then Q is what would be recovered. */
  #givesR(bases: FixedBases<Secp256k1Point>, digest: Uint8Array, signature: Uint8Array): boolean {
    const { group } = this;
    const inverse = group.invertScalar(bytesToInt(signature.subarray(32, 64)));
    const scalars = [digest, signature.subarray(0, 32)].map(
      (bytes) => (bytesToInt(bytes) * inverse) % group.order,
    );
    return equalBytes(group.encode(bases.multiScalarMul(scalars)), encodedR(signature));
  }

  /** Q = (s/r)·R − (z/r)·G of a right signature (SEC 1, §4.1.6). */
  #recover(digest: Uint8Array, signature: Uint8Array): Secp256k1Point {
    const { group } = this;
    const inverse = group.invertScalar(bytesToInt(signature.subarray(0, 32)));
    return group.multiScalarMul(
      [group.decode(encodedR(signature)), group.generator],
      [bytesToInt(signature.subarray(32, 64)) * inverse, -bytesToInt(digest) * inverse],
    );
  }
}

/** The point R of a signature r ‖ s ‖ v, as SEC 1 compresses it. */
function encodedR(signature: Uint8Array): Uint8Array {
  return Uint8Array.of(signature[64]! - 25, ...signature.subarray(0, 32));
}
