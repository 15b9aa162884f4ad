/** Prices by how much was used since the beginning of a day, month, quarter or year. */
import { parseDecimal, scaled } from "../readings/decimal.js";
import { divide, type Interval } from "../readings/interval.js";
import type { Zone } from "../readings/zone.js";
import { spanEndAt, spanStartAt, type Span } from "./calendar.js";
import type { Piece, Price } from "./price.js";
import type { BlocksComponent } from "./tariff.js";

/** How much was used since when. */
export interface BlockState {
  readonly from: number;
  readonly wattHours: number;
}

export class Blocks {
  readonly span: Span;
  readonly #blocks: readonly { band: string; price: Price; upTo: number }[];

  constructor(
    component: BlocksComponent,
    private readonly zone: Zone,
    perKwh: (text: string) => Price,
  ) {
    this.span = component.per;
    this.#blocks = component.blocks.map((b) => ({
      band: b.name,
      price: perKwh(b.price),
      upTo: b.upTo === undefined ? Infinity : Number(scaled(parseDecimal(b.upTo)!, 3)),
    }));
  }

  /** The pieces of an interval in their blocks, and how much is used after it. */
  pieces(
    interval: Interval,
    before: BlockState | undefined,
  ): { pieces: Piece[]; state: BlockState } {
    const pieces: Piece[] = [];
    let state = before ?? { from: NaN, wattHours: 0 };
    const end = interval.start + interval.seconds * 1000;
    const cuts: number[] = [];
    for (
      let at = spanEndAt(interval.start, this.span, this.zone);
      at < end;
      at = spanEndAt(at, this.span, this.zone)
    ) {
      cuts.push(at);
    }
    for (const part of divide(interval, cuts)) {
      const begin = spanStartAt(part.start, this.span, this.zone);
      // Energy that comes late counts in the span that is open: an earlier one does not begin again.
      if (!(begin <= state.from)) state = { from: begin, wattHours: 0 };
      const { from } = state;
      let left = part.wattHours;
      // An interval without energy still falls into a block, at no cost.
      do {
        const { wattHours: used } = state;
        const block = this.#blocks.find((b) => used < b.upTo)!;
        const wattHours = Math.min(left, block.upTo - used);
        pieces.push({ start: part.start, wattHours, band: block.band, price: block.price });
        state = { from, wattHours: used + wattHours };
        left -= wattHours;
      } while (left > 0);
    }
    return { pieces, state };
  }
}
