/**
 * The reporting side of a meter. It keeps its key, what is left of its key tree, its register, the
 * watt-hours that are not reported yet, and what it has sent and nobody has proved to be billed. It believes nobody:
 * sizes come from signed terms that it computes again, and energy leaves its account only against a path of
 * membership in a billed page, or returns to it against a path of absence. What neither covers stays open, and is
 * billed from the register when the period ends.
 */
import { randomBytes } from "@noble/hashes/utils.js";
import { equalBytes, randomScalar, type Address } from "../algebra/index.js";
import type { Store, Transaction } from "../store/index.js";
import {
  accountMessage,
  type PageName,
  type PeriodAccount,
  type SignedAccount,
} from "./account.js";
import { ORDER, publicKeyOf } from "./curve.js";
import { nameOf, type Enrolment } from "./enrolment.js";
import { ledgerErrors } from "./errors.js";
import { PuncturablePrf } from "./ggm.js";
import { firstLeaf, oneTimes, type IntervalNumber } from "./one-time-key.js";
import { termsAfter } from "./pages.js";
import { HOME_SLOTS, parcelSize, PRESENCE, splitIntoParcels, type Slot } from "./parcels.js";
import { decodeRecord, encodeRecord, keyNumber } from "./record.js";
import { reportMessage, type Report, type ReportBundle } from "./report.js";
import { isBilledIn, isMissingIn, type BilledPage, type RowProof } from "./row-proof.js";
import { rowCheck } from "./rows.js";
import { signSchnorr, signSchnorrs } from "./schnorr.js";
import {
  billingStruct,
  consumptionStruct,
  type ConsumptionStatement,
  type Signed,
  type StatementVerifier,
} from "./statements.js";
import { StatementMemory } from "./statement-memory.js";

/** A report, and how its sender will know it again when its keys are gone. */
export interface SentReport extends Report {
  readonly interval: IntervalNumber;
  readonly wattHours: bigint;
}

export interface MeterSecrets {
  /** In [1, order − 1]. */
  readonly secretKey: bigint;
  /** Root of the key tree, 32 bytes. */
  readonly root: Uint8Array;
}

/** What a meter must know of the deployment. */
export interface MeterRules {
  /** Names the deployment: `ledgerId` of its domain. */
  readonly ledger: Uint8Array;
  readonly verifier: StatementVerifier;
  readonly controlCentre: Address;
  readonly provider: Address;
  readonly initialAverage: bigint;
}

/** The signed page that carries the terms of an interval, and the page they are computed from. */
export interface SignedTerms {
  readonly page: Signed<ConsumptionStatement>;
  /** Undefined when the page names none. */
  readonly source: Signed<ConsumptionStatement> | undefined;
}

/** What a meter sends for one interval, and again if it is not answered. */
export interface SentBundle {
  readonly bundle: ReportBundle;
  readonly sent: readonly SentReport[];
}

interface Sent {
  readonly secret: Uint8Array;
  readonly reports: readonly SentReport[];
}

interface State {
  readonly secretKey: bigint;
  /** What is left of the key tree. */
  readonly tree: Uint8Array;
  register: bigint;
  proven: bigint;
  /** Watt-hours in no report that was or may yet be published. */
  carried: bigint;
  /** The last interval that was reported. */
  last: IntervalNumber;
  /** The last interval that is in an account. */
  accounted: IntervalNumber;
  /** By interval: what was sent and is neither proved to be billed nor to be missing. */
  open: Readonly<Record<IntervalNumber, Sent>>;
}

const KEY = "ledger/meter";
const ACCOUNTS = "ledger/meter/account/";
/** Watt-hours of proved rows, by their page: returned when the page is void. */
const PROVED = "ledger/meter/proved/";

const provedKey = ({ interval, revision }: PageName): string =>
  `${PROVED}${keyNumber(interval)}/${revision}`;

export class LedgerMeter {
  private state: State;
  readonly #publicKey: Uint8Array;
  /** The state as the store has it, unless another process has written. */
  #kept: Uint8Array;
  readonly #tree: PuncturablePrf;
  readonly #statements: StatementMemory;

  private constructor(
    private readonly rules: MeterRules,
    private readonly store: Store,
    kept: Uint8Array,
  ) {
    this.#kept = kept;
    this.state = decodeRecord(kept) as State;
    this.#publicKey = publicKeyOf(this.state.secretKey);
    this.#tree = PuncturablePrf.fromBytes(this.state.tree);
    this.#statements = new StatementMemory(rules.verifier);
  }

  /**
   * Starts with what the store holds, or with new secrets.
   * @throws ledger/bad-seed, ledger/record-damaged
   */
  static async open(
    rules: MeterRules,
    store: Store,
    secrets: MeterSecrets = { secretKey: randomScalar(ORDER), root: randomBytes(32) },
  ): Promise<LedgerMeter> {
    const fresh: State = {
      secretKey: secrets.secretKey,
      tree: PuncturablePrf.fromRoot(secrets.root).toBytes(),
      register: 0n,
      proven: 0n,
      carried: 0n,
      last: -1,
      accounted: -1,
      open: {},
    };
    const kept = await store.transaction(async (tx) => {
      const before = await tx.get(KEY);
      if (before !== undefined) return before;
      const first = encodeRecord(fresh);
      tx.put(KEY, first);
      return first;
    });
    return new LedgerMeter(rules, store, kept);
  }

