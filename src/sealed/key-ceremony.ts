/**
 * Distributed key generation: Gennaro, Jarecki, Krawczyk, Rabin, *Secure Distributed Key Generation for
 * Discrete-Log Based Cryptosystems*, Journal of Cryptology 20(1), 2007, §4, figure 2; and, with polynomials
 * whose constant term is zero, the proactive refresh of Herzberg, Jarecki, Krawczyk, Yung (CRYPTO 1995, §3).
 *
 * Every message is broadcast on a channel that shows all trustees the same and names the sender.
 * Instead of asking an accused dealer for an answer, the accuser discloses the key of its share with
 * proof, so that everybody sees at once which of the two lied (`dealing.ts`).
 *
 * Steps: deal; examine (complain about shares); extract (publish a_k·G); inspect (complain about
 * those); disclose (shares of dealers exposed there); finish. The last three change nothing when
 * nobody cheats.
 */
import type { Committee, MemberSecret } from "./committee.js";
import {
  deal,
  disclose,
  firstPower,
  fits,
  isGenuine,
  isWellFormed,
  openShare,
  type Dealing,
  type DealingKind,
  type Disclosure,
  type Share,
} from "./dealing.js";
import { sealedErrors } from "./errors.js";
import { checkShare, type KeyShare } from "./key-share.js";
import { interpolate } from "./polynomial.js";
import { mod, powers } from "./scalars.js";
import type { Point, SealedSystem } from "./system.js";

/** A_k = a_k·G for the powers of the dealing. */
export interface Extraction {
  readonly dealer: number;
  readonly coefficients: readonly Point[];
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

type Stage = "deal" | "examine" | "extract" | "inspect" | "disclose" | "finish" | "done";

/** One trustee's side of a ceremony. */
export class KeyCeremony {
  readonly #kind: DealingKind;
  #stage: Stage = "deal";
  #coefficients: readonly bigint[] = [];
  readonly #dealings = new Map<number, Dealing>();
  readonly #shares = new Map<number, Share>();
  readonly #extracted = new Map<number, readonly Point[]>();
  readonly #faults: Fault[] = [];

  /** `index` is the trustee's number. With `previous` the ceremony refreshes that key. */
  constructor(
    private readonly system: SealedSystem,
    private readonly committee: Committee,
    private readonly index: number,
    private readonly self: MemberSecret,
    private readonly previous?: KeyShare,
  ) {
    this.#kind = previous === undefined ? "generate" : "refresh";
    const member = committee.members[index - 1];
    if (member === undefined || !system.group.equals(member.exchangeKey, self.exchangeKey)) {
      throw sealedErrors.error("bad-committee", `the key of trustee ${index} is another`, {
        trustee: index,
      });
    }
    if (previous !== undefined) checkShare(system, previous, index, committee);
  }

