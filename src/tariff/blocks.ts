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

/** A part of an interval within one span, and what was used of the span before it. */
export interface SpanPart {
  readonly part: Interval;
  readonly used: number;
}

/**
 * An interval by the spans it falls into, and how much is used after it. Use is counted since the beginning of
 * the span, under each version of the tariff that held then.
 */
export function useOf(
  interval: Interval,
  before: BlockState | undefined,
  { span, zone }: { readonly span: Span; readonly zone: Zone },
): { readonly parts: readonly SpanPart[]; readonly state: BlockState } {
  let state = before ?? { from: NaN, wattHours: 0 };
  const end = interval.start + interval.seconds * 1000;
  const cuts: number[] = [];
  for (let at = spanEndAt(interval.start, span, zone); at < end; at = spanEndAt(at, span, zone)) {
    cuts.push(at);
  }
  const parts = divide(interval, cuts).map((part) => {
    const begin = spanStartAt(part.start, span, zone);
    // Energy that comes late counts in the span that is open: an earlier one does not begin again.
    if (!(begin <= state.from)) state = { from: begin, wattHours: 0 };
    const used = state.wattHours;
    state = { from: state.from, wattHours: used + part.wattHours };
    return { part, used };
  });
  return { parts, state };
}

export class Blocks {
  readonly span: Span;
  readonly #blocks: readonly { band: string; price: Price; upTo: number }[];

  constructor(component: BlocksComponent, perKwh: (text: string) => Price) {
    this.span = component.per;
    this.#blocks = component.blocks.map((b) => ({
      band: b.name,
      price: perKwh(b.price),
      upTo: b.upTo === undefined ? Infinity : Number(scaled(parseDecimal(b.upTo)!, 3)),
    }));
  }

  /** The pieces of an interval in their blocks. */
  pieces(parts: readonly SpanPart[]): Piece[] {
    const pieces: Piece[] = [];
    for (const { part, used: before } of parts) {
      let [used, left] = [before, part.wattHours];
      // An interval without energy still falls into a block, at no cost.
      do {
        const block = this.#blocks.find((b) => used < b.upTo)!;
        const wattHours = Math.min(left, block.upTo - used);
        pieces.push({ start: part.start, wattHours, band: block.band, price: block.price });
        used += wattHours;
        left -= wattHours;
      } while (left > 0);
    }
    return pieces;
  }
}
