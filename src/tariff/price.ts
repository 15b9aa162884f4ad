/** What rating knows of a price: exact integers, and until when it holds. */

/**
 * A price as integers: fractions of the minor unit (see money.ts) for each watt-hour, watt, day or
 * month.
 */
export interface Price {
  /** As the tariff writes it: in the major unit for each kWh, kW, day or month. */
  readonly text: string;
  readonly net: bigint;
  /** For each tax of the version. */
  readonly taxes: readonly bigint[];
  /** The sum of both. */
  readonly gross: bigint;
}

/** Energy of one price. */
export interface Piece {
  readonly start: number;
  readonly wattHours: number;
  readonly band: string;
  readonly price: Price;
}

/** A price with the name of its band, and until when it certainly holds. */
export interface PriceAt {
  readonly band: string;
  readonly price: Price;
  readonly until: number;
}

/** Energy prices that depend on time alone. */
export interface TimePricer {
  /** `undefined` where there is no price. */
  at(instant: number): PriceAt | undefined;
}
