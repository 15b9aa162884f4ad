/**
 * Energy that hardly any home uses is asked about: files state a wrong unit or a wrong power of ten, and a bill a
 * thousand times too high or too low is of no use. So are readings of which each is followed by time without one.
 */
import type { Collector } from "./collector.js";
import type { IntervalSeries } from "./interval.js";
import type { Question } from "./table/mapping.js";
import type { Home } from "./reading-set.js";
import { questionError } from "./table/question.js";

/** Above the connection of a home, in watts: three phases of 80 A give 55 kW. */
const MOST_WATTS = 100_000;
/** What a coarse register may show at once, in watt-hours. */
const COARSE = 2_000;
/** A home whose every interval of a week stays below this draws less than one lamp. */
const LEAST_WATTS = 5;
const WEEK_SECONDS = 604_800;
/** Fewer gaps than this show nothing. */
const FEW_GAPS = 8;

/** @throws readings/question */
export function refuseImplausible(homes: readonly Home[], collector: Collector): void {
  const questions = homes.flatMap((home): Question[] => {
    const { scale, gaps } = collector.options.mapping ?? {};
    return [
      ...(scale === undefined ? scaleOf(home) : []),
      ...(gaps === undefined ? gapsOf(home) : []),
    ];
  });
  if (questions.length > 0) throw questionError(collector.files.join(", "), questions.slice(0, 4));
}

function scaleOf({ id, intervals, exported }: Home): Question[] {
  const most = Math.max(highest(intervals), highest(exported));
  const seconds = secondsOf(intervals);
  const isTiny = intervals.wattHours > 0n && seconds >= WEEK_SECONDS && most < LEAST_WATTS;
  if (most <= MOST_WATTS && !isTiny) return [];
  const power = most > MOST_WATTS ? `${Math.round(most / 1000)} kW` : `${most.toFixed(1)} W`;
  return [
    {
      about: "scale",
      question: `whether the unit and the power of ten are right: ${id} draws or feeds in ${power} at most`,
      option: "--scale",
      choices: ["as-stated", most > MOST_WATTS ? "0.001" : "1000"],
    },
  ];
}

function secondsOf(series: IntervalSeries): number {
  let seconds = 0;
  for (let i = 0; i < series.length; i++) seconds += series.at(i).seconds;
  return seconds;
}

/** The highest mean power of an interval, in watts, after what a coarse register may show at once. */
function highest(series: IntervalSeries): number {
  let most = 0;
  for (let i = 0; i < series.length; i++) {
    const { wattHours, seconds } = series.at(i);
    const watts = (wattHours * 3600) / seconds;
    if (watts > most && (watts <= MOST_WATTS || wattHours > (MOST_WATTS * seconds) / 3600 + COARSE))
      most = watts;
  }
  return most;
}

function gapsOf({ id, intervals, gaps }: Home): Question[] {
  if (gaps.length < FEW_GAPS || gaps.length * 2 < intervals.length) return [];
  return [
    {
      about: "gaps",
      question: `whether ${id} has no reading in the time between its ${intervals.length} readings, which has ${gaps.length} gaps`,
      option: "--gaps",
      choices: ["missing"],
    },
  ];
}
