/**
 * The smart meter's trusted computing base: it turns charges into tokens and signs one bill per
 * period. After installation it takes no input but charges, which its own metering makes, a bill
 * request, a re-emit request, and the utility's signed notice of the next key epoch.
 *
 * Each call changes the memory once, and tokens leave only after that: a power cut at any point
 * loses no token (re-emission gives it again) and repeats none (the counter never goes back).
 */
import type { Bn254, G1Point } from "../algebra/index.js";
import {
  addressOf,
  billGen,
  breakDown,
  classicGenerator,
  deriveBlinding,
  hashBoundGenerator,
  settlementSystem,
  signBill,
  recoverNoticeSigner,
  type GeneratedToken,
  type HexAddress,
  type KeyNotice,
  type SettlementSystem,
  type SignedBill,
  type Token,
  type TokenGenerator,
} from "../sipster/index.js";
import { meterErrors } from "./errors.js";
import type { NonVolatileMemory } from "./memory.js";
import { decodeState, encodeState, type MeterState, type TokenRange } from "./state.js";

/** Money owed for the interval that starts at `start` (ms since 1970, UTC); negative for a credit. */
export interface MeteredCharge {
  readonly start: number;
  readonly charge: { readonly numerator: bigint; readonly denominator: bigint };
}

export class Meter {
  readonly system: SettlementSystem;
  /** Where its bills are signed from: the address registered on-chain. */
  readonly address: HexAddress;
  #state: MeterState;
  #failed = false;

  private constructor(
    private readonly curve: Bn254,
    private readonly memory: NonVolatileMemory,
    state: MeterState,
  ) {
    this.#state = state;
    const { chainId, settlement, billKey } = state.installation;
    this.system = settlementSystem(chainId, settlement);
    this.address = addressOf(billKey);
  }

  /** The meter in this memory. @throws meter/not-installed, meter/bad-memory */
  static open(curve: Bn254, memory: NonVolatileMemory): Meter {
    const record = memory.read();
    if (record === null) {
      throw meterErrors.error("not-installed", "the memory is empty");
    }
    return new Meter(curve, memory, decodeState(record));
  }

  /** Units of money in the tokens of the open period so far. */
  get openUnits(): bigint {
    const { open, installation } = this.#state;
    return BigInt(open.large) * BigInt(installation.denominations.at(-1)!);
  }

  /** Period of the last bill; `null` before the first. */
  get lastPeriod(): number | null {
    return this.#state.closed?.period ?? null;
  }

  /** Start of the last interval recorded, in ms; −1 before the first. */
  get recordedUpTo(): number {
    return this.#state.recordedUpTo;
  }

