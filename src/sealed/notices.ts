/**
 * What is public before it counts: the tariff of a period, and the group of meters whose sums are
 * decrypted on a day. The control centre signs both; trustees and meters take them only before they begin
 * (`notice-board.ts`).
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { toAddress, type Address } from "../algebra/index.js";
import { Reader, Writer } from "./encoding.js";
import { sealedErrors } from "./errors.js";
import { INTERVAL_BYTES, intervalOf, type Span } from "./interval.js";
import type { SealedSystem } from "./system.js";

/** What one unit costs from an instant on, in any unit of money; below 2^127, of either sign. */
export interface PriceStep {
  /** Seconds since 1970. */
  readonly from: number;
  readonly drawn: bigint;
  /** Negative for a credit. */
  readonly fed: bigint;
}

export interface TariffNotice {
  /** YYYYMM. */
  readonly period: number;
  /** The period: a calendar month in the zone of the tariff. */
  readonly span: Span;
  /** In order; the first begins with the period. */
  readonly steps: readonly PriceStep[];
}

export interface GroupNotice {
  /** Number of the group; a group of another day has another. */
  readonly group: number;
  /** At most a day of 25 hours. */
  readonly span: Span;
  readonly members: readonly Address[];
}

const HOUR = 3600;

/**
 * Is the span a calendar month by some clock on Earth? Zones reach from 12 hours behind to 14 hours ahead
 * of UTC, and a change of zone may move either end by two more.
 */
function isMonth(period: number, { from, to }: Span): boolean {
  const [year, month] = [Math.floor(period / 100), period % 100];
  if (month < 1 || month > 12) return false;
  const begins = Date.UTC(year, month - 1, 1) / 1000;
  const ends = Date.UTC(year, month, 1) / 1000;
  const isNear = (instant: number, utc: number): boolean =>
    instant >= utc - 14 * HOUR && instant <= utc + 12 * HOUR;
  const drift = Math.abs(to - from - (ends - begins));
  return isNear(from, begins) && isNear(to, ends) && drift <= 2 * HOUR;
}

/** @throws sealed/bad-notice */
export function checkTariffNotice({ period, span, steps }: TariffNotice): void {
  const refuse = (why: string): never => {
    throw sealedErrors.error("bad-notice", `the tariff of ${period} ${why}`, { period });
  };
  if (!isMonth(period, span)) refuse("is not for a calendar month");
  if (steps[0]?.from !== span.from) refuse("does not begin with the period");
  const rises = steps.every((s, i) => i === 0 || s.from > steps[i - 1]!.from);
  if (!rises || steps.at(-1)!.from >= span.to) refuse("has steps out of order");
}

/** The price of a reading of the period. */
export function priceOf({ steps }: TariffNotice, interval: number): bigint {
  const { start, fed } = intervalOf(interval);
  let [low, high] = [0, steps.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (steps[middle]!.from <= start) low = middle;
    else high = middle;
  }
  return fed ? steps[low]!.fed : steps[low]!.drawn;
}

export function encodeTariff(
  system: SealedSystem,
  { period, span, steps }: TariffNotice,
): Uint8Array {
  const writer = new Writer(system).int(period, 4);
  writer.int(span.from, INTERVAL_BYTES).int(span.to, INTERVAL_BYTES).int(steps.length, 4);
  for (const { from, drawn, fed } of steps) {
    writer.int(from, INTERVAL_BYTES).signed(drawn).signed(fed);
  }
  return writer.done();
}

/** @throws sealed/bad-encoding, sealed/bad-notice */
export function decodeTariff(system: SealedSystem, bytes: Uint8Array): TariffNotice {
  const reader = new Reader(system, bytes);
  const period = reader.int(4);
  const span = { from: reader.int(INTERVAL_BYTES), to: reader.int(INTERVAL_BYTES) };
  const count = reader.int(4);
  if (count > bytes.length) throw sealedErrors.error("bad-encoding", "the tariff ends early");
  const steps = Array.from({ length: count }, () => ({
    from: reader.int(INTERVAL_BYTES),
    drawn: reader.signed(),
    fed: reader.signed(),
  }));
  reader.end();
  const notice = { period, span, steps };
  checkTariffNotice(notice);
  return notice;
}

