/**
 * The sum of the registers of one supply and direction. Where one of several that count at the same times has a
 * hole, the sum is not known: that time is a gap, to be estimated, and not the energy of the others alone.
 */
import { addSeries } from "./add-series.js";
import type { Collector } from "./collector.js";
import { IntervalSeries, type Gap } from "./interval.js";
import type { RegisterSeries } from "./same-energy.js";
import { questionError } from "./table/question.js";

/** Registers that begin or end a day apart were not all there, or some of their readings are lost. */
const APART_MS = 86_400_000;

interface About {
  readonly collector: Collector;
  readonly home: string;
  /** What is said of each register with holes. */
  readonly note: (message: string, gaps: readonly Gap[]) => void;
}

/** @throws readings/question */
export function sumOf(
  all: readonly RegisterSeries[],
  { collector, home, note }: About,
): IntervalSeries {
  const timeZone = collector.zone.name;
  const sum = addSeries(
    all.map((r) => r.series),
    timeZone,
  );
  if (all.length < 2) return sum;
  const holes = all.flatMap(({ register, series }) => {
    const beside = all.filter((r) => r.series !== series && overlap(r.series, series));
    const apart = beside.find((r) => beginOrEndApart(r.series, series));
    if (apart !== undefined && collector.options.mapping?.registers !== "add")
      throw openQuestion({ collector, home }, register, apart.register);
    // Where nothing else counts, the gap is one of the sum already.
    const alone = series
      .gaps()
      .filter((gap) => beside.some((r) => r.series.between(gap.from, gap.to).length > 0));
    if (alone.length > 0) {
      const many = alone.length === 1 ? "1 gap" : `${alone.length} gaps`;
      note(
        `readings of ${register} have ${many} where others have readings: their sum is missing there`,
        alone,
      );
    }
    return alone;
  });
  return holes.length === 0 ? sum : without(sum, holes);
}

function beginOrEndApart(a: IntervalSeries, b: IntervalSeries): boolean {
  return Math.abs(a.from! - b.from!) >= APART_MS || Math.abs(a.to! - b.to!) >= APART_MS;
}

function openQuestion(
  { collector, home }: Pick<About, "collector" | "home">,
  one: string,
  other: string,
): Error {
  return questionError(collector.files.join(", "), [
    {
      about: "registers",
      question: `whether the registers ${one} and ${other} of ${home}, which do not begin and end together, add up as they stand`,
      option: "--registers",
      choices: ["add", one, other],
    },
  ]);
}

/** Whether two registers count at the same time anywhere; those of day and night take turns. */
function overlap(a: IntervalSeries, b: IntervalSeries): boolean {
  let [i, k] = [0, 0];
  while (i < a.length && k < b.length) {
    const [x, y] = [a.at(i), b.at(k)];
    const [xEnd, yEnd] = [x.start + x.seconds * 1000, y.start + y.seconds * 1000];
    if (x.start < yEnd && y.start < xEnd) return true;
    if (xEnd <= y.start) i += 1;
    else k += 1;
  }
  return false;
}

/** What lies in no hole; a sum is divided at the limits of its parts, and so at the limits of holes. */
function without(sum: IntervalSeries, holes: readonly Gap[]): IntervalSeries {
  const sorted = [...holes].sort((a, b) => a.from - b.from);
  let [k, until] = [0, -Infinity];
  const rest = [...sum].filter(({ start }) => {
    for (; k < sorted.length && sorted[k]!.from <= start; k++)
      until = Math.max(until, sorted[k]!.to);
    return start >= until;
  });
  return IntervalSeries.of(sum.timeZone, rest);
}
