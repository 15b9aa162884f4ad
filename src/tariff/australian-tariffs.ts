/**
 * Lists of Australian retail and network tariffs as UNSW's bill calculators write them: JSON with a
 * list `Tariffs`, whose `Parameters` hold daily charges, energy prices and demand charges. Times are
 * the local ones of the readings. Network tariffs come in parts (DUOS, TUOS …); NUOS is their sum.
 */
import { decimalText, parseDecimal, timesTenTo, type Decimal } from "../readings/decimal.js";
import type { Fields } from "./json-fields.js";
import type { BlocksComponent, Component, DemandComponent, Tariff, Window } from "./tariff.js";

/** Prices carry traces of binary floating point; what lies beyond these decimals is taken for one. */
const priceDecimals = 10;

const blockSpans = { BlockDaily: "day", BlockQuarterly: "quarter", BlockAnnual: "year" } as const;
const weekdayDays = ["mon", "tue", "wed", "thu", "fri"] as const;
const weekendDays = ["sat", "sun"] as const;

/** A tariff of a list, by its identifier; `tariff` throws where it cannot be used, and says why. */
export interface ListedTariff {
  readonly id: string;
  readonly name: string;
  tariff(): Tariff;
}

export function isAustralianList(document: unknown): boolean {
  const first: unknown = Array.isArray(document) ? document[0] : undefined;
  return typeof first === "object" && first !== null && "Tariffs" in first;
}

/**
 * Every tariff of a list; of a network tariff the sum NUOS under its identifier, and each part under
 * `identifier/part`.
 *
 * @throws tariff/bad-tariff where the list itself is broken
 */
export function australianTariffs(fields: Fields): ListedTariff[] {
  return fields.list().flatMap((list) =>
    list
      .get("Tariffs")
      .list()
      .flatMap((entry) => {
        const id = entry.get("Tariff ID").text(/\S/);
        const name = entry.get("Name").text(/\S/);
        const parameters = entry.get("Parameters");
        const parts = Object.keys(parameters.object()).filter((key) => /^[A-Z]*UOS$/.test(key));
        if (parts.length === 0)
          return [{ id, name, tariff: () => build(parameters, `${id} ${name}`) }];
        return [...parts.filter((p) => p === "NUOS"), ...parts].map((part, i) => ({
          id: i === 0 && part === "NUOS" ? id : `${id}/${part}`,
          name: `${name}, ${part}`,
          tariff: () => build(parameters.get(part), `${id} ${name}, ${part}`),
        }));
      }),
  );
}

function build(parameters: Fields, name: string): Tariff {
  const components: Component[] = [];
  for (const key of Object.keys(parameters.object())) {
    const fields = parameters.get(key);
    switch (key) {
      case "Daily":
        components.push({
          kind: "standing",
          name: "Daily charge",
          taxed: true,
          per: "day",
          price: price(fields, "$/day"),
        });
        break;
      case "FlatRate":
        components.push({ kind: "flat", ...energy("Energy"), price: price(fields, "$/kWh") });
        break;
      case "FiT":
        components.push({ kind: "flat", ...feedIn, price: price(fields, "$/kWh") });
        break;
      case "TOU":
        components.push({ kind: "time-of-use", ...energy("Energy"), bands: bands(fields) });
        break;
      case "FiT_TOU":
        components.push({ kind: "time-of-use", ...feedIn, bands: bands(fields) });
        break;
      case "BlockDaily":
      case "BlockQuarterly":
      case "BlockAnnual":
        components.push(blocks(fields, blockSpans[key]));
        break;
      case "Demand":
        components.push(...demands(fields));
        break;
      default:
        throw fields.refuse("this kind of charge is not known");
    }
  }
  if (components.length === 0) throw parameters.refuse("no charge is named");
  return {
    format: "sipster/tariff@1",
    name,
    currency: "AUD",
    minorDigits: 2,
    versions: [{ components, taxes: [], holidays: [] }],
  };
}

const energy = (name: string): { name: string; taxed: boolean; direction: "import" } => ({
  name,
  taxed: true,
  direction: "import",
});
const feedIn = { name: "Feed-in", taxed: false, direction: "export" } as const;

function price(fields: Fields, unit: string): string {
  fields.get("Unit").oneOf([unit]);
  return decimalText(rounded(parseDecimal(fields.get("Value").decimal())!));
}

function rounded({ digits, scale }: Decimal): Decimal {
  if (scale <= priceDecimals) return { digits, scale };
  const unit = 10n ** BigInt(scale - priceDecimals);
  const half = digits < 0n ? -unit / 2n : unit / 2n;
  return timesTenTo({ digits: (digits + half) / unit, scale: priceDecimals }, 0);
}

/** Bands that overlap must agree on the price: the file has no order among them. */
function bands(fields: Fields): { name: string; price: string; windows: Window[] }[] {
  const all = Object.keys(fields.object()).map((key) => {
    const band = fields.get(key);
    return { name: key.trim(), price: price(band, "$/kWh"), windows: windows(band) };
  });
  if (all.length === 0) throw fields.refuse("no band is named");
  const clash = conflict(all);
  if (clash !== undefined) throw fields.refuse(`there are two prices for ${clash}`);
  return all;
}

