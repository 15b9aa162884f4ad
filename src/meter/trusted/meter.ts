/**
 * The smart meter's trusted computing base. It takes registers, its clock, notices of the notice signer
 * and requests to emit again: no period, price or amount. Tokens and bills follow from what is written.
 */
import type { Bn254 } from "../../algebra/bn254/bn254.js";
import { equalSecrets } from "../../algebra/bytes.js";
import * as sipster from "../../sipster/index.js";
import type { RegisterReading } from "../../tariff/register.js";
import { TariffShelf, withSuccessor } from "../../tariff/tariff-schedule.js";
import type { Tariff } from "../../tariff/tariff.js";
import { meterErrors } from "../errors.js";
import { readRecord, writeRecord, type NonVolatileMemory } from "../memory.js";
import { charge, close, closeUntil } from "./charging.js";
import { METER_RECORD, type MeterState } from "./state.js";

/** How long the keys of a meter that was removed wait for the resident's confirmation. */
const REMOVAL_MS = 30 * 86_400_000;

export class TrustedMeter {
  readonly system: sipster.SettlementSystem;
  /** Where its bills are signed from: the address registered on-chain. */
  readonly address: sipster.HexAddress;
  readonly #viewKey: sipster.ViewKey;
  readonly #shelf: TariffShelf;
  /** `null` after a failed write, when only the memory knows. */
  #state: MeterState | null;
  #question: sipster.TimeQuestion | null = null;

  /** The memory names tariffs by hash; their bodies come along. @throws meter/not-installed, bad-memory */
  constructor(
    private readonly curve: Bn254,
    private readonly memory: NonVolatileMemory,
    tariffs: readonly Tariff[],
  ) {
    const record = readRecord(memory, METER_RECORD);
    if (record?.kind !== "installed") {
      throw meterErrors.error("not-installed", "the memory holds no installed meter");
    }
    this.#state = record;
    this.system = sipster.settlementSystem(record.chainId, record.settlement);
    this.address = sipster.addressOf(record.billKey);
    const { systemId } = this.system;
    this.#viewKey = sipster.deriveViewKey(systemId, record.meterShare, record.residentShare);
    this.#shelf = new TariffShelf(tariffs, record.timeZone);
  }

