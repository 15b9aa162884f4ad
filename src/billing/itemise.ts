/** Rated items to the lines of a bill: one for each price of each band of each component. */
import { decimalText, timesTenTo } from "../readings/decimal.js";
import { exact, exactText, type ExactMoney } from "../readings/index.js";
import type { RatedItem } from "../tariff/index.js";

/** All amounts and prices are exact decimals of the major unit, all quantities exact decimals. */
export interface BillLine {
  readonly kind: RatedItem["kind"];
  readonly component: string;
  /** Empty where the component has no bands. */
  readonly band: string;
  readonly quantity: string;
  readonly unit: "kWh" | "kW" | "kW·day" | "day" | "month";
  /** For one of the unit; where it changes within the line, the lowest and the highest. */
  readonly price: string;
  /** Without taxes; negative for what is paid for energy fed in. */
  readonly net: string;
}

export interface TaxLine {
  /** Name and rate: `GST 10%`. */
  readonly name: string;
  readonly amount: string;
}

export interface Itemised {
  readonly lines: readonly BillLine[];
  readonly taxes: readonly TaxLine[];
  readonly net: ExactMoney;
  readonly gross: ExactMoney;
}

/** A band with more prices than this is one line, with its lowest and highest price. */
const mostPrices = 12;

const units = {
  Wh: ["kWh", 3],
  W: ["kW", 3],
  "W·day": ["kW·day", 3],
  day: ["day", 0],
  month: ["month", 0],
} as const;

/** Items of one component, band and price. */
interface Group {
  readonly first: RatedItem;
  quantity: bigint;
  net: bigint;
}

export function itemise(items: Iterable<RatedItem>, minorDigits: number): Itemised {
  const bands = new Map<string, Map<string, Group>>();
  const taxes = new Map<string, bigint>();
  let net = 0n;
  let gross = 0n;
  for (const item of items) {
    const sign = item.kind === "export" ? -1n : 1n;
    const quantity = BigInt(item.quantity);
    const amount = sign * item.price.net * quantity;
    net += amount;
    gross += sign * item.price.gross * quantity;
    item.taxNames.forEach((name, i) => {
      const tax = sign * item.price.taxes[i]! * quantity;
      taxes.set(name, (taxes.get(name) ?? 0n) + tax);
    });
    // Parts without energy have a price and no cost: they make no line of their own.
    if (item.quantity === 0 && item.kind !== "demand") continue;
    const key = JSON.stringify([item.kind, item.component, item.band]);
    let prices = bands.get(key);
    if (prices === undefined) bands.set(key, (prices = new Map<string, Group>()));
    const group = prices.get(item.price.text);
    if (group === undefined) prices.set(item.price.text, { first: item, quantity, net: amount });
    else {
      group.quantity += quantity;
      group.net += amount;
    }
  }
  const lines = [...bands.values()].flatMap((prices) => {
    const groups = [...prices.values()];
    return groups.length <= mostPrices
      ? groups.map((g) => line([g], minorDigits))
      : [line(groups, minorDigits)];
  });
  return {
    lines: lines.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)),
    taxes: [...taxes].map(([name, amount]) => ({
      name,
      amount: exactText(exact(amount), minorDigits),
    })),
    net: exact(net),
    gross: exact(gross),
  };
}

const order: readonly RatedItem["kind"][] = ["import", "demand", "standing", "export"];

function line(groups: readonly Group[], minorDigits: number): BillLine {
  const { kind, component, band, unit: base } = groups[0]!.first;
  const [unit, scale] = units[base];
  const sorted = [...groups].sort((a, b) => (a.first.price.net < b.first.price.net ? -1 : 1));
  const [lowest, highest] = [sorted[0]!.first.price.text, sorted.at(-1)!.first.price.text];
  const quantity = groups.reduce((sum, g) => sum + g.quantity, 0n);
  return {
    kind,
    component,
    band,
    quantity: decimalText(timesTenTo({ digits: quantity, scale }, 0)),
    unit,
    price: lowest === highest ? lowest : `${lowest} to ${highest}`,
    net: exactText(exact(groups.reduce((sum, g) => sum + g.net, 0n)), minorDigits),
  };
}
