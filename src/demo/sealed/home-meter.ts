/** A home's meter with its openings, and what it reads in the month. */
import { randomSecretKey } from "../../algebra/index.js";
import type { Home } from "../../readings/index.js";
import {
  intervalOf,
  isWithin,
  MeterOpenings,
  SealedMeter,
  type ReportingRules,
  type SealedSystem,
  type Span,
} from "../../sealed/index.js";
import { MemoryStore } from "../../store/index.js";
import type { PricedMonth, PricedReading } from "./priced-readings.js";

export interface HomeMeterPlace {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly installed: number;
  readonly minReadings: number;
  /** Seconds since 1970. */
  readonly now: () => number;
}

export class HomeMeter {
  readonly meter: SealedMeter;
  readonly openings: MeterOpenings;

  constructor(
    readonly home: Home,
    readonly month: PricedMonth,
    { system, rules, installed, minReadings, now }: HomeMeterPlace,
  ) {
    const own = { system, rules, secretKey: randomSecretKey(), store: new MemoryStore(), now };
    this.meter = new SealedMeter({ ...own, installed });
    this.openings = new MeterOpenings({ ...own, meter: this.meter, minReadings });
  }

  /** Readings of the span. */
  within(span: Span): readonly PricedReading[] {
    return this.month.readings.filter((r) => isWithin(r.number, span));
  }

  /** Watt-hours of one interval; `null` without a reading. */
  at(interval: number): bigint | null {
    const reading = this.month.readings.find((r) => r.number === interval);
    return reading === undefined ? null : BigInt(reading.interval.wattHours);
  }

  /**
   * Reports of the whole month, so many readings each; both directions of an instant go into one report.
   * @param timed told the milliseconds of each
   */
  async report(
    perReport: number,
    end: number,
    timed: (milliseconds: number) => void,
  ): Promise<Uint8Array[]> {
    const plain = this.month.readings.map((r) => ({
      interval: r.number,
      value: BigInt(r.interval.wattHours),
    }));
    const startAt = (i: number): number => intervalOf(plain[i]!.interval).start;
    const messages: Uint8Array[] = [];
    for (let at = 0; at < plain.length;) {
      let next = Math.min(plain.length, at + perReport);
      while (next < plain.length && startAt(next) === startAt(next - 1)) next++;
      const until = next < plain.length ? startAt(next) : end;
      const began = performance.now();
      messages.push(await this.meter.report(plain.slice(at, next), until));
      timed(performance.now() - began);
      at = next;
    }
    return messages;
  }
}
