/**
 * Distributed key generation: Gennaro, Jarecki, Krawczyk, Rabin, *Secure Distributed Key Generation for
 * Discrete-Log Based Cryptosystems*, Journal of Cryptology 20(1), 2007, §4, figure 2; and, with polynomials
 * whose constant term is zero, the proactive refresh of Herzberg, Jarecki, Krawczyk, Yung (CRYPTO 1995, §3).
 *
 * Two departures. An accuser discloses the key of its share with proof, so that everybody sees at once
 * which of the two lied (`dealing.ts`). And a dealer proves that what it extracts is what it dealt
 * (`coefficient-proof.ts`): the published ceremony is secure for t − 1 < n/2 alone, because more corrupt
 * dealers can replace their polynomials after seeing the others'. A dealer without proof ends the
 * ceremony; the next one runs without it (`committeeWithout`). It learned one key that is never used, so f
 * corrupt dealers choose among at most f + 1 random keys.
 *
 * Steps: deal; examine (complain about shares); extract (publish a_k·G with proof); conclude (what everybody
 * signs); finish (all have signed the same).
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes } from "../algebra/index.js";
import {
  encodeDealing,
  encodeDisclosures,
  encodeExtraction,
  encodeTranscript,
} from "./ceremony-messages.js";
import {
  proveCoefficients,
  verifyCoefficients,
  type CoefficientStatement,
} from "./coefficient-proof.js";
import type { Committee, TrusteeSecrets } from "./committee.js";
import {
  deal,
  disclose,
  drawDealerSecrets,
  firstPower,
  isGenuine,
  isWellFormed,
  openShare,
  type DealerSecrets,
  type Dealing,
  type DealingKind,
  type Disclosure,
  type Share,
} from "./dealing.js";
import { Writer } from "./encoding.js";
import { sealedErrors } from "./errors.js";
import type { Extraction, Transcript } from "./extraction.js";
import { checkShare, type KeyShare } from "./key-share.js";
import { mod, powers } from "./scalars.js";
import type { Point, SealedSystem } from "./system.js";

/** The transcript that one trustee signed, encoded. */
export interface SignedTranscript {
  readonly trustee: number;
  readonly encoded: Uint8Array;
}

/** A trustee that did not follow the protocol, and what shows it. */
export interface Fault {
  readonly trustee: number;
  readonly what:
    | "no dealing"
    | "malformed dealing"
    | "bad share"
    | "false complaint"
    | "no extraction"
    | "bad extraction";
}

type Stage = "deal" | "examine" | "extract" | "conclude" | "finish" | "done";

/** Whose side of which ceremony. */
export interface CeremonyPlace {
  readonly system: SealedSystem;
  readonly committee: Committee;
  /** The trustee's number. */
  readonly index: number;
  readonly self: TrusteeSecrets;
  /** With it the ceremony refreshes that key. */
  readonly previous?: KeyShare | undefined;
  /** Drawn afresh unless an earlier process of the same trustee drew them. */
  readonly secrets?: DealerSecrets | undefined;
}

/** One trustee's side of a ceremony. The messages given to it are those of their authors. */
export class KeyCeremony {
  readonly #kind: DealingKind;
  readonly #secrets: DealerSecrets;
  #stage: Stage = "deal";
  /** Hashes of the messages of each stage. */
  readonly #board: Uint8Array[] = [];
  readonly #dealings = new Map<number, Dealing>();
  readonly #shares = new Map<number, Share>();
  readonly #faults: Fault[] = [];
  #complaints: readonly Disclosure[] = [];
  #result: { readonly transcript: Uint8Array; readonly share: KeyShare } | undefined;

  /** @throws sealed/bad-committee, sealed/bad-share */
  constructor(private readonly place: CeremonyPlace) {
    const { system, committee, index, self, previous } = place;
    this.#kind = previous === undefined ? "generate" : "refresh";
    const member = committee.members[index - 1];
    if (member === undefined || !system.group.equals(member.exchangeKey, self.exchangeKey)) {
      throw sealedErrors.error("bad-committee", `the key of trustee ${index} is another`, {
        trustee: index,
      });
    }
    if (previous !== undefined) checkShare({ system, share: previous, index, committee });
    this.#secrets = place.secrets ?? drawDealerSecrets(committee.threshold, this.#kind);
  }

  /** Who was found cheating so far; every honest trustee finds the same. */
  get faults(): readonly Fault[] {
    return this.#faults;
  }

  get secrets(): DealerSecrets {
    return this.#secrets;
  }