export function encodeGroup(
  system: SealedSystem,
  { group, span, members }: GroupNotice,
): Uint8Array {
  const writer = new Writer(system).int(group, 6);
  writer.int(span.from, INTERVAL_BYTES).int(span.to, INTERVAL_BYTES).int(members.length, 4);
  for (const member of members) writer.bytes(member);
  return writer.done();
}

/** @throws sealed/bad-encoding, sealed/bad-notice */
export function decodeGroup(system: SealedSystem, bytes: Uint8Array): GroupNotice {
  const reader = new Reader(system, bytes);
  const group = reader.int(6);
  const span = { from: reader.int(INTERVAL_BYTES), to: reader.int(INTERVAL_BYTES) };
  const count = reader.int(4);
  if (count > bytes.length) throw sealedErrors.error("bad-encoding", "the group ends early");
  const members = Array.from({ length: count }, () => toAddress(reader.bytes(20)));
  reader.end();
  const names = new Set(members.map((m) => m.join()));
  if (names.size !== members.length || span.to <= span.from || span.to - span.from > 25 * HOUR) {
    throw sealedErrors.error(
      "bad-notice",
      `group ${group} names a meter twice, or is for more than a day`,
      { group },
    );
  }
  return { group, span, members };
}

/** Names a notice in requests. */
export function noticeDigest(kind: "tariff" | "group", body: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(utf8ToBytes(`sipster/sealed/${kind}@1`), body));
}

/**
 * The tariff with prices rounded to levels, each of which holds for at least `least` whole intervals of
 * `step` seconds: neighbouring prices are put together, and a level is their mean over time, rounded. Both
 * directions are rounded for themselves. For tariffs too fine to be billed as they are.
 * @throws sealed/bad-notice if the period has fewer intervals
 */
export function roundToLevels(notice: TariffNotice, step: number, least: number): TariffNotice {
  const weights = notice.steps.map((s, i) => {
    const to = notice.steps[i + 1]?.from ?? notice.span.to;
    return { ...s, intervals: Math.floor((to - s.from) / step) };
  });
  const round = (direction: "drawn" | "fed"): Map<bigint, bigint> => {
    const counts = new Map<bigint, number>();
    for (const w of weights) {
      counts.set(w[direction], (counts.get(w[direction]) ?? 0) + w.intervals);
    }
    const levels: { prices: bigint[]; count: number; total: bigint }[] = [];
    for (const [price, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const last = levels.at(-1);
      const level = last !== undefined && last.count < least ? last : undefined;
      const into = level ?? { prices: [], count: 0, total: 0n };
      if (level === undefined) levels.push(into);
      into.prices.push(price);
      into.count += count;
      into.total += price * BigInt(count);
    }
    const tail = levels.at(-1)!;
    if (tail.count < least && levels.length > 1) {
      const before = levels[levels.length - 2]!;
      before.prices.push(...tail.prices);
      before.count += tail.count;
      before.total += tail.total;
      levels.pop();
    }
    if (levels[0]!.count < least) {
      throw sealedErrors.error("bad-notice", `the period has fewer than ${least} intervals`, {
        least,
      });
    }
    return new Map(
      levels.flatMap(({ prices, count, total }) => {
        const mean = divideRounded(total, BigInt(count));
        return prices.map((price) => [price, mean] as const);
      }),
    );
  };
  const [drawn, fed] = [round("drawn"), round("fed")];
  const steps = notice.steps.map((s) => ({
    from: s.from,
    drawn: drawn.get(s.drawn)!,
    fed: fed.get(s.fed)!,
  }));
  return { ...notice, steps };
}

function divideRounded(a: bigint, b: bigint): bigint {
  const twice = 2n * a + b;
  const quotient = twice / (2n * b);
  return twice < 0n && twice % (2n * b) !== 0n ? quotient - 1n : quotient;
}
