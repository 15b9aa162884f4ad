/**
 * Signatures of signers who are known by address and have signed many: once a public key Q has been recovered,
 * R = (z/s)·G + (r/s)·Q comes from tables, for a quarter of the time of recovering Q. Signatures that are checked
 * together share the inversions of their sums.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { bytesToInt, equalBytes } from "../bytes.js";
import { checkLength, isWellFormed, verifyEcdsa, type Address, type Ecdsa } from "./ecdsa.js";
import type { FixedBases } from "../fixed-bases.js";
import type { Secp256k1Group, Secp256k1Point } from "./secp256k1.js";

/** Signatures of one signer after which the tables are made: they cost as much as these save. */
const TABLES_AFTER = 100;

/** A digest of 32 bytes, and what is said to be a signature of it. */
export interface SignedDigest {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly signer: Address;
}

interface Signer {
  /** Right signatures so far. */
  right: number;
  /** Where Q is among the bases; undefined as long as it has no table. */
  base: number | undefined;
}

/** A signature whose R is computed from tables. */
interface Candidate {
  /** In the order of what was asked. */
  readonly at: number;
  readonly signed: SignedDigest;
  readonly base: number;
}

export class KnownSigners {
  readonly #signers = new Map<string, Signer>();
  /** G, and the public keys of those who have signed many. */
  #bases: FixedBases<Secp256k1Point>;

  private readonly group: Secp256k1Group;
  private readonly ecdsa: Ecdsa;

  constructor({
    group,
    generator,
    ecdsa,
  }: {
    readonly group: Secp256k1Group;
    /** tables of the group's generator, which are shared. */
    readonly generator: FixedBases<Secp256k1Point>;
    /** checks the first signatures of each signer. */
    readonly ecdsa: Ecdsa;
  }) {
    this.group = group;
    this.ecdsa = ecdsa;
    this.#bases = generator;
  }

  /**
   * Did the signer sign the digest, for each, in their order? Exactly as `verifyEcdsa` says: false for malformed
   * signatures. Public data: variable time.
   * @throws algebra/bad-length unless each digest has 32 bytes
   */
  verify(signed: readonly SignedDigest[]): boolean[] {
    const candidates: Candidate[] = [];
    const answers = signed.map((one, at) => {
      checkLength(one.digest, 32, "a digest");
      const { base } = this.#signer(one.signer);
      if (base === undefined) return this.#isRecovered(one);
      if (isWellFormed(one.signature)) candidates.push({ at, signed: one, base });
      return false;
    });
    const givesR = this.#giveR(candidates);
    for (const [i, { at }] of candidates.entries()) answers[at] = givesR[i]!;
    return answers;
  }

  #signer(address: Address): Signer {
    const name = bytesToHex(address);
    let signer = this.#signers.get(name);
    if (signer === undefined) this.#signers.set(name, (signer = { right: 0, base: undefined }));
    return signer;
  }

  #isRecovered(signed: SignedDigest): boolean {
    if (!verifyEcdsa({ ecdsa: this.ecdsa, ...signed })) return false;
    const signer = this.#signer(signed.signer);
    if (++signer.right === TABLES_AFTER) {
      signer.base = this.#bases.points.length;
      this.#bases = this.#bases.extended([this.#recover(signed)]);
    }
    return true;
  }

  /** R has the x coordinate r, and the parity that v says: then Q is what would be recovered. */
  #giveR(candidates: readonly Candidate[]): boolean[] {
    if (candidates.length === 0) return [];
    const { group } = this;
    const sums = candidates.map(({ signed: { digest, signature }, base }) => {
      const inverse = group.invertScalar(bytesToInt(signature.subarray(32, 64)));
      const scalars = [digest, signature.subarray(0, 32)].map(
        (bytes) => (bytesToInt(bytes) * inverse) % group.order,
      );
      return { scalars, indices: [0, base] };
    });
    const points = this.#bases.multiScalarMuls(sums);
    return candidates.map(({ signed }, i) =>
      equalBytes(group.encode(points[i]!), encodedR(signed.signature)),
    );
  }

  /** Q = (s/r)·R − (z/r)·G of a right signature (SEC 1, §4.1.6). */
  #recover({ digest, signature }: SignedDigest): Secp256k1Point {
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
  const encoded = new Uint8Array(33);
  encoded[0] = signature[64]! - 25;
  encoded.set(signature.subarray(0, 32), 1);
  return encoded;
}
