/**
 * The control centre's side: publishes tariffs and groups, takes reports, refuses what does not hold,
 * and asks the trustees for one number. What it signs, it signs once: the message is in its store before it
 * leaves.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Address, DiscreteLogTable, LogRange } from "../algebra/index.js";
import { postOnce, seal, type KeyPair } from "../envelope/index.js";
import { isSipsterError, type SipsterError } from "../errors/sipster-error.js";
import type { Store } from "../store/index.js";
import { billTerms, groupTerms } from "./bill-terms.js";
import { sealedErrors } from "./errors.js";
import { intervalOf, isWithin, type Span } from "./interval.js";
import type { SharedKey } from "./key-share.js";
import { NoticeBoard, postGroup, postTariff } from "./notice-board.js";
import type { GroupNotice, TariffNotice } from "./notices.js";
import { decodeReport, reportDigest, type SealedReading, type SealedReport } from "./report.js";
import type { ReportVerifier } from "./report-verifier.js";
import { rulesDigest, type ReportingRules } from "./rules.js";
import {
  encodeStatement,
  openRequest,
  requestDigest,
  sealedSum,
  sumRange,
  type Statement,
  type SumRequest,
  type SumTerm,
} from "./sum-request.js";
import type { Point, SealedSystem } from "./system.js";
import { combinePartials, type PartialDecryption } from "./threshold.js";

/** A report that was not taken, and why. */
export interface Refusal {
  /** Its place in the list that was given. */
  readonly index: number;
  readonly error: SipsterError;
}

/** A decrypted sum. */
export interface OpenedSum {
  readonly value: bigint;
  /** Trustees whose answers were wrong. */
  readonly cheaters: readonly number[];
}

/** What a sum is opened with. */
export interface Opener {
  readonly key: SharedKey;
  readonly partials: readonly PartialDecryption[];
  readonly table: DiscreteLogTable<Point>;
  /** Where the search begins; at 0 when absent. */
  readonly near?: bigint;
}

export interface CentrePlace {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly verifier: ReportVerifier;
  /** The key of `rules.authority`. */
  readonly identity: KeyPair;
  readonly store: Store;
  /** Seconds since 1970. */
  readonly now: () => number;
}

const AT = "sealed/centre";

export class ControlCentre {
  readonly #board: NoticeBoard;

  constructor(private readonly place: CentrePlace) {
    const { system, rules, store, now } = place;
    this.#board = new NoticeBoard({ system, rules, store, at: `${AT}/notices`, now });
  }

  /** The tariff of a period, signed, for trustees and meters. @throws as `NoticeBoard.takeTariff` */
  async postTariff(notice: TariffNotice): Promise<Uint8Array> {
    const { system, rules, identity } = this.place;
    const message = postTariff({ system, rules, notice, key: identity });
    await this.#board.takeTariff(message);
    return message;
  }

  /** A group of meters for a day, signed. @throws as `NoticeBoard.takeGroup` */
  async postGroup(notice: GroupNotice): Promise<Uint8Array> {
    const { system, rules, identity } = this.place;
    const message = postGroup({ system, rules, notice, key: identity });
    await this.#board.takeGroup(message);
    return message;
  }

  /**
   * Takes the reports that hold and follow the last one of their meter, in the order given, and says why it
   * refused the others. They are durable when the promise resolves.
   */
  async receive(messages: readonly Uint8Array[]): Promise<Refusal[]> {
    const { system, rules, verifier } = this.place;
    const refusals: Refusal[] = [];
    const read = messages.flatMap((message, index) => {
      try {
        return [{ index, message, report: decodeReport(system, rules, message) }];
      } catch (error) {
        if (!isSipsterError(error)) throw error;
        refusals.push({ index, error });
        return [];
      }
    });
    const errors = verifier.check(read.map((r) => r.report));
    await this.place.store.transaction(async (tx) => {
      for (const [i, { index, message, report }] of read.entries()) {
        const { meter, span } = report;
        const key = `${AT}/until/${bytesToHex(meter)}`;
        const until = await tx.get(key);
        const error = errors[i] ?? outOfTurn(span, until);
        if (error !== null) {
          refusals.push({ index, error });
          continue;
        }
        tx.put(key, Buffer.from(`${span.to}`));
        tx.put(reportKey(meter, span.from), message);
      }
    });
    return refusals.sort((a, b) => a.index - b.index);
  }

  /** The readings of a meter that were taken and begin in the span, in order. */
  async readings(meter: Address, span: Span): Promise<SealedReading[]> {
    const reports = await this.#reports(meter, span);
    return reports.flatMap((r) => r.readings).filter((r) => isWithin(r.interval, span));
  }

