/** Local times of a file, in the order of its rows, to instants. */
import type { Collector } from "./collector.js";
import type { Stamp } from "./timestamp.js";
import type { Zone } from "./zone.js";

/**
 * In the hour that clocks show twice, a time means the first instant that is later than the row
 * before it: a file in order thus gets both hours right, and one that leaves out the second hour
 * keeps the first. A time that clocks jump over is refused.
 */
export class LocalClock {
  #zone: Zone | undefined;
  #previous = -Infinity;

  constructor(private readonly collector: Collector) {}

  /** The instant of `count` readings, or `undefined` after a refusal that the caller lets pass. @throws readings/bad-row */
  instant(stamp: Stamp, line: number, count = 1): number | undefined {
    if (stamp.isInstant) return stamp.at;
    const zone = (this.#zone ??= this.collector.zone);
    this.collector.localTimes = true;
    const candidates = zone.instants(stamp.at);
    const [first] = candidates;
    if (first === undefined) {
      const text = new Date(stamp.at).toISOString().slice(0, 16).replace("T", " ");
      const reason = `${text} does not exist in ${zone.name}: clocks jump over it`;
      this.collector.bad(line, reason, undefined, count);
      return undefined;
    }
    this.#previous = candidates.find((c) => c > this.#previous) ?? first;
    return this.#previous;
  }
}