  /** For the registrar, at installation. */
  enrolment(): Enrolment {
    return { publicKey: this.#publicKey, tree: this.#tree.clone() };
  }

  /** Watt-hours measured and in no report that was or may yet be published. */
  get carried(): bigint {
    return this.state.carried;
  }

  /** Watt-hours that were sent and are neither proved to be billed nor to be missing. */
  get open(): bigint {
    const reports = Object.values(this.state.open).flatMap((sent) => sent.reports);
    return reports.reduce((sum, { wattHours }) => sum + wattHours, 0n);
  }

  /**
   * Splits what was consumed, and what was carried, into reports for an interval, and forgets the keys of that
   * interval: there is one bundle for each. Without terms, or with terms that are not right, everything is carried.
   *
   * @throws ledger/bad-terms, ledger/leaf-gone if the interval was reported already, ledger/bad-consumption; in the
   * first case what was consumed is in the register
   */
  async report(
    interval: IntervalNumber,
    wattHours: bigint,
    terms: SignedTerms | undefined,
  ): Promise<SentBundle | undefined> {
    if (interval <= this.state.last) {
      throw ledgerErrors.error("leaf-gone", `interval ${interval} was reported already`, {
        interval,
      });
    }
    const { register, carried } = this.state;
    // In the register before anything else: what can be reported is another question.
    const measured = { register: register + wattHours, carried: carried + wattHours };
    const wrong = terms && this.#termsFault(interval, terms);
    if (terms === undefined || wrong !== undefined) {
      await this.#keep({ ...measured, last: interval });
      if (wrong === undefined) return undefined;
      throw ledgerErrors.error("bad-terms", `interval ${interval} is not reported: ${wrong}`, {
        interval,
      });
    }
    const { statement } = terms.page;
    const { parcels, remainder } = splitIntoParcels(
      measured.carried,
      statement.average,
      statement.mask,
    );
    const reports = this.#sign(interval, [...parcels, PRESENCE], statement.average);
    const sent: Sent = { secret: randomBytes(32), reports };
    this.#tree.punctureBefore(firstLeaf(interval + 1));
    await this.#keep({
      ...measured,
      carried: remainder,
      last: interval,
      open: { ...this.state.open, [interval]: sent },
    });
    return this.sent(interval);
  }

  /** What was sent for an interval, as long as some of it is open. */
  sent(interval: IntervalNumber): SentBundle | undefined {
    const sent = this.state.open[interval];
    if (sent === undefined) return undefined;
    const { secret, reports } = sent;
    return { bundle: { interval, secret, reports }, sent: reports };
  }

  /**
   * Takes note of what a billed page shows about what was sent. Proofs that show nothing change nothing.
   * @param proofs by pseudonym, as `nameOf` writes it.
   */
  async conclude(page: BilledPage, proofs: ReadonlyMap<string, RowProof>): Promise<void> {
    const { statement } = page.consumption;
    const { interval, rows } = statement;
    const isRow = rowCheck(statement);
    const sent = this.state.open[interval];
    if (sent === undefined || !this.#isBilled(page)) return;
    let { proven, carried } = this.state;
    const reports = sent.reports.filter((report) => {
      const proof = proofs.get(nameOf(report.pseudonym));
      if (proof === undefined) return true;
      if (isBilledIn(isRow, report, proof)) proven += report.wattHours;
      else if (isMissingIn({ isRow, rows }, report, proof)) carried += report.wattHours;
      else return true;
      return false;
    });
    const others = Object.entries(this.state.open).filter(([i]) => Number(i) !== interval);
    const left = reports.length === 0 ? {} : { [interval]: { ...sent, reports } };
    const open = { ...Object.fromEntries(others), ...left };
    const added = proven - this.state.proven;
    await this.#keep({ proven, carried, open }, async (tx) => {
      const key = provedKey(statement);
      const before = await tx.get(key);
      const known = before === undefined ? 0n : (decodeRecord(before) as bigint);
      if (added > 0n) tx.put(key, encodeRecord(known + added));
    });
  }

  /**
   * Ends a period: what is not proved to be billed is due by the register, and is not reported any more. Asked again
   * before the next interval, and after the process ended, it gives the account that it has kept; undefined
   * before the first interval.
   * @param voided pages that were proved wrong or given up since they were billed, as the one who asks says. Their
   * names are in the account, where everyone compares them with the chain. Rows proved in this period or the one
   * before are due by the register again, once.
   */
  async closePeriod(voided: readonly PageName[] = []): Promise<SignedAccount | undefined> {
    const { register, proven, last, accounted } = this.state;
    if (last === accounted) return (await this.accounts()).at(-1);
    const proved = await this.#proved();
    const named = new Set(voided.map(provedKey));
    const returned = proved.filter(({ key }) => named.has(key));
    const account: PeriodAccount = {
      first: accounted + 1,
      last,
      register,
      proven,
      voided: returned.map(({ page }) => page),
      returned: returned.reduce((sum, { wattHours }) => sum + wattHours, 0n),
    };
    const closed = { register: 0n, proven: 0n, carried: 0n, open: {}, accounted: last };
    await this.#keep(closed, async (tx) => {
      tx.put(ACCOUNTS + keyNumber(account.first), encodeRecord(account));
      const forgotten = proved.filter(({ page }) => page.interval <= accounted);
      for (const { key } of [...returned, ...forgotten]) tx.delete(key);
    });
    return this.#signed(account);
  }

  async #proved(): Promise<
    readonly { readonly key: string; readonly page: PageName; readonly wattHours: bigint }[]
  > {
    const kept = await this.store.transaction((tx) => tx.list(PROVED));
    return kept.map(([key, bytes]) => {
      const [interval, revision] = key.slice(PROVED.length).split("/").map(Number);
      const page = { interval: interval!, revision: revision! };
      return { key, page, wattHours: decodeRecord(bytes) as bigint };
    });
  }

  /** Every account that was closed, in order. */
  async accounts(): Promise<SignedAccount[]> {
    const kept = await this.store.transaction((tx) => tx.list(ACCOUNTS));
    return kept.map(([, bytes]) => this.#signed(decodeRecord(bytes) as PeriodAccount));
  }

  #signed(account: PeriodAccount): SignedAccount {
    const message = accountMessage(this.rules.ledger, account);
    const signature = signSchnorr(this.state.secretKey, this.#publicKey, message);
    return { ...account, signature };
  }

  /** Why the terms cannot be used; undefined if they are right. */
  #termsFault(interval: IntervalNumber, { page, source }: SignedTerms): string | undefined {
    const { statement } = page;
    const isSigned = ({ statement: s, signature }: Signed<ConsumptionStatement>): boolean =>
      this.#statements.areSigned([
        { struct: consumptionStruct(s), signature, signer: this.rules.controlCentre },
      ]);
    if (statement.interval !== interval - 2) return "its terms are of another interval";
    if (!isSigned(page)) return "its terms are not signed by the control centre";
    if (source !== undefined && !isSigned(source)) return "the source of its terms is not signed";
    const right = termsAfter(source?.statement, this.rules.initialAverage);
    const isRight =
      statement.source === right.source &&
      right.source < statement.interval &&
      statement.average === right.average &&
      statement.mask === right.mask;
    return isRight ? undefined : "its terms are not what the rule makes of their source";
  }

  #isBilled({ consumption, billing }: BilledPage): boolean {
    const { controlCentre, provider } = this.rules;
    const struct = consumptionStruct(consumption.statement);
    return (
      equalBytes(billing.statement.consumption, struct.hash) &&
      this.#statements.areSigned([
        { struct, signature: consumption.signature, signer: controlCentre },
        {
          struct: billingStruct(billing.statement),
          signature: billing.signature,
          signer: provider,
        },
      ])
    );
  }

  /** Signed reports, each under the pseudonym that is enrolled for its slot. */
  #sign(interval: IntervalNumber, slots: readonly Slot[], average: bigint): SentReport[] {
    const used = new Set<number>();
    const indices = slots.map((slot) => {
      const index = HOME_SLOTS.findIndex((s, i) => s === slot && !used.has(i));
      used.add(index);
      return index;
    });
    const keys = oneTimes({ tree: this.#tree, interval, count: HOME_SLOTS.length, indices });
    const parcels = slots.map((category, i) => {
      const { pseudonym, tweak } = keys[i]!;
      const wattHours = parcelSize(category, average);
      const message = reportMessage({ ledger: this.rules.ledger, interval, pseudonym, wattHours });
      const secret = (this.state.secretKey + tweak) % ORDER;
      return { secret, message, sent: { interval, pseudonym, category, wattHours } };
    });
    return signSchnorrs(parcels).map(({ signature, commitmentY }, i): SentReport => ({
      ...parcels[i]!.sent,
      signature,
      commitmentY,
    }));
  }

  async #keep(changes: Partial<State>, more?: (tx: Transaction) => Promise<void>): Promise<void> {
    const state = { ...this.state, ...changes, tree: this.#tree.toBytes() };
    const bytes = encodeRecord(state);
    await this.store.transaction(async (tx) => {
      requireSame(this.#kept, await tx.get(KEY));
      await more?.(tx);
      tx.put(KEY, bytes);
    });
    this.#kept = bytes;
    this.state = state;
  }
}

/** @throws ledger/other-process: what this process knows would take the place of what another has signed */
function requireSame(known: Uint8Array, kept: Uint8Array | undefined): void {
  if (kept !== undefined && equalBytes(known, kept)) return;
  throw ledgerErrors.error("other-process", "another process has written the meter's memory");
}