  /** What the memory holds, less its secrets, and the numbers of the closed periods that are kept. */
  get status() {
    const secrets = { meterShare: null, residentShare: null, billKey: null, tokenKey: null };
    return { ...this.#held(), ...secrets, closed: this.#closed() };
  }

  /**
   * `TokenGen`: the clock goes on (`now` in ms, of the hardware), energy that the registers show is
   * charged, and periods that the clock has passed are closed. When it throws, nothing was charged.
   * @throws meter/clock-lost, removed, memory-failed; tariff/bad-register, tariff-not-given, no-price
   */
  advance(now: number, readings: readonly RegisterReading[] = []): void {
    const before = this.#withTime(now);
    const charged = readings.reduce((state, r) => charge(state, this.#shelf, r), before);
    const next = closeUntil(charged, this.#shelf, before.clock - 1);
    // A clock that goes on alone needs no write.
    if (next === before) this.#state = next;
    else this.#commit(next);
  }

  /** Of the open period or a closed one, largest first, without the first `after`: always the same. */
  *tokens(period: number, after = 0): Generator<sipster.NumberedToken> {
    for (const { token, number } of this.#generate(period, after)) yield { token, number };
  }

  /** `BillGen` of a closed period, and its blinding factor: the same bytes again. @throws meter/period-not-kept */
  bill(period: number): ReturnType<typeof sipster.billPeriod> {
    this.#checkKept(period, this.#closed());
    const { epochs, billKey } = this.#held();
    const { keyEpoch } = sipster.epochOfPeriod(epochs, period);
    const tokens = [...this.#generate(period)];
    const secrets = { viewKey: this.#viewKey, billKey };
    return sipster.billPeriod(this.curve, this.system, { period, keyEpoch, tokens, ...secrets });
  }

  /** From its period on, kept ones too, tokens and bills are under its epoch. @throws sipster/bad-notice */
  followKeyNotice(notice: sipster.KeyNotice): void {
    const state = this.#checked(notice);
    const epochs = sipster.withEpoch(state.epochs, notice, this.#closed()[0] ?? state.period);
    if (epochs !== state.epochs) this.#commit({ ...state, epochs });
  }

  /** From a period that has not begun another tariff follows. @throws sipster/bad-notice, tariff/bad-successor */
  followTariffNotice(notice: sipster.TariffNotice, tariff: Tariff): void {
    const state = this.#checked(notice);
    const given = { tariff, timeZone: state.timeZone, now: state.clock };
    const tariffs = withSuccessor(state.tariffs, notice, given);
    this.#shelf.add(tariff);
    if (tariffs !== state.tariffs) this.#commit({ ...state, tariffs });
  }

  /** A question for the time, for a meter that has lost it. @returns the nonce, 32 bytes */
  askTime(now: number): Uint8Array {
    this.#question = new sipster.TimeQuestion(now);
    return this.#question.nonce;
  }

  /**
   * Sets a lost clock, once and forward, and charges the energy of the time without one by this moment:
   * the times of `registers` do not count. @throws sipster/bad-notice, meter/bad-time
   */
  setClock(now: number, answer: sipster.TimeAnswer, registers: readonly RegisterReading[]): void {
    const state = this.#checked(answer.notice);
    const by = { now, viewKey: this.#viewKey, systemId: this.system.systemId };
    const { time } = answer.notice;
    if (!state.clockLost || time < state.clock || !this.#question?.isAnswer(answer, by)) {
      throw meterErrors.error("bad-time", "the answer does not fit the meter's open question");
    }
    this.#question = null;
    const set = { ...state, clockLost: false, clock: time, clockOffset: BigInt(time - now) };
    const readings = registers.map((r) => ({ ...r, from: time, to: time }));
    this.#commit(readings.reduce((s, r) => charge(s, this.#shelf, r), set));
  }

  /** Ends the service: what is due is billed, and nothing is charged after. @throws sipster/bad-notice */
  remove(now: number, notice: sipster.RemovalNotice): void {
    this.#checked(notice);
    this.advance(now);
    const state = this.#held();
    const removed = { ...close(state, this.#shelf, state.clock), removedAt: state.clock };
    if (state.removedAt === null) this.#commit(removed);
  }

  /** Erases a removed meter's keys: the wallet has all bills, or 30 days went by. @throws meter/not-released */
  release(now: number, confirmation: Uint8Array | null): void {
    const { removedAt, clock } = this.#withTime(now);
    const bills = confirmation === null ? [] : this.#closed().map((p) => this.bill(p).bill);
    const expected = sipster.confirmBills(this.#viewKey, this.system.systemId, bills);
    const confirmed = confirmation !== null && equalSecrets(expected, confirmation);
    if (removedAt === null || !(confirmed || clock - removedAt >= REMOVAL_MS)) {
      throw meterErrors.error("not-released", "the resident's bills may still be wanted");
    }
    this.#state = null;
    writeRecord(this.memory, METER_RECORD, { kind: "released", clock });
  }

  /** The meter's share of the view key, for the holder of the resident's. @throws meter/wrong-share */
  shareFor(residentShare: Uint8Array): Uint8Array {
    if (equalSecrets(this.#held().residentShare, residentShare)) return this.#held().meterShare;
    throw meterErrors.error("wrong-share", "the share is not that of the meter's resident");
  }

  #closed(): number[] {
    const { kept, period } = this.#held();
    return kept.map((_, i) => sipster.addPeriods(period, i - kept.length));
  }

  *#generate(period: number, after = 0): ReturnType<typeof sipster.tokensOfAmount> {
    const { denominations, tokenKey, ...state } = this.#held();
    this.#checkKept(period, [...this.#closed(), state.period]);
    // The open period is not among the closed: −1, the last.
    const amounts = [...state.kept, state.units].slice(this.#closed().indexOf(period));
    const counters = sipster.countersBefore(state.counters, denominations, amounts);
    const { keyEpoch } = sipster.epochOfPeriod(state.epochs, period);
    const keys = { systemId: this.system.systemId, viewKey: this.#viewKey, keyEpoch, tokenKey };
    const amount = { counters, units: amounts[0]!, after };
    yield* sipster.tokensOfAmount(sipster.meterGenerator(this.curve, keys), denominations, amount);
  }

  #checkKept(period: number, kept: readonly number[]): void {
    if (kept.includes(period)) return;
    throw meterErrors.error("period-not-kept", `${period} is not among ${kept.join(", ")}`);
  }

  #checked(notice: Parameters<typeof sipster.checkNotice>[2]): MeterState {
    const { noticeSigner } = this.#held();
    sipster.checkNotice(this.system, { noticeSigner, meter: this.address }, notice);
    return this.#held();
  }

  /** The state at the time that the hardware's clock stands for. */
  #withTime(now: number): MeterState {
    const state = this.#held();
    const clock = sipster.meterTime(state, now);
    if (clock !== null) return clock > state.clock ? { ...state, clock } : state;
    if (!state.clockLost) this.#commit({ ...state, clockLost: true });
    throw meterErrors.error("clock-lost", "the meter has no time since an outage");
  }

  #held(): MeterState {
    if (this.#state !== null) return this.#state;
    throw meterErrors.error("memory-failed", "the memory failed or was released: open it again");
  }

  #commit(next: MeterState): void {
    this.#state = null;
    try {
      writeRecord(this.memory, METER_RECORD, next);
    } catch (cause) {
      const message = "the memory refused a write";
      throw meterErrors.errorFrom({ key: "memory-failed", message, cause });
    }
    this.#state = next;
  }
}