  /** Who was found cheating so far; every honest trustee finds the same. */
  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** Step 1. @throws sealed/wrong-stage */
  deal(): Dealing {
    this.#advance("deal", "examine");
    const { dealing, coefficients } = deal(this.system, this.committee, this.index, this.#kind);
    this.#coefficients = coefficients;
    return dealing;
  }

  /** Step 2: complaints about dealings that gave this trustee no share. @throws sealed/wrong-stage */
  examine(dealings: readonly Dealing[]): Disclosure[] {
    this.#advance("examine", "extract");
    const { system, committee } = this;
    committee.members.forEach((_, i) => {
      const dealing = dealings.find((d) => d.dealer === i + 1);
      if (dealing === undefined) this.#blame(i + 1, "no dealing");
      else if (isWellFormed(system, committee, this.#kind, dealing)) {
        this.#dealings.set(i + 1, dealing);
      } else this.#blame(i + 1, "malformed dealing");
    });
    const complaints: Disclosure[] = [];
    for (const dealing of this.#dealings.values()) {
      const key = system.group.mulSecret(dealing.ephemeral, this.self.exchangeSecret);
      const share = openShare(system, committee, this.#kind, dealing, this.index, key);
      if (share !== null) this.#shares.set(dealing.dealer, share);
      else complaints.push(disclose(system, committee, this.index, this.self, dealing));
    }
    return complaints;
  }

  /**
   * Step 3: judges the complaints of all trustees; the dealings that are left make the key.
   * Returns this trustee's extraction, `null` if its dealing is not among them.
   * @throws sealed/wrong-stage, sealed/too-few-dealers
   */
  extract(complaints: readonly Disclosure[]): Extraction | null {
    this.#advance("extract", "inspect");
    for (const complaint of complaints) {
      const verdict = this.#judge(complaint);
      if (verdict === "no such dealing") continue;
      if (verdict === "no share") {
        this.#blame(complaint.dealer, "bad share");
        this.#dealings.delete(complaint.dealer);
      } else this.#blame(complaint.by, "false complaint");
    }
    this.#requireDealers();
    if (!this.#dealings.has(this.index)) return null;
    const coefficients = this.system.generator.multiScalarMuls(
      this.#coefficients.slice(firstPower(this.#kind)).map((a) => ({ scalars: [a] })),
    );
    return { dealer: this.index, coefficients };
  }

  /** Step 4: complaints about extractions that do not fit this trustee's shares. @throws sealed/wrong-stage */
  inspect(extractions: readonly Extraction[]): Disclosure[] {
    this.#advance("inspect", "disclose");
    const { system, committee } = this;
    const length = committee.threshold - firstPower(this.#kind);
    const complaints: Disclosure[] = [];
    for (const [dealer, dealing] of this.#dealings) {
      const coefficients = extractions.find((e) => e.dealer === dealer)?.coefficients;
      if (coefficients?.length !== length) {
        this.#blame(dealer, "no extraction");
        continue;
      }
      this.#extracted.set(dealer, coefficients);
      const { value } = this.#shares.get(dealer)!;
      if (!fits(system, this.#kind, coefficients, this.index, { value, blinding: 0n })) {
        complaints.push(disclose(system, committee, this.index, this.self, dealing));
      }
    }
    return complaints;
  }

  /**
   * Step 5: judges those complaints, and discloses this trustee's shares of the dealers who published
   * nothing or something else. Their secrets stay part of the key. @throws sealed/wrong-stage
   */
  disclose(complaints: readonly Disclosure[]): Disclosure[] {
    this.#advance("disclose", "finish");
    for (const complaint of complaints) {
      const verdict = this.#judge(complaint);
      const coefficients = this.#extracted.get(complaint.dealer);
      if (verdict === "no such dealing" || coefficients === undefined) continue;
      const exposed =
        typeof verdict === "object" &&
        !fits(this.system, this.#kind, coefficients, complaint.by, { ...verdict, blinding: 0n });
      if (exposed) {
        this.#blame(complaint.dealer, "bad extraction");
        this.#extracted.delete(complaint.dealer);
      } else this.#blame(complaint.by, "false complaint");
    }
    return [...this.#dealings.values()]
      .filter((dealing) => !this.#extracted.has(dealing.dealer))
      .map((dealing) => disclose(this.system, this.committee, this.index, this.self, dealing));
  }

  /**
   * Step 6: the share. @throws sealed/wrong-stage; sealed/missing-message if fewer than t trustees
   * disclosed their shares of an exposed dealer
   */
  finish(disclosures: readonly Disclosure[]): KeyShare {
    this.#advance("finish", "done");
    for (const [dealer, dealing] of this.#dealings) {
      if (!this.#extracted.has(dealer)) {
        this.#extracted.set(dealer, this.#reconstruct(dealing, disclosures));
      }
    }
    const { group } = this.system;
    const first = firstPower(this.#kind);
    // Σ over the dealers of A_k, for each k.
    const columns: Point[] = Array.from({ length: this.committee.threshold - first }, (_, k) =>
      group.sum([...this.#extracted.values()].map((coefficients) => coefficients[k]!)),
    );
    const { previous } = this;
    const verificationKeys = this.committee.members.map((_, i) => {
      const xs = powers(BigInt(i + 1), first + columns.length).slice(first);
      const change = group.multiScalarMul(columns, xs);
      return previous === undefined ? change : group.add(previous.verificationKeys[i]!, change);
    });
    const sum = [...this.#dealings.keys()].reduce(
      (total, dealer) => total + this.#shares.get(dealer)!.value,
      previous?.secret ?? 0n,
    );
    this.#shares.clear();
    this.#coefficients = [];
    return {
      index: this.index,
      threshold: this.committee.threshold,
      publicKey: previous?.publicKey ?? columns[0]!,
      verificationKeys,
      secret: mod(sum),
    };
  }

  /** What a complaint discloses; a key that is not genuine shows nothing but the accuser's lie. */
  #judge(complaint: Disclosure): Share | "no share" | "not genuine" | "no such dealing" {
    const { system, committee } = this;
    const dealing = this.#dealings.get(complaint.dealer);
    if (dealing === undefined) return "no such dealing";
    if (!isGenuine(system, committee, dealing, complaint)) return "not genuine";
    const { by, key } = complaint;
    return openShare(system, committee, this.#kind, dealing, by, key) ?? "no share";
  }

  /** A_k of a dealer who did not publish them, from t disclosed shares. */
  #reconstruct(dealing: Dealing, disclosures: readonly Disclosure[]): Point[] {
    const { system, committee } = this;
    const first = firstPower(this.#kind);
    const points = new Map<bigint, bigint>();
    if (first === 1) points.set(0n, 0n);
    points.set(BigInt(this.index), this.#shares.get(dealing.dealer)!.value);
    for (const disclosure of disclosures) {
      if (disclosure.dealer !== dealing.dealer) continue;
      if (!isGenuine(system, committee, dealing, disclosure)) continue;
      const { by, key } = disclosure;
      const share = openShare(system, committee, this.#kind, dealing, by, key);
      if (share !== null) points.set(BigInt(by), share.value);
    }
    if (points.size < committee.threshold) {
      throw sealedErrors.error(
        "missing-message",
        `${points.size} of ${committee.threshold} shares of trustee ${dealing.dealer} are disclosed`,
        { trustee: dealing.dealer, disclosed: points.size },
      );
    }
    const chosen = [...points].slice(0, committee.threshold).map(([x, y]) => ({ x, y }));
    return interpolate(chosen)
      .slice(first)
      .map((a) => system.generator.multiScalarMul([a]));
  }

  #blame(trustee: number, what: Fault["what"]): void {
    this.#faults.push({ trustee, what });
  }

  #requireDealers(): void {
    if (this.#dealings.size < this.committee.threshold) {
      const named = [...new Set(this.#faults.map((f) => f.trustee))].join(", ");
      throw sealedErrors.error(
        "too-few-dealers",
        `${this.#dealings.size} honest dealings are left, ${this.committee.threshold} are needed; at fault: ${named}`,
        { left: this.#dealings.size, threshold: this.committee.threshold },
      );
    }
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
