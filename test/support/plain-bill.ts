/**
 * A second, slow and plain way to compute a month's bill under the Australian tariffs, straight from
 * their files: half-hour by half-hour of local time, in fractions of 10^-18 dollars. It exists to be
 * compared with, and shares nothing with the room.
 */
type Json = Record<string, unknown>;

export interface HalfHour {
  /** Local time, as UTC milliseconds. */
  readonly at: number;
  readonly wattHours: number;
}

const scale = 18;

/** A decimal as it is written in the file, times 10^18, rounded to 10 decimals first. */
function money(text: string): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  const digits = BigInt(whole + fraction.padEnd(11, "0").slice(0, 11));
  return ((digits + 5n) / 10n) * 10n ** BigInt(scale - 10);
}

/** Parses JSON and keeps numbers as their text; a bare Infinity becomes the text. */
export function rawJson(text: string): unknown {
  const json = text.replaceAll(/: Infinity\b/g, ': "Infinity"');
  return JSON.parse(json, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? context!.source : value,
  );
}

function applies(band: Json, at: number): boolean {
  const date = new Date(at);
  const months = band.Month as string[] | undefined;
  if (months !== undefined && !months.includes(String(date.getUTCMonth() + 1))) return false;
  const weekend = [0, 6].includes(date.getUTCDay());
  if ((weekend ? band.Weekend : band.Weekday) === false) return false;
  const times = band.TimeIntervals as Record<string, [string, string]> | undefined;
  if (times === undefined) return true;
  const now = date.getUTCHours() * 60 + date.getUTCMinutes();
  return Object.values(times).some((ends) => {
    const [from, to] = ends.map((e) => {
      const [h, m] = e.replaceAll(" ", "").split(":").map(Number);
      return h! * 60 + m!;
    });
    return from! < to! ? now >= from! && now < to! : now >= from! || now < to!;
  });
}

const value = (charge: unknown): bigint => money((charge as Json).Value as string);

function blockCost(blocks: Json, used: bigint, now: bigint): bigint {
  let cost = 0n;
  let low = 0n;
  for (const block of Object.values(blocks) as Json[]) {
    const bound = block.HighBound as string;
    // Bounds in watt-hours, what is finer dropped.
    const high = bound === "Infinity" ? 10n ** 15n : money(bound) / 10n ** BigInt(scale - 3);
    const from = used > low ? used : low;
    const to = used + now < high ? used + now : high;
    if (to > from) cost += (to - from) * value(block);
    low = high;
  }
  return cost / 1000n;
}

function demandCost(demands: Json, month: readonly HalfHour[], days: number): bigint {
  let cost = 0n;
  const groups = new Map<string, Json[]>();
  for (const [name, demand] of Object.entries(demands) as [string, Json][]) {
    const group = demand.Group === undefined ? name : `group ${demand.Group as string}`;
    groups.set(group, [...(groups.get(group) ?? []), demand]);
  }
  for (const members of groups.values()) {
    const demand = members[0]!;
    const inside = month.filter((h) => members.some((m) => applies(m, h.at)));
    if (inside.length === 0) continue;
    let powers = inside.map((h) => h.wattHours * 2);
    if (demand["Day Average"] === true) {
      const byDay = new Map<number, number[]>();
      for (const h of inside) {
        const day = Math.floor(h.at / 86_400_000);
        byDay.set(day, [...(byDay.get(day) ?? []), h.wattHours]);
      }
      powers = [...byDay.values()].map((d) =>
        Math.floor((d.reduce((a, b) => a + b) * 2) / d.length),
      );
    }
    powers.sort((a, b) => b - a);
    const best = powers.slice(0, Number(demand["Number of Peaks"]));
    const mean = Math.floor(best.reduce((a, b) => a + b) / best.length);
    const watts = Math.max(mean, Number(demand["Min Demand (kW)"]) * 1000);
    const each = value(demand) * BigInt(watts);
    cost += (demand.Unit === "$/kW/Day" ? each * BigInt(days) : each) / 1000n;
  }
  return cost;
}

/**
 * The cost of one month in 10^-18 dollars.
 *
 * @param all half-hours from the beginning of the year to the end of the month, without gaps
 */
export function plainBill(parameters: Json, all: readonly HalfHour[], monthStart: number): bigint {
  const month = all.filter((h) => h.at >= monthStart);
  const days = month.length / 48;
  let cost = 0n;
  for (const [kind, charge] of Object.entries(parameters) as [string, Json][]) {
    const used = new Map<number, bigint>();
    if (kind === "Daily") cost += value(charge) * BigInt(days);
    else if (kind === "FlatRate") {
      for (const h of month) cost += (value(charge) * BigInt(h.wattHours)) / 1000n;
    } else if (kind === "TOU") {
      for (const h of month) {
        const band = (Object.values(charge) as Json[]).find((b) => applies(b, h.at));
        cost += (value(band) * BigInt(h.wattHours)) / 1000n;
      }
    } else if (kind.startsWith("Block")) {
      for (const h of all) {
        const date = new Date(h.at);
        const quarter = date.getUTCMonth() - (date.getUTCMonth() % 3);
        const begin = {
          BlockDaily: Math.floor(h.at / 86_400_000),
          BlockQuarterly: quarter,
          BlockAnnual: 0,
        }[kind]!;
        const before = used.get(begin) ?? 0n;
        if (h.at >= monthStart) cost += blockCost(charge, before, BigInt(h.wattHours));
        used.set(begin, before + BigInt(h.wattHours));
      }
    } else if (kind === "Demand") cost += demandCost(charge, month, days);
    else if (!kind.startsWith("FiT")) throw new Error(`unknown ${kind}`);
  }
  return cost;
}
