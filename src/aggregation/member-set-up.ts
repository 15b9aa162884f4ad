/**
 * A member's side of the set-up between machines: signed messages in, a signed message out. Each step is in
 * the member's store with everything it depends on before its message leaves, so a process killed anywhere goes on
 * with the same secrets and sends the same bytes again. The store holds secrets: it is a sealed one
 * (`keystore`) if it outlives the process.
 */
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { ByteReader, intToBytes } from "../algebra/index.js";
import { postOnce, type KeyPair } from "../envelope/index.js";
import type { Store, Transaction } from "../store/index.js";
import { aggregationErrors } from "./errors.js";
import {
  decodeEncapsulations,
  decodeIntroduction,
  decodePairwise,
  encapsulate,
  encodeEncapsulations,
  encodeIntroduction,
  encodePairwise,
  KeyAgreement,
  type PairwiseSecrets,
} from "./pairwise.js";
import {
  decodeEnrolment,
  decodeMemberSecrets,
  encodeEnrolment,
  encodeMemberSecrets,
  enrol,
  fixRoster,
  indexOf,
  termsContext,
  type MemberSecrets,
  type Roster,
  type RosterTerms,
} from "./roster.js";

/** Whose side of which set-up. */
export interface SetUpPlace {
  readonly terms: RosterTerms;
  /** Identifier of the member. */
  readonly member: string;
  /** The registered identity. */
  readonly identity: KeyPair;
  /** Identity keys by member, from the utility's register. */
  readonly registered: ReadonlyMap<string, Uint8Array>;
}

/** What a member has when the set-up is over: keys for any number of streams and epochs follow. */
export interface AgreedMember {
  readonly roster: Roster;
  readonly index: number;
  readonly identity: KeyPair;
  readonly pairwise: PairwiseSecrets;
}

export class MemberSetUp {
  readonly #at: string;

  /** The same arguments after a restart go on where the store says. */
  constructor(
    private readonly place: SetUpPlace,
    private readonly store: Store,
  ) {
    const { terms, member } = place;
    this.#at = `aggregation/set-up/${bytesToHex(termsContext(terms))}/${member}`;
  }

  /** Step 1: fresh key-agreement keys, signed, for all others. @throws aggregation/bad-terms */
  enrol(): Promise<Uint8Array> {
    const { terms, member, identity } = this.place;
    return this.#once("enrolment", (tx) => {
      const { enrolment, secrets } = enrol(terms, member, identity);
      tx.put(`${this.#at}/secrets`, encodeMemberSecrets(secrets));
      return encodeEnrolment(terms, enrolment);
    });
  }

  /**
   * Step 2, with the enrolments of all members: the roster is fixed from here on. The message is for the
   * members of higher index.
   * @throws aggregation/wrong-stage, not-in-roster, bad-length, what `fixRoster` throws; envelope/malformed,
   *   wrong-place
   */
  introduce(enrolments: readonly Uint8Array[]): Promise<Uint8Array> {
    return this.#once("introduction", async (tx) => {
      const secrets = await this.#secrets(tx);
      const roster = this.#fix(enrolments);
      const index = indexOf(roster, this.place.member);
      const encapsulated = encapsulate(roster, index);
      tx.put(`${this.#at}/enrolments`, encodeList(enrolments));
      tx.put(`${this.#at}/encapsulated`, encodeEncapsulations(encapsulated));
      const agreement = new KeyAgreement({ roster, index, secrets, sealed: encapsulated });
      return encodeIntroduction(roster, agreement.introduction);
    });
  }

  /**
   * Step 3, with the introductions of the members of lower index: the secrets with all others, kept in the
   * store from here on. The keys that made them are deleted.
   * @throws aggregation/wrong-stage, missing-introduction, bad-introduction, bad-enrolment; envelope/malformed,
   *   wrong-place
   */
  agree(introductions: readonly Uint8Array[]): Promise<AgreedMember> {
    return this.store.transaction(async (tx) => {
      const { member, identity } = this.place;
      const roster = this.#fix(decodeList(await this.#stored(tx, "enrolments")));
      const index = indexOf(roster, member);
      const kept = await tx.get(`${this.#at}/pairwise`);
      if (kept !== undefined) {
        return { roster, index, identity, pairwise: decodePairwise(kept, index) };
      }
      const secrets = await this.#secrets(tx);
      const encapsulated = decodeEncapsulations(await this.#stored(tx, "encapsulated"));
      const agreement = new KeyAgreement({ roster, index, secrets, sealed: encapsulated });
      const read = introductions.map((message) => decodeIntroduction(roster, message));
      const pairwise = agreement.finish(read);
      tx.put(`${this.#at}/pairwise`, encodePairwise(pairwise));
      tx.delete(`${this.#at}/secrets`);
      tx.delete(`${this.#at}/encapsulated`);
      return { roster, index, identity, pairwise };
    });
  }

  #fix(enrolments: readonly Uint8Array[]): Roster {
    const { terms, registered } = this.place;
    const read = enrolments.map((message) => decodeEnrolment(terms, message));
    return fixRoster(terms, read, registered);
  }

  async #secrets(tx: Transaction): Promise<MemberSecrets> {
    return decodeMemberSecrets(await this.#stored(tx, "secrets"));
  }

  async #stored(tx: Transaction, what: string): Promise<Uint8Array> {
    const bytes = await tx.get(`${this.#at}/${what}`);
    if (bytes !== undefined) return bytes;
    throw aggregationErrors.error(
      "wrong-stage",
      `"${this.place.member}" has not done the step of the set-up before this one`,
      { member: this.place.member, missing: what },
    );
  }

  #once(
    step: string,
    make: (tx: Transaction) => Uint8Array | Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    return postOnce(this.store, `${this.#at}/sent/${step}`, make);
  }
}

function encodeList(messages: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...messages.flatMap((m) => [intToBytes(m.length, 4), m]));
}

function decodeList(bytes: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(bytes, (why) =>
    aggregationErrors.error("bad-length", `the stored enrolments cannot be read: ${why}`),
  );
  const messages: Uint8Array[] = [];
  while (reader.left > 0) messages.push(reader.take(reader.number(4)));
  return messages;
}
