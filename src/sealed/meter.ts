/**
 * The meter's side: encrypts, commits, proves, signs; each instant once and in order. A report is in the
 * store before it leaves and stays there until the meter is told that it arrived, so that a meter that loses
 * power sends the same bytes again.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { wasmEcdsa, type Address, type Ecdsa } from "../algebra/index.js";
import { encodeEnvelope, envelopeDigest } from "../envelope/index.js";
import type { Store } from "../store/index.js";
import { commit } from "./commitment.js";
import { Reader, Writer } from "./encoding.js";
import { proveEquality } from "./equality-proof.js";
import { sealedErrors } from "./errors.js";
import { INTERVAL_BYTES, isWithin, type Span } from "./interval.js";
import { proveRanges } from "./range-prover.js";
import { inRange } from "./ranges.js";
import {
  MAX_READINGS,
  rangeStatements,
  reportContext,
  reportEnvelope,
  type UnsignedReport,
} from "./report.js";
import { provedRange, type ReportingRules } from "./rules.js";
import { randomScalars } from "./scalars.js";
import type { SealedSystem } from "./system.js";

/** A reading in the clear: an integer, for example in watt-hours. */
export interface Reading {
  /** Its number (`interval.ts`). */
  readonly interval: number;
  readonly value: bigint;
}

/** A reading with the blinding factor of its commitment: the meter keeps them for openings. */
export interface OpenReading extends Reading {
  readonly flagged: boolean;
  readonly blinding: bigint;
}

export interface MeterPlace {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly secretKey: Uint8Array;
  /** Where the meter keeps its state; one process has it open at a time. */
  readonly store: Store;
  /** The installation, in seconds since 1970: the first report begins here. */
  readonly installed: number;
  /** The meter's clock, in seconds since 1970. */
  readonly now: () => number;
  readonly ecdsa?: Ecdsa;
}

export class SealedMeter {
  readonly address: Address;
  readonly #at: string;
  readonly #ecdsa: Ecdsa;

  constructor(private readonly place: MeterPlace) {
    this.#ecdsa = place.ecdsa ?? wasmEcdsa;
    this.address = this.#ecdsa.address(place.secretKey);
    this.#at = `sealed/meter/${bytesToHex(this.address)}`;
  }

  /** Up to which instant everything is reported. */
  reportedUntil(): Promise<number> {
    return this.place.store.transaction(async (tx) => {
      const until = await tx.get(`${this.#at}/until`);
      return until === undefined ? this.place.installed : readInstant(until);
    });
  }

  /**
   * The report of everything since the last one and before `until`, in the order of the intervals; the
   * message as it travels. A reading outside the normal range is marked, and proved to be possible only.
   * @throws sealed/interval-not-increasing, sealed/impossible-reading, sealed/report-size
   */
  report(readings: readonly Reading[], until: number): Promise<Uint8Array> {
    const { store } = this.place;
    return store.transaction(async (tx) => {
      const last = await tx.get(`${this.#at}/until`);
      const span = {
        from: last === undefined ? this.place.installed : readInstant(last),
        to: until,
      };
      this.#check(readings, span);
      const { message, opened } = this.#seal(readings, span);
      const key = instantKey(span.from);
      tx.put(`${this.#at}/until`, new Writer(this.place.system).int(until, INTERVAL_BYTES).done());
      tx.put(`${this.#at}/sent/${key}`, message);
      tx.put(`${this.#at}/kept/${key}`, encodeOpened(this.place.system, opened));
      return message;
    });
  }

  /** The reports that the meter does not know to have arrived, in order: to be sent again. */
  unacknowledged(): Promise<Uint8Array[]> {
    return this.place.store.transaction(async (tx) =>
      (await tx.list(`${this.#at}/sent/`)).map(([, message]) => message),
    );
  }

  /** Everything up to `until` has arrived. */
  acknowledge(until: number): Promise<void> {
    return this.place.store.transaction(async (tx) => {
      for (const [key] of await tx.list(`${this.#at}/sent/`)) {
        if (key < `${this.#at}/sent/${instantKey(until)}`) tx.delete(key);
      }
    });
  }

  /** What was reported within a span, in the clear: for `MeterOpenings`, inside the meter. */
  reported(span: Span): Promise<OpenReading[]> {
    return this.place.store.transaction(async (tx) => {
      const kept = await tx.list(`${this.#at}/kept/`);
      const all = kept.flatMap(([, bytes]) => decodeOpened(this.place.system, bytes));
      return all.filter((r) => isWithin(r.interval, span));
    });
  }

