/** What is odd about homes once their readings are in order: gaps, long zeros, late beginnings and early ends. */
import { duration } from "./duration.js";
import type { Gap } from "./interval.js";
import type { Home, Oddity } from "./reading-set.js";

/** Runs of zeros, and late beginnings or early ends, are worth a word from a day on. */
const noticeableMs = 86_400_000;

export function odditiesOf(homes: readonly Home[]): Oddity[] {
  return [
    ...homes.flatMap((home) => [...gapsOf(home), ...zeroRuns(home), ...directionsOf(home)]),
    ...spans(homes),
  ];
}

/** Of energy drawn, and of energy fed in. */
function gapsOf({ id, gaps, intervals, exported }: Home): Oddity[] {
  const found = [
    ...gapOddity(id, gaps, ""),
    ...gapOddity(id, exported.gaps(), " in energy fed in"),
  ];
  if (intervals.length === 0 && exported.length > 0) {
    const message = "energy fed in only: no reading of energy drawn";
    found.push({ kind: "no-readings", home: id, message });
  }
  return found;
}

function gapOddity(home: string, gaps: readonly Gap[], where: string): Oddity[] {
  if (gaps.length === 0) return [];
  const { from, to } = gaps.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a));
  const many = gaps.length === 1 ? `1 gap${where}, ` : `${gaps.length} gaps${where}, the longest `;
  const message = `${many}of ${duration(to - from)}`;
  return [{ kind: "gap", home, count: gaps.length, from, to, message }];
}

function zeroRuns({ id, intervals }: Home): Oddity[] {
  const found: Oddity[] = [];
  let from: number | undefined;
  let to = 0;
  const close = (): void => {
    if (from !== undefined && to - from >= noticeableMs) {
      const message = `nothing but zeros for ${duration(to - from)}`;
      found.push({ kind: "zero-run", home: id, from, to, message });
    }
    from = undefined;
  };
  for (const { start, seconds, wattHours } of intervals) {
    if (wattHours !== 0 || start !== to) close();
    if (wattHours === 0) from ??= start;
    to = start + seconds * 1000;
  }
  close();
  return found;
}

/** Energy drawn and fed in that do not begin and end together. */
function directionsOf({ id, intervals, exported }: Home): Oddity[] {
  if (intervals.length === 0 || exported.length === 0) return [];
  const found: Oddity[] = [];
  const from = exported.from! - intervals.from!;
  const to = exported.to! - intervals.to!;
  const say = (kind: "starts-late" | "ends-early", isFedIn: boolean, how: string): void => {
    const [one, other] = isFedIn ? ["fed in", "drawn"] : ["drawn", "fed in"];
    found.push({
      kind,
      home: id,
      message: `readings of energy ${one} ${how} those of energy ${other}`,
    });
  };
  if (from !== 0) say("starts-late", from > 0, `begin ${duration(Math.abs(from))} after`);
  if (to !== 0) say("ends-early", to < 0, `end ${duration(Math.abs(to))} before`);
  return found;
}

/** Homes without readings, and those that begin after, or end before, the others. */
function spans(homes: readonly Home[]): Oddity[] {
  const found: Oddity[] = [];
  const known = homes.flatMap(({ id, intervals: { from, to }, exported }) => {
    if (from !== undefined && to !== undefined) return [{ id, from, to }];
    if (exported.length === 0) found.push({ kind: "no-readings", home: id, message: "no reading" });
    return [];
  });
  const first = Math.min(...known.map((s) => s.from));
  const last = Math.max(...known.map((s) => s.to));
  for (const { id, from, to } of known) {
    if (from - first >= noticeableMs) {
      const message = `readings begin ${duration(from - first)} after those of others`;
      found.push({ kind: "starts-late", home: id, from: first, to: from, message });
    }
    if (last - to >= noticeableMs) {
      const message = `readings end ${duration(last - to)} before those of others`;
      found.push({ kind: "ends-early", home: id, from: to, to: last, message });
    }
  }
  return found;
}
