/** What a bill is made of. */
import type { Price } from "./price.js";

/** Something that costs money: energy at one price, the power of a month, or a day or month of supply. */
export interface RatedItem {
  /** First instant of what is charged. */
  readonly start: number;
  /** When it is charged: with the interval it is part of. Never goes back from item to item. */
  readonly due: number;
  readonly kind: "import" | "export" | "demand" | "standing";
  /** Name of the component of the tariff. */
  readonly component: string;
  /** Name of the band or block, empty where there are none. */
  readonly band: string;
  /** How many of the unit, an integer. */
  readonly quantity: number;
  readonly unit: "Wh" | "W" | "W·day" | "day" | "month";
  /** Of one of the unit. */
  readonly price: Price;
  /** Names of the taxes, in the order of `price.taxes`. */
  readonly taxNames: readonly string[];
}

/** The net amount of an item with its taxes; energy fed in counts negative. */
export function amountOf({ price, quantity, kind }: RatedItem): bigint {
  const gross = price.gross * BigInt(quantity);
  return kind === "export" ? -gross : gross;
}
