/**
 * Who may report. The registrar knows the meters; it computes every pseudonym and key they can use
 * in an interval, sorts them by pseudonym, which hides whose they are, and gives the list to the
 * control centre. So the control centre recognises a genuine report by one look-up, cannot tell
 * which meter sent it, and cannot sign one. Nor can the registrar, which has no meter's secret key.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import type { Secp256k1Point } from "../algebra/index.js";
import { generatorMultiples, group, POINT_BYTES, PublicKey } from "./curve.js";
import type { PuncturablePrf } from "./ggm.js";
import { compareBytes } from "./merkle.js";
import {
  firstLeaf,
  oneTimes,
  PSEUDONYM_BYTES,
  type Interval,
  type Pseudonym,
} from "./one-time-key.js";
import { MAX_PARCELS } from "./parcels.js";
import { TAGS } from "./tags.js";

/** What a meter hands to the registrar at installation. */
export interface Enrolment {
  /** The meter's long-lived public key, 33 bytes. */
  readonly publicKey: Uint8Array;
  /** The meter's key tree: gives pseudonyms, and keys to whoever has `publicKey`. */
  readonly tree: PuncturablePrf;
}

export interface EnrolmentEntry {
  readonly pseudonym: Pseudonym;
  readonly key: Uint8Array;
}

/** The reports that can be genuine in one interval. */
export class EnrolmentList {
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  /** SHA-256 of all entries in order; the control centre signs it with the interval. */
  readonly digest: Uint8Array;

  /** `entries` in any order. */
  constructor(
    readonly interval: Interval,
    readonly homes: number,
    entries: readonly EnrolmentEntry[],
  ) {
    const sorted = entries.toSorted((a, b) => compareBytes(a.pseudonym, b.pseudonym));
    this.#keys = new Map(sorted.map((e) => [nameOf(e.pseudonym), e.key]));
    const size = PSEUDONYM_BYTES + POINT_BYTES;
    const packed = new Uint8Array(TAGS.enrolment.length + sorted.length * size);
    packed.set(TAGS.enrolment);
    sorted.forEach(({ pseudonym, key }, i) => {
      const at = TAGS.enrolment.length + i * size;
      packed.set(pseudonym, at);
      packed.set(key, at + PSEUDONYM_BYTES);
    });
    this.digest = sha256(packed);
  }

  /** The key that belongs to a pseudonym, found in constant time; undefined if it is not genuine. */
  keyOf(pseudonym: Pseudonym): Uint8Array | undefined {
    return this.#keys.get(nameOf(pseudonym));
  }
}

export class Registrar {
  readonly #meters: { readonly point: Secp256k1Point; readonly tree: PuncturablePrf }[] = [];

  /** @throws ledger/bad-key if the public key is no point */
  enrol({ publicKey, tree }: Enrolment): void {
    this.#meters.push({ point: PublicKey.parse(publicKey).point, tree: tree.clone() });
  }

  get homes(): number {
    return this.#meters.length;
  }

  /**
   * The list of an interval; everything before it is forgotten.
   * @throws ledger/interval-range, ledger/leaf-gone if a later list was made already
   */
  list(interval: Interval): EnrolmentList {
    const entries = this.#meters.flatMap(({ point, tree }) => {
      tree.punctureBefore(firstLeaf(interval));
      const keys = oneTimes(tree, interval, MAX_PARCELS);
      const multiples = generatorMultiples(keys.map(({ tweak }) => tweak));
      return keys.map(({ pseudonym }, i) => ({
        pseudonym,
        key: group.encode(group.add(point, multiples[i]!)),
      }));
    });
    return new EnrolmentList(interval, this.homes, entries);
  }
}

/** A map key for bytes: one character a byte. */
function nameOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