  /**
   * The request for a meter's bill of a period. Asked again, it is the same.
   * @throws sealed/unknown-notice, sealed/incomplete, sealed/no-readings
   */
  async requestBill(meter: Address, period: number): Promise<SumRequest> {
    const { notice, digest: tariff } = await this.#board.tariff(period);
    const reports = await this.#reports(meter, notice.span);
    const { terms, gaps } = billTerms(this.place.rules, notice, reports);
    if (terms.length === 0) {
      throw sealedErrors.error("no-readings", "the meter has no reading with a price");
    }
    return this.#request(`bill/${bytesToHex(meter)}/${period}`, reports, (digests) => ({
      kind: "bill",
      meter,
      period,
      tariff,
      gaps,
      reports: digests,
    }));
  }

  /**
   * The request for the sum of a group's readings of one interval.
   * @throws sealed/unknown-notice, sealed/incomplete
   */
  async requestSum(group: number, interval: number): Promise<SumRequest> {
    const { notice, digest } = await this.#board.group(group);
    const { start } = intervalOf(interval);
    const found = await Promise.all(
      notice.members.map((m) => this.#reports(m, { from: start, to: start + 1 })),
    );
    const reports = found.flat();
    groupTerms(notice, interval, reports);
    return this.#request(`group/${group}/${interval}`, reports, (digests) => ({
      kind: "group",
      group,
      notice: digest,
      interval,
      reports: digests,
    }));
  }

  /**
   * The number behind a request from the answers of t trustees. The search goes as far as the range proofs
   * allow.
   * @throws sealed/too-few-partials; sealed/sum-out-of-range if the key is not that of the meters
   */
  async open(request: SumRequest, opener: Opener): Promise<OpenedSum> {
    const { system, rules } = this.place;
    const { key, partials, table, near } = opener;
    const statement = openRequest(system, rules, request);
    const terms = await this.#terms(statement, request.reports);
    const digest = requestDigest(system, rules, statement);
    const sum = sealedSum(system, terms);
    const { message, cheaters } = combinePartials({
      system,
      key,
      ciphertext: sum,
      context: digest,
      partials,
    });
    const proved = sumRange(rules, terms);
    const range: LogRange = near === undefined ? proved : { ...proved, near };
    try {
      return { value: table.solve(message, range), cheaters };
    } catch (error) {
      if (!isSipsterError(error, "algebra/discrete-log-out-of-range")) throw error;
      throw sealedErrors.errorFrom({
        key: "sum-out-of-range",
        message: `the sum is not between ${range.lo} and ${range.hi}, where its readings were proved to be`,
        details: { lo: range.lo, hi: range.hi },
        cause: error,
      });
    }
  }

  /** What a sum is made of. */
  async #terms(
    statement: Statement,
    reports: readonly SealedReport[],
  ): Promise<readonly SumTerm[]> {
    if (statement.kind === "bill") {
      const { notice } = await this.#board.tariff(statement.period);
      return billTerms(this.place.rules, notice, reports).terms;
    }
    const { notice } = await this.#board.group(statement.group);
    return groupTerms(notice, statement.interval, reports);
  }

  async #request(
    name: string,
    reports: readonly SealedReport[],
    statement: (digests: readonly Uint8Array[]) => Statement,
  ): Promise<SumRequest> {
    const { system, rules, store, identity } = this.place;
    const message = await postOnce(store, `${AT}/request/${name}`, async (tx) => {
      const sequence = BigInt((await tx.list(`${AT}/request/`)).length);
      const digests = reports.map((r) => reportDigest(system, rules, r));
      const body = encodeStatement(system, statement(digests));
      const context = rulesDigest(system, rules);
      return seal({ system: "sealed", kind: "request", context, sequence, body }, identity);
    });
    return { message, reports };
  }

  /** The reports of a meter that cover any of the span, in order. */
  async #reports(meter: Address, span: Span): Promise<SealedReport[]> {
    const { system, rules, store } = this.place;
    const messages = await store.transaction((tx) => tx.list(reportKey(meter)));
    return messages
      .map(([, message]) => decodeReport(system, rules, message))
      .filter((r) => r.span.from < span.to && r.span.to > span.from);
  }
}

function reportKey(meter: Address, from?: number): string {
  const prefix = `${AT}/report/${bytesToHex(meter)}/`;
  return from === undefined ? prefix : prefix + `${from}`.padStart(15, "0");
}

function outOfTurn(span: Span, known: Uint8Array | undefined): SipsterError | null {
  if (known === undefined) return null;
  const until = Number(Buffer.from(known).toString());
  if (span.from === until) return null;
  const details = { from: span.from, until };
  return span.from < until
    ? sealedErrors.error(
        "replayed-interval",
        `the report begins at ${span.from}, and everything up to ${until} was reported`,
        details,
      )
    : sealedErrors.error(
        "report-missing",
        `the report begins at ${span.from}, and nothing after ${until} has arrived`,
        details,
      );
}