  /**
   * `TokenGen`: records charges in order of time and emits a token of the largest denomination for
   * every so much that has accrued. Exact: what is less stays accrued, into the next interval and
   * the next period. Charges of intervals that are recorded already are passed over, so that after
   * a power cut the same charges can be given again. A credit (a negative charge) is set against
   * what accrues later; a bill never goes below zero.
   * @returns the tokens emitted, in order
   * @throws meter/bad-charge, meter/memory-failed
   */
  record(charges: Iterable<MeteredCharge>): Token[] {
    const state = this.#usable();
    const { unitNumerator, denominator, denominations } = state.installation;
    const largest = denominations.at(-1)!;
    const price = unitNumerator * BigInt(largest);
    let { accrued, recordedUpTo } = state;
    let due = 0n;
    for (const { start, charge } of charges) {
      if (charge.denominator !== denominator) {
        throw meterErrors.error(
          "bad-charge",
          `the charge at ${start} is over ${charge.denominator}, the unit over ${denominator}`,
          { start },
        );
      }
      if (start <= recordedUpTo) continue;
      recordedUpTo = start;
      accrued += charge.numerator;
      // After each interval, not after all: what is due must not depend on how they are grouped.
      if (accrued >= price) {
        const count = accrued / price;
        due += count;
        accrued -= count * price;
      }
    }
    if (recordedUpTo === state.recordedUpTo) return [];
    const sizes = Array.from({ length: Number(due) }, () => largest);
    const emitted = this.#generate(state, sizes);
    this.#commit({
      ...this.#withTokens(state, emitted),
      accrued,
      recordedUpTo,
      open: { ...state.open, large: state.open.large + sizes.length },
    });
    return emitted.map((t) => t.token);
  }

  /**
   * `BillGen`: closes the open period under this number, breaks what is left down to whole units in
   * smaller tokens, and signs the bill. Asked again for the same period, it gives the same bytes.
   * Later charges belong to the next period.
   * @throws meter/period-closed, meter/bad-period, meter/memory-failed
   */
  closePeriod(period: number): SignedBill {
    const state = this.#usable();
    if (!Number.isInteger(period) || period < 0 || period >= 2 ** 32) {
      throw meterErrors.error("bad-period", `${period} is no 32-bit period`);
    }
    const { closed, installation, open } = state;
    if (closed !== null && period === closed.period) return billOf(closed);
    if (closed !== null && period < closed.period) {
      throw meterErrors.error(
        "period-closed",
        `period ${period} comes before the last bill's, ${closed.period}`,
        { period, last: closed.period },
      );
    }
    const rest = state.accrued > 0n ? state.accrued / installation.unitNumerator : 0n;
    const emitted = this.#generate(state, breakDown(rest, installation.denominations));
    const full = this.#withTokens(state, emitted);
    const blinding =
      full.blinding +
      deriveBlinding(installation.viewKey, this.system.systemId, {
        keyEpoch: open.keyEpoch,
        period,
      });
    const accumulated = this.curve.g1.decode(full.accumulated);
    const bill = signBill(
      this.system,
      billGen(this.curve, period, open.keyEpoch, accumulated, blinding),
      installation.billKey,
    );
    this.#commit({
      ...full,
      accrued: state.accrued - rest * installation.unitNumerator,
      accumulated: this.curve.g1.encode(this.curve.g1.identity),
      blinding: 0n,
      open: { keyEpoch: open.keyEpoch, start: full.counter, large: 0, rest: 0n },
      closed: { ...open, rest, period, r: bill.r, signature: bill.signature },
    });
    return bill;
  }

  /**
   * The tokens of the open period, or of the last closed one, again, byte for byte: for a resident
   * that lost them, and after a power cut between memory and emission.
   * @param after how many of the period's first tokens to leave out: those the resident has
   */
  *reemit(which: "open" | "last", after = 0): Generator<Token> {
    for (const { token } of this.#tokensOf(which, after)) yield token;
  }

  /**
   * The blinding factor of the last bill: r, and in the classic suite Σrᵢ with it. For the resident
   * alone, who could derive it from the view key.
   * @throws meter/bad-period if no period was closed
   */
  lastBlinding(): bigint {
    const { closed, installation } = this.#usable();
    if (closed === null) throw meterErrors.error("bad-period", "no period was closed yet");
    let blinding = deriveBlinding(installation.viewKey, this.system.systemId, closed);
    if (installation.suite === "classic") {
      for (const token of this.#tokensOf("last")) blinding += token.blinding;
    }
    return blinding;
  }

  /**
   * From the open period on, tokens and bills are under the key epoch of this notice. One that the
   * meter follows already changes nothing.
   * @throws meter/bad-notice if the utility did not sign it for this system, old-notice for an
   *   earlier epoch, key-epoch-in-use if the open period has tokens, memory-failed
   */
  useKeyEpoch(notice: KeyNotice): void {
    const state = this.#usable();
    const { keyEpoch } = notice;
    this.#checkNotice(notice);
    if (keyEpoch === state.open.keyEpoch) return;
    if (keyEpoch < state.open.keyEpoch) {
      throw meterErrors.error(
        "old-notice",
        `the notice is of key epoch ${keyEpoch}, and the meter is at ${state.open.keyEpoch}`,
        { keyEpoch, present: state.open.keyEpoch },
      );
    }
    if (state.open.large > 0) {
      throw meterErrors.error(
        "key-epoch-in-use",
        `the open period has ${state.open.large} tokens under key epoch ${state.open.keyEpoch}`,
      );
    }
    this.#commit({ ...state, open: { ...state.open, keyEpoch } });
  }

  #checkNotice(notice: KeyNotice): void {
    const { noticeSigner } = this.#state.installation;
    let signer: HexAddress;
    try {
      signer = recoverNoticeSigner(this.system, notice);
    } catch (error) {
      throw meterErrors.error("bad-notice", "the notice has no signature", {}, error);
    }
    if (signer !== noticeSigner) {
      throw meterErrors.error(
        "bad-notice",
        `the notice of key epoch ${notice.keyEpoch} is signed by ${signer}, not ${noticeSigner}`,
        { signer },
      );
    }
  }

  *#tokensOf(which: "open" | "last", after = 0): Generator<GeneratedToken> {
    const { open, closed, installation } = this.#usable();
    const range: TokenRange | null = which === "open" ? open : closed;
    if (range === null) return;
    const generate = this.#generator(range.keyEpoch);
    const { denominations } = installation;
    const large = Array<number>(range.large).fill(denominations.at(-1)!);
    const all = [...large, ...breakDown(range.rest, denominations)];
    for (let i = after; i < all.length; i++) yield generate(range.start + BigInt(i), all[i]!);
  }

  #generate(state: MeterState, sizes: readonly number[]): GeneratedToken[] {
    const generate = this.#generator(state.open.keyEpoch);
    return sizes.map((denomination, i) => generate(state.counter + BigInt(i), denomination));
  }

  #generator(keyEpoch: number): TokenGenerator {
    const { suite, viewKey, tokenKey } = this.#state.installation;
    const { systemId } = this.system;
    return suite === "classic"
      ? classicGenerator(this.curve, systemId, viewKey, keyEpoch, tokenKey!)
      : hashBoundGenerator(this.curve, systemId, viewKey, keyEpoch);
  }

  /** The state after these tokens: counter, Acc and blinding factors. */
  #withTokens(state: MeterState, emitted: readonly GeneratedToken[]): MeterState {
    if (emitted.length === 0) return state;
    const { g1 } = this.curve;
    const points: G1Point[] = [g1.decode(state.accumulated), ...emitted.map((t) => t.point)];
    return {
      ...state,
      counter: state.counter + BigInt(emitted.length),
      accumulated: g1.encode(g1.sum(points)),
      blinding: emitted.reduce((sum, t) => sum + t.blinding, state.blinding) % g1.order,
    };
  }

  #usable(): MeterState {
    if (this.#failed) {
      throw meterErrors.error("memory-failed", "an earlier write to the memory failed");
    }
    return this.#state;
  }

  #commit(next: MeterState): void {
    try {
      this.memory.write(encodeState(next));
    } catch (error) {
      this.#failed = true;
      throw meterErrors.error("memory-failed", "the memory refused a write", {}, error);
    }
    this.#state = next;
  }
}

function billOf({ period, keyEpoch, r, signature }: SignedBill): SignedBill {
  return { period, keyEpoch, r, signature };
}