  /** Step 1. @throws sealed/wrong-stage */
  deal(): Dealing {
    this.#advance("deal", "examine");
    const { system, committee, index } = this.place;
    return deal(system, committee, { dealer: index, kind: this.#kind, secrets: this.#secrets });
  }

  /** Step 2: complaints about dealings that gave this trustee no share. @throws sealed/wrong-stage */
  examine(dealings: readonly Dealing[]): Disclosure[] {
    this.#advance("examine", "extract");
    const { system, committee, index, self } = this.place;
    committee.members.forEach((_, i) => {
      const dealing = dealings.find((d) => d.dealer === i + 1);
      if (dealing === undefined) this.#blame(i + 1, "no dealing");
      else if (isWellFormed({ system, committee, kind: this.#kind, dealing })) {
        this.#dealings.set(i + 1, dealing);
      } else this.#blame(i + 1, "malformed dealing");
    });
    this.#post(dealings, (d) => [d.dealer, encodeDealing(system, d)]);
    const complaints: Disclosure[] = [];
    for (const dealing of this.#dealings.values()) {
      const key = system.group.mulSecret(dealing.ephemeral, self.exchangeSecret);
      const share = openShare({ system, committee, kind: this.#kind, dealing, to: index, key });
      if (share !== null) this.#shares.set(dealing.dealer, share);
      else complaints.push(disclose({ system, committee, by: index, member: self, dealing }));
    }
    this.#complaints = complaints;
    return complaints;
  }

  /**
   * Step 3: judges the complaints of all trustees; the dealings that are left make the key.
   * Returns this trustee's extraction, `null` if its dealing is not among them.
   * @throws sealed/wrong-stage, sealed/too-few-dealers
   */
  extract(complaints: readonly Disclosure[]): Extraction | null {
    this.#advance("extract", "conclude");
    const { system, index } = this.place;
    // A channel that lost this trustee's own complaint must not make it accept a bad share.
    const own = complaints.some((c) => c.by === index) ? [] : this.#complaints;
    const all = [...complaints, ...own].sort((a, b) => a.by - b.by || a.dealer - b.dealer);
    for (const complaint of all) {
      const verdict = this.#judge(complaint);
      if (verdict === "no such dealing") continue;
      if (verdict === "no share") {
        this.#blame(complaint.dealer, "bad share");
        this.#dealings.delete(complaint.dealer);
      } else this.#blame(complaint.by, "false complaint");
    }
    this.#post(all, (c) => [c.by, encodeDisclosures(system, [c])]);
    this.#requireDealers();
    if (!this.#dealings.has(index)) return null;
    const first = firstPower(this.#kind);
    const [a, b] = [this.#secrets.a.slice(first), this.#secrets.b.slice(first)];
    const coefficients = system.generator.multiScalarMuls(a.map((k) => ({ scalars: [k] })));
    const statement = this.#statement(index, coefficients);
    return { dealer: index, coefficients, proof: proveCoefficients({ system, statement, a, b }) };
  }

  /**
   * Step 4: the key, for everybody to sign. A dealer whose extraction is missing or not proved ends the
   * ceremony. @throws sealed/wrong-stage, sealed/bad-extraction, sealed/weak-key
   */
  conclude(extractions: readonly Extraction[]): Transcript {
    this.#advance("conclude", "finish");
    const { system, committee, index, previous } = this.place;
    const extracted = [...this.#dealings.keys()].flatMap((dealer) => {
      const extraction = extractions.find((e) => e.dealer === dealer);
      if (extraction === undefined) this.#blame(dealer, "no extraction");
      else if (this.#isProved(extraction)) return [extraction.coefficients];
      else this.#blame(dealer, "bad extraction");
      return [];
    });
    this.#requireExtractions();
    this.#post(extractions, (e) => [e.dealer, encodeExtraction(system, e)]);
    const { group } = system;
    const first = firstPower(this.#kind);
    // Σ over the dealers of A_k, for each k.
    const columns: Point[] = Array.from({ length: committee.threshold - first }, (_, k) =>
      group.sum(extracted.map((coefficients) => coefficients[k]!)),
    );
    const verificationKeys = committee.members.map((_, i) => {
      const xs = powers(BigInt(i + 1), first + columns.length).slice(first);
      const change = group.multiScalarMul(columns, xs);
      return previous === undefined ? change : group.add(previous.verificationKeys[i]!, change);
    });
    const publicKey = previous?.publicKey ?? columns[0]!;
    if (group.isIdentity(publicKey)) {
      throw sealedErrors.error("weak-key", "the key of the ceremony is the identity");
    }
    const sum = [...this.#dealings.keys()].reduce(
      (total, dealer) => total + this.#shares.get(dealer)!.value,
      previous?.secret ?? 0n,
    );
    const { threshold } = committee;
    const share = { index, threshold, publicKey, verificationKeys, secret: mod(sum) };
    const transcript = { hash: this.#hash(), publicKey, verificationKeys };
    this.#result = { transcript: encodeTranscript(system, transcript), share };
    return transcript;
  }

  /**
   * Step 5: this trustee's share, when every trustee without a fault has signed the same transcript.
   * @throws sealed/wrong-stage, sealed/transcripts-differ
   */
  finish(signed: readonly SignedTranscript[]): KeyShare {
    this.#advance("finish", "done");
    const { transcript, share } = this.#result!;
    const atFault = new Set(this.#faults.map((f) => f.trustee));
    const silent: number[] = [];
    for (let trustee = 1; trustee <= this.place.committee.members.length; trustee++) {
      if (atFault.has(trustee)) continue;
      const theirs = signed.filter((s) => s.trustee === trustee);
      if (theirs.length === 0) silent.push(trustee);
      const other = theirs.some((s) => !equalBytes(s.encoded, transcript));
      if (other) silent.push(trustee);
    }
    if (silent.length > 0) {
      throw sealedErrors.error(
        "transcripts-differ",
        `no signature under this transcript, or one under another, came from trustee ${silent.join(", ")}`,
        { trustees: silent.join(" ") },
      );
    }
    return share;
  }

  /** What a complaint discloses; a key that is not genuine shows nothing but the accuser's lie. */
  #judge(complaint: Disclosure): Share | "no share" | "not genuine" | "no such dealing" {
    const { system, committee } = this.place;
    const dealing = this.#dealings.get(complaint.dealer);
    if (dealing === undefined) return "no such dealing";
    if (!isGenuine({ system, committee, dealing, disclosure: complaint })) return "not genuine";
    const { by, key } = complaint;
    return openShare({ system, committee, kind: this.#kind, dealing, to: by, key }) ?? "no share";
  }

  #isProved({ dealer, coefficients, proof }: Extraction): boolean {
    return verifyCoefficients(this.place.system, this.#statement(dealer, coefficients), proof);
  }

  #statement(dealer: number, coefficients: readonly Point[]): CoefficientStatement {
    const { context, threshold } = this.place.committee;
    const accepted = [...this.#dealings.values()];
    const encoded = accepted.flatMap((d) => [
      Uint8Array.of(d.dealer),
      encodeDealing(this.place.system, d),
    ]);
    return {
      context,
      dealer,
      threshold,
      dealings: keccak_256(concatBytes(...encoded)),
      commitments: this.#dealings.get(dealer)!.commitments,
      coefficients,
    };
  }

  /** Adds the messages of a stage to the board, in any order. */
  #post<T>(messages: readonly T[], encode: (message: T) => readonly [number, Uint8Array]): void {
    const { system } = this.place;
    const encoded = messages.map((message) => {
      const [from, body] = encode(message);
      return new Writer(system).int(from, 1).int(body.length, 4).bytes(body).done();
    });
    encoded.sort(compareBytes);
    this.#board.push(keccak_256(concatBytes(...encoded)));
  }

  #hash(): Uint8Array {
    const tag = utf8ToBytes("sipster/sealed/transcript@1");
    const kind = utf8ToBytes(this.#kind);
    return keccak_256(concatBytes(tag, this.place.committee.context, kind, ...this.#board));
  }

  #blame(trustee: number, what: Fault["what"]): void {
    this.#faults.push({ trustee, what });
  }

  #requireDealers(): void {
    const { threshold } = this.place.committee;
    if (this.#dealings.size < threshold) {
      const named = [...new Set(this.#faults.map((f) => f.trustee))].join(", ");
      throw sealedErrors.error(
        "too-few-dealers",
        `${this.#dealings.size} honest dealings are left, ${threshold} are needed; at fault: ${named}`,
        { left: this.#dealings.size, threshold },
      );
    }
  }

  #requireExtractions(): void {
    const wrong = this.#faults.filter((f) => f.what.endsWith("extraction")).map((f) => f.trustee);
    if (wrong.length === 0) return;
    throw sealedErrors.error(
      "bad-extraction",
      `the public values of trustee ${wrong.join(", ")} are missing or not proved to be those dealt`,
      { trustees: wrong.join(" ") },
    );
  }

  #advance(from: Stage, to: Stage): void {
    if (this.#stage !== from) {
      throw sealedErrors.error("wrong-stage", `the ceremony is at ${this.#stage}, not at ${from}`, {
        stage: this.#stage,
      });
    }
    this.#stage = to;
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}
