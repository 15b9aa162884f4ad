/** Several registers of one supply to one series: their sum. */
import { divide, IntervalSeries, qualities, type Interval } from "./interval.js";

/**
 * The sum of series. Where their intervals differ in length they are divided at each other's limits;
 * a time that only some of them cover has the sum of those. The worst quality of the parts counts.
 */
export function addSeries(all: readonly IntervalSeries[], timeZone: string): IntervalSeries {
  const filled = all.filter((s) => s.length > 0);
  if (filled.length <= 1) return filled[0] ?? IntervalSeries.of(timeZone, []);
  return filled.reduce((a, b) => addTwo(a, b, timeZone));
}

function addTwo(a: IntervalSeries, b: IntervalSeries, timeZone: string): IntervalSeries {
  const sum: Interval[] = [];
  let i = 0;
  let k = 0;
  // What is left of the interval under each hand.
  let left = a.length > 0 ? a.at(0) : undefined;
  let right = b.length > 0 ? b.at(0) : undefined;
  const nextLeft = (rest?: Interval): void => {
    left = rest ?? (++i < a.length ? a.at(i) : undefined);
  };
  const nextRight = (rest?: Interval): void => {
    right = rest ?? (++k < b.length ? b.at(k) : undefined);
  };
  while (left !== undefined || right !== undefined) {
    if (right === undefined || (left !== undefined && end(left) <= right.start)) {
      sum.push(left!);
      nextLeft();
    } else if (left === undefined || end(right) <= left.start) {
      sum.push(right);
      nextRight();
    } else if (left.start !== right.start) {
      const start = Math.max(left.start, right.start);
      const [first, rest] = divide(left.start < right.start ? left : right, [start]);
      sum.push(first!);
      if (left.start < right.start) left = rest!;
      else right = rest!;
    } else {
      const until = Math.min(end(left), end(right));
      const [fromLeft, restLeft] = divide(left, [until]);
      const [fromRight, restRight] = divide(right, [until]);
      sum.push(together(fromLeft!, fromRight!));
      nextLeft(restLeft);
      nextRight(restRight);
    }
  }
  return IntervalSeries.of(timeZone, sum);
}

function end({ start, seconds }: Interval): number {
  return start + seconds * 1000;
}

function together(a: Interval, b: Interval): Interval {
  const worse = Math.min(qualities.indexOf(a.quality), qualities.indexOf(b.quality));
  return { ...a, wattHours: a.wattHours + b.wattHours, quality: qualities[worse]! };
}
