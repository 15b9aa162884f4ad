/** Sorting moments into equal stretches of time, so many that a chart can show them. */
import type { Bar } from "../ui/bar-chart.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Seconds. Weeks begin on Mondays; days and weeks are those of UTC. */
const LENGTHS = [1, 5, 15, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 28 * DAY];
const MOST = 24;
/** The first of January 1970 was a Thursday. */
const FIRST_MONDAY = 4 * DAY;

/** One bar for each stretch from the first moment to the last (Unix seconds), empty ones too. */
export function bucketsOf(moments: readonly number[]): Bar[] {
  if (moments.length === 0) return [];
  const first = moments.reduce((a, b) => Math.min(a, b));
  const last = moments.reduce((a, b) => Math.max(a, b));
  const length =
    LENGTHS.find((l) => Math.floor((last - first) / l) + 2 <= MOST) ??
    Math.ceil((last - first) / MOST / DAY) * DAY;
  const offset = length >= 7 * DAY ? FIRST_MONDAY : 0;
  const bucket = (moment: number): number => Math.floor((moment - offset) / length);
  const bars: Bar[] = [];
  for (let b = bucket(first); b <= bucket(last); b++) {
    const begin = b * length + offset;
    bars.push({
      label: label(begin, length),
      name: name(begin, length),
      value: moments.filter((moment) => bucket(moment) === b).length,
    });
  }
  return bars;
}

function label(begin: number, length: number): string {
  const iso = new Date(begin * 1000).toISOString();
  if (length >= DAY) return iso.slice(5, 10);
  return length >= MINUTE ? iso.slice(11, 16) : iso.slice(11, 19);
}

function name(begin: number, length: number): string {
  const iso = new Date(begin * 1000).toISOString();
  if (length > DAY) return `${length / DAY} days from ${iso.slice(0, 10)}`;
  if (length === DAY) return iso.slice(0, 10);
  return `${iso.slice(0, 10)} ${length >= MINUTE ? iso.slice(11, 16) : iso.slice(11, 19)}`;
}