function windows(band: Fields): Window[] {
  const months = band.get("Month");
  const weekday = band.get("Weekday").boolean(true);
  const weekend = band.get("Weekend").boolean(true);
  if (!weekday && !weekend) throw band.refuse("it holds neither on weekdays nor at weekends");
  const days = weekday && weekend ? {} : { days: weekday ? [...weekdayDays] : [...weekendDays] };
  const some = months.absent
    ? {}
    : { months: [...new Set(months.list().map((m) => m.integer(1, 12)))].sort((a, b) => a - b) };
  const times = band.get("TimeIntervals");
  const intervals = times.absent
    ? [["00:00", "24:00"]]
    : Object.keys(times.object()).map((key) => {
        const ends = times.get(key).list();
        if (ends.length !== 2) throw times.get(key).refuse("a beginning and an end are needed");
        return ends.map((end) => clockTime(end));
      });
  return intervals.map(([from, to]) => ({ ...some, ...days, from: from!, to: to! }));
}

/** `7:00`, `00: 00`, `24:00`. */
function clockTime(fields: Fields): string {
  const text = fields.text().replaceAll(" ", "").padStart(5, "0");
  if (!/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(text))
    throw fields.refuse("a time HH:MM is needed");
  return text;
}

/** A time for which two bands have different prices. */
function conflict(
  all: readonly { price: string; windows: readonly Window[] }[],
): string | undefined {
  const week = [...weekdayDays, ...weekendDays];
  for (let month = 1; month <= 12; month++) {
    for (const day of week) {
      const prices = new Array<string | undefined>(1440);
      for (const band of all) {
        for (const { months, days, from, to } of band.windows) {
          if (months?.includes(month) === false || days?.includes(day) === false) continue;
          for (const minute of minutes(from, to)) {
            const before = (prices[minute] ??= band.price);
            if (before === band.price) continue;
            const two = (n: number): string => String(n).padStart(2, "0");
            return `${day} of month ${month} at ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
          }
        }
      }
    }
  }
  return undefined;
}

/** The quarter-hours from one time to another, past midnight if need be. */
function* minutes(from: string, to: string): Generator<number> {
  const [start, end] = [from, to].map((t) => Number(t.slice(0, 2)) * 60 + Number(t.slice(3)));
  const length = end! > start! ? end! - start! : 1440 - start! + end!;
  for (let m = 0; m < length; m += 15) yield (start! + m) % 1440;
}

function blocks(fields: Fields, per: BlocksComponent["per"]): BlocksComponent {
  const all = Object.keys(fields.object()).map((key, i, keys) => {
    const block = fields.get(key);
    const bound = block.get("HighBound");
    const last = i === keys.length - 1;
    if ((bound.value === "Infinity") !== last) {
      throw bound.refuse("every block but the last needs an upper limit, and the last has none");
    }
    return {
      name: key.replaceAll("-", " "),
      price: price(block, "$/kWh"),
      ...(last ? {} : { upTo: wholeWattHours(bound) }),
    };
  });
  return { kind: "blocks", ...energy("Energy"), per, blocks: all };
}

/** A limit in kWh; what is finer than a watt-hour is dropped. */
function wholeWattHours(fields: Fields): string {
  const { digits, scale } = parseDecimal(fields.decimal())!;
  if (scale <= 3) return decimalText({ digits, scale });
  return decimalText(timesTenTo({ digits: digits / 10n ** BigInt(scale - 3), scale: 3 }, 0));
}

function demands(fields: Fields): DemandComponent[] {
  const grouped = new Map<string, DemandComponent>();
  for (const key of Object.keys(fields.object())) {
    const demand = fields.get(key);
    if (demand.get("Based on Network Peak").boolean(false)) {
      throw demand.refuse(
        "it depends on the peak of the network, which readings of a home do not tell",
      );
    }
    if (Number(demand.get("Min Demand Charge ($)").decimal()) !== 0) {
      throw demand.refuse("a minimum charge is not known");
    }
    const unit = demand.get("Unit").oneOf(["$/kW/Month", "$/kW/Day"]);
    const component: DemandComponent = {
      kind: "demand",
      name: `Demand, ${key.trim()}`,
      taxed: true,
      price: price(demand, unit),
      per: unit === "$/kW/Day" ? "day" : "month",
      windows: windows(demand),
      basis: demand.get("Day Average").boolean(false) ? "day" : "step",
      // The length is in half-hours.
      stepMinutes: 30 * demand.get("Demand Window Length").integer(1, 48),
      peaks: demand.get("Number of Peaks").integer(1, 31),
      minimum: demand.get("Min Demand (kW)").decimal(),
    };
    const group = demand.get("Group");
    if (group.absent) {
      grouped.set(`one ${key}`, component);
      continue;
    }
    // Members of a group are windows of one charge.
    const name = `group ${group.decimal()}`;
    const before = grouped.get(name);
    if (before === undefined) {
      grouped.set(name, component);
    } else if (before.price !== component.price || before.per !== component.per) {
      throw demand.refuse("the members of a group have different prices");
    } else {
      grouped.set(name, { ...before, windows: [...before.windows, ...component.windows] });
    }
  }
  return [...grouped.values()];
}