  /** Forgets readings before an instant: nothing before it can be opened any more. */
  forget(before: number): Promise<void> {
    return this.place.store.transaction(async (tx) => {
      for (const [key, bytes] of await tx.list(`${this.#at}/kept/`)) {
        const left = decodeOpened(this.place.system, bytes).filter((r) => r.interval >= 2 * before);
        if (left.length === 0) tx.delete(key);
        else tx.put(key, encodeOpened(this.place.system, left));
      }
    });
  }

  #seal(
    readings: readonly Reading[],
    span: Span,
  ): { readonly message: Uint8Array; readonly opened: readonly OpenReading[] } {
    const { system, rules, secretKey } = this.place;
    const meter = this.address;
    const randomness = randomScalars(2 * readings.length);
    const sealed = readings.map(({ interval, value }, i) => {
      const flagged = !inRange(value, rules.normal);
      const opening = { value, blinding: randomness[2 * i]! };
      const nonce = randomness[2 * i + 1]!;
      return {
        interval,
        flagged,
        range: provedRange(rules, flagged),
        opening,
        nonce,
        ciphertext: rules.key.encrypt(value, nonce),
        commitment: commit(system, opening),
      };
    });
    const context = reportContext(system, rules, { meter, span, readings: sealed });
    let at = 0;
    const ranges = rangeStatements(rules, context, sealed).map(({ context: part, statements }) => {
      const witnesses = sealed.slice(at, (at += statements.length));
      return proveRanges(system, part, witnesses);
    });
    const unsigned: UnsignedReport = {
      meter,
      span,
      readings: sealed.map(({ interval, flagged, ciphertext, commitment }) => ({
        interval,
        flagged,
        ciphertext,
        commitment,
      })),
      equality: proveEquality({ system, context, key: rules.key, witnesses: sealed }),
      ranges,
    };
    const envelope = reportEnvelope(system, rules, unsigned);
    const signature = this.#ecdsa.sign(envelopeDigest(envelope), secretKey);
    const opened = sealed.map(({ interval, flagged, opening }) => ({
      interval,
      flagged,
      ...opening,
    }));
    return { message: encodeEnvelope({ ...envelope, signature }), opened };
  }

  #check(readings: readonly Reading[], span: Span): void {
    if (readings.length === 0 || readings.length > MAX_READINGS) {
      throw sealedErrors.error("report-size", `${readings.length} readings are not one report`, {
        readings: readings.length,
      });
    }
    const { rules, now } = this.place;
    const isTime = Number.isSafeInteger(span.to) && span.from < span.to && span.to <= now();
    let last = -1;
    for (const { interval, value } of readings) {
      if (!isTime || !Number.isInteger(interval) || interval <= last || !isWithin(interval, span)) {
        throw sealedErrors.error(
          "interval-not-increasing",
          `interval ${interval} does not come after ${last} within ${span.from} to ${span.to}, or that is not over`,
          { interval, last, from: span.from, to: span.to },
        );
      }
      if (!inRange(value, rules.possible)) {
        const { lo, hi } = rules.possible;
        throw sealedErrors.error(
          "impossible-reading",
          `the reading of interval ${interval} is not between ${lo} and ${hi}`,
          { interval, lo, hi },
        );
      }
      last = interval;
    }
  }
}

/** Sorts as the instant does. */
function instantKey(instant: number): string {
  return `${instant}`.padStart(15, "0");
}

function readInstant(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function encodeOpened(system: SealedSystem, readings: readonly OpenReading[]): Uint8Array {
  const writer = new Writer(system);
  for (const { interval, flagged, value, blinding } of readings) {
    writer
      .int(interval, INTERVAL_BYTES)
      .int(flagged ? 1 : 0, 1)
      .signed(value)
      .scalars(blinding);
  }
  return writer.done();
}

function decodeOpened(system: SealedSystem, bytes: Uint8Array): OpenReading[] {
  const reader = new Reader(system, bytes);
  const length = bytes.length / (INTERVAL_BYTES + 1 + 16 + 32);
  return Array.from({ length }, () => ({
    interval: reader.int(INTERVAL_BYTES),
    flagged: reader.int(1) === 1,
    value: reader.signed(),
    blinding: reader.scalar(),
  }));
}
