/** What a block of intervals says of its own extent (ESPI `IntervalBlock/interval`), beside its readings. */
import type { Collector } from "../collector.js";
import { duration } from "../duration.js";

/** Feeds that reckon in local time are an hour off on the days on which clocks change. */
const TOLERANCE_SECONDS = 3600;

export class BlockExtent {
  #start: number | undefined;
  #duration: number | undefined;
  #from = Infinity;
  #to = -Infinity;

  /** A field of the block's own `interval`. */
  field(name: string, text: string): void {
    if (!/^\d{1,11}$/.test(text)) return;
    if (name === "start") this.#start = Number(text);
    else if (name === "duration") this.#duration = Number(text);
  }

  /** A reading of the block, in seconds. */
  reading(start: number, seconds: number): void {
    this.#from = Math.min(this.#from, start);
    this.#to = Math.max(this.#to, start + seconds);
  }

  /** Says what the block should hold and does not, or holds and should not. */
  note(collector: Collector): void {
    if (this.#start === undefined || this.#duration === undefined || this.#to < this.#from) return;
    const [late, early] = [this.#from - this.#start, this.#start + this.#duration - this.#to];
    const { file } = collector;
    const at = new Date(this.#start * 1000).toISOString();
    const say = (kind: "starts-late" | "ends-early", what: string, seconds: number): void => {
      const message = `the readings of the block of ${at} ${what} by ${duration(Math.abs(seconds) * 1000)}`;
      collector.note({ kind, file, message });
    };
    if (late > 0) say("starts-late", "begin after it", late);
    if (early > 0) say("ends-early", "end before it", early);
    if (-late > TOLERANCE_SECONDS) say("starts-late", "begin before it", late);
    if (-early > TOLERANCE_SECONDS) say("ends-early", "end after it", early);
  }
}
