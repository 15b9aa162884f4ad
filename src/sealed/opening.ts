/**
 * A bill that the meter opens itself: for a stay shorter than a period, or a tariff too fine for the
 * trustees. The meter shows Σw·v and Σw·r; everybody checks Σw·V = (Σw·v)·H′ + (Σw·r)·J against its reports.
 *
 * It opens each instant once, at least as many readings as the trustees would, and only by a tariff that it
 * saw before the period began. What a tariff made for one home would read from such a sum is in
 * docs/sealed.md.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { equalBytes, wasmEcdsa, type Ecdsa } from "../algebra/index.js";
import { open, sealAsMeter, senderAddress } from "../envelope/index.js";
import type { Store } from "../store/index.js";
import { wholeSpan } from "./bill-terms.js";
import { commit } from "./commitment.js";
import { Reader, Writer } from "./encoding.js";
import { sealedErrors } from "./errors.js";
import { INTERVAL_BYTES, type Span } from "./interval.js";
import type { OpenReading, SealedMeter } from "./meter.js";
import { NoticeBoard, type Posted } from "./notice-board.js";
import { priceOf, type TariffNotice } from "./notices.js";
import type { SealedReport } from "./report.js";
import { rulesDigest, type ReportingRules } from "./rules.js";
import { mod } from "./scalars.js";
import type { SealedSystem } from "./system.js";

export interface OpeningsPlace {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly meter: SealedMeter;
  readonly secretKey: Uint8Array;
  readonly store: Store;
  /** The meter's clock, in seconds since 1970. */
  readonly now: () => number;
  /** An opening is over at least so many readings. */
  readonly minReadings: number;
  readonly ecdsa?: Ecdsa;
}

/** What an opening says. */
export interface OpenedBill {
  readonly period: number;
  readonly span: Span;
  /** Σ price·reading. */
  readonly value: bigint;
}

export class MeterOpenings {
  readonly #board: NoticeBoard;
  readonly #at: string;

  constructor(private readonly place: OpeningsPlace) {
    const { system, rules, store, now, meter } = place;
    this.#at = `sealed/meter/${bytesToHex(meter.address)}/openings`;
    this.#board = new NoticeBoard({ system, rules, store, at: `${this.#at}/notices`, now });
  }

  /** Takes a tariff before its period begins. @throws as `NoticeBoard.takeTariff` */
  takeTariff(message: Uint8Array): Promise<TariffNotice> {
    return this.#board.takeTariff(message);
  }

  /**
   * The bill of a span within a period, as a message. The same span again gives the same message.
   * @throws sealed/unknown-notice, sealed/bad-opening
   */
  async open(period: number, span: Span): Promise<Uint8Array> {
    const { system, rules, meter, store, secretKey, ecdsa } = this.place;
    const { notice, digest } = await this.#board.tariff(period);
    const until = await meter.reportedUntil();
    if (span.from < notice.span.from || span.to > notice.span.to || until < span.to) {
      throw bad("the span is not within the period, or not reported", span);
    }
    const inPeriod = await meter.reported({ from: notice.span.from, to: span.to });
    const readings = inPeriod.filter((r) => r.interval >= 2 * span.from);
    const terms = readings.filter((r) => !r.flagged || rules.billAbnormal);
    return store.transaction(async (tx) => {
      const openings = await tx.list(`${this.#at}/sent/`);
      const own = `${this.#at}/sent/${span.from}-${span.to}`;
      const again = openings.find(([key]) => key === own);
      if (again !== undefined) return again[1];
      const spans = openings.map(([key]) => spanOf(key));
      if (spans.some((s) => s.from < span.to && span.from < s.to)) {
        throw bad("part of the span was opened before", span);
      }
      const isOpened = (r: OpenReading): boolean =>
        spans.some((s) => r.interval >= 2 * s.from && r.interval < 2 * s.to);
      const left = inPeriod.filter((r) => r.interval < 2 * span.from && !isOpened(r)).length;
      const { minReadings } = this.place;
      if (terms.length < minReadings || (left > 0 && left < minReadings)) {
        throw bad(
          `the opening or the rest before it is over fewer than ${minReadings} readings`,
          span,
        );
      }
      const weight = (r: OpenReading): bigint => priceOf(notice, r.interval);
      const value = terms.reduce((sum, r) => sum + weight(r) * r.value, 0n);
      const blinding = mod(terms.reduce((sum, r) => sum + weight(r) * r.blinding, 0n));
      const body = new Writer(system)
        .int(period, 4)
        .bytes(digest)
        .int(span.from, INTERVAL_BYTES)
        .int(span.to, INTERVAL_BYTES)
        .signed(value)
        .scalars(blinding)
        .done();
      const context = rulesDigest(system, rules);
      const sequence = BigInt(span.from);
      const letter = { system: "sealed", kind: "opening", context, sequence, body } as const;
      const message = sealAsMeter(letter, secretKey, ecdsa ?? wasmEcdsa);
      tx.put(own, message);
      return message;
    });
  }
}

/** What an opening is checked with. */
export interface OpeningCheck {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly tariff: Posted<TariffNotice>;
  /** The meter's reports that cover the span, checked by `ReportVerifier`. */
  readonly reports: readonly SealedReport[];
}

/**
 * The bill in an opening, if it is that of the reports under the tariff.
 * @throws envelope/malformed, wrong-place, bad-signature; sealed/bad-encoding, incomplete, bad-opening
 */
export function checkOpening(message: Uint8Array, check: OpeningCheck): OpenedBill {
  const { system, rules, tariff, reports } = check;
  const context = rulesDigest(system, rules);
  const { sender, body } = open(message, { system: "sealed", kind: "opening", context });
  const reader = new Reader(system, body);
  const period = reader.int(4);
  const digest = reader.bytes(32);
  const span = { from: reader.int(INTERVAL_BYTES), to: reader.int(INTERVAL_BYTES) };
  const [value, blinding] = [reader.signed(), reader.scalar()];
  reader.end();
  const meter = senderAddress(sender);
  const { notice } = tariff;
  const isFor =
    equalBytes(digest, tariff.digest) &&
    span.from >= notice.span.from &&
    span.to <= notice.span.to &&
    meter !== null &&
    reports.every((r) => equalBytes(r.meter, meter));
  if (!isFor || period !== notice.period) {
    throw bad("it is for another tariff, period or meter", span);
  }
  const readings = wholeSpan(reports, span).filter((r) => !r.flagged || rules.billAbnormal);
  const weights = readings.map((r) => mod(priceOf(notice, r.interval)));
  const { group } = system;
  const sum = group.multiScalarMul(
    readings.map((r) => r.commitment),
    weights,
  );
  if (!group.equals(sum, commit(system, { value, blinding }))) {
    throw bad("the readings do not add up to it", span);
  }
  return { period, span, value };
}

function bad(why: string, { from, to }: Span): Error {
  return sealedErrors.error("bad-opening", `the opening of ${from} to ${to}: ${why}`, { from, to });
}

function spanOf(key: string): Span {
  const [from, to] = key.slice(key.lastIndexOf("/") + 1).split("-");
  return { from: Number(from), to: Number(to) };
}
