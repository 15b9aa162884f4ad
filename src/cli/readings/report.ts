/** What files of readings contain, and bills, for people and for programs. */
import {
  detailRows,
  estimatedSpans,
  fedInGaps,
  kilowattHours,
  type ItemisedBill,
} from "../../billing/index.js";
import {
  instantText,
  Zone,
  type Home,
  type IntervalSeries,
  type ReadingSet,
} from "../../readings/index.js";
import { drawDay } from "../aggregate/chart.js";
import type { Io } from "../io.js";
import { table, type Column } from "../table.js";
import type { Billed } from "./bills.js";

const right = (head: string): Column => ({ head, align: "right" });

/** More oddities than this are counted, not listed. */
const mostOddities = 20;

/** The document `sipster/readings@1`, without its bills. */
export function contentDocument(set: ReadingSet): object {
  const zone = Zone.of(set.timeZone);
  const text = (instant: number | undefined): string | null =>
    instant === undefined ? null : instantText(instant, zone);
  return {
    format: "sipster/readings@1",
    fileFormat: set.format,
    timeZone: set.timeZone,
    homes: set.homes.map((home) => ({
      id: home.id,
      commodity: home.commodity,
      from: text(home.intervals.from),
      to: text(home.intervals.to),
      intervals: home.intervals.length,
      intervalSeconds: lengths(home.intervals),
      wh: home.intervals.wattHours.toString(),
      exportedWh: home.exported.wattHours.toString(),
      quality: qualityCounts(home.intervals),
      gaps: home.gaps.map((g) => ({ from: text(g.from), to: text(g.to) })),
    })),
    understood: set.understood ?? [],
    oddities: set.oddities.map(({ from, to, ...oddity }) => ({
      ...oddity,
      ...(from === undefined ? {} : { from: text(from) }),
      ...(to === undefined ? {} : { to: text(to) }),
    })),
  };
}

/** The same for people: homes, what is odd, and the load of a mean day. */
export function contentText(
  set: ReadingSet,
  { width, tableWidth }: Pick<Io, "width" | "tableWidth">,
): string {
  const unplaced = set.homes.some((h) => h.zoneUnknown === true);
  const times = unplaced ? "local times of no known zone" : `times in ${set.timeZone}`;
  const parts = [`${set.format}, ${times}`, homesTable(set, tableWidth)];
  for (const { file, format, mapping, rows } of set.understood ?? []) {
    const answers = Object.entries(mapping).map(
      ([name, value]) =>
        `${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    );
    parts.push(
      [`${file} understood as ${format}: ${answers.join(", ")}`, ...rows.map((r) => `  ${r}`)].join(
        "\n",
      ),
    );
  }
  const shown = set.oddities.slice(0, mostOddities);
  if (shown.length > 0) {
    const more = set.oddities.length - shown.length;
    parts.push(
      [
        "What is odd:",
        ...shown.map((o) => {
          const where = [o.home, o.line === undefined ? o.file : `${o.file ?? ""} line ${o.line}`];
          const place = where.filter((w) => w !== undefined).join(", ");
          return `  ${place === "" ? "" : `${place}: `}${o.message}`;
        }),
        ...(more > 0 ? [`  and ${more} more`] : []),
      ].join("\n"),
    );
  }
  const means = meanDay(set.homes);
  if (means.length > 1) parts.push(`Mean load over the day, W\n${drawDay(means, width)}`);
  return parts.join("\n\n");
}

/** One table, or two below each other where the terminal is too narrow for one. */
function homesTable(set: ReadingSet, width?: number): string {
  const zone = Zone.of(set.timeZone);
  const day = (instant: number | undefined): string =>
    instant === undefined ? "" : instantText(instant, zone).slice(0, 16).replace("T", " ");
  const fedIn = set.homes.some((h) => h.exported.length > 0);
  const home: Column = { head: "home" };
  const spans = [{ head: "supply" }, { head: "from" }, { head: "to" }];
  const amounts = [
    right("readings"),
    { head: "every" },
    right("kWh"),
    ...(fedIn ? [right("fed in kWh")] : []),
    right("estimated"),
    right("gaps"),
  ];
  const spanOf = ({ commodity, intervals, exported }: Home): string[] => [
    commodity,
    day(intervals.from ?? exported.from),
    day(intervals.to ?? exported.to),
  ];
  const amountsOf = ({ intervals, exported, gaps }: Home): string[] => [
    intervals.length.toLocaleString("en"),
    lengths(intervals).slice(0, 3).map(minutes).join(", "),
    kilowattHours(intervals.wattHours),
    ...(fedIn ? [kilowattHours(exported.wattHours)] : []),
    String(intervals.length - qualityCounts(intervals).actual),
    String(gaps.length),
  ];
  const whole = table(
    [home, ...spans, ...amounts],
    set.homes.map((h) => [h.id, ...spanOf(h), ...amountsOf(h)]),
  );
  if (width === undefined || whole.split("\n").every((line) => line.length <= width)) return whole;
  const two = [
    table(
      [home, ...spans],
      set.homes.map((h) => [h.id, ...spanOf(h)]),
      width,
    ),
    table(
      [home, ...amounts],
      set.homes.map((h) => [h.id, ...amountsOf(h)]),
      width,
    ),
  ];
  return two.join("\n\n");
}

function minutes(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** Lengths of intervals in seconds, the most frequent first. */
function lengths(series: IntervalSeries): number[] {
  const counts = new Map<number, number>();
  for (const { seconds } of series) counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([seconds]) => seconds);
}

function qualityCounts(series: IntervalSeries): Record<string, number> & { actual: number } {
  const counts = { actual: 0, estimated: 0, substituted: 0 };
  for (const { quality } of series) counts[quality] += 1;
  return counts;
}

/** Mean power at each half-hour of local time, over all homes and days; long intervals say nothing. */
function meanDay(homes: readonly Home[]): { time: string; wattHours: number }[] {
  const slots = Array.from({ length: 48 }, () => ({ wattHours: 0, seconds: 0 }));
  for (const { intervals, timeZone } of homes) {
    const zone = Zone.of(timeZone);
    for (const { start, seconds, wattHours } of intervals) {
      if (seconds > 3600) continue;
      const civil = zone.civil(start);
      const minute = (((civil % 86_400_000) + 86_400_000) % 86_400_000) / 60_000;
      const slot = slots[Math.floor(minute / 30)]!;
      slot.wattHours += wattHours;
      slot.seconds += seconds;
    }
  }
  return slots.flatMap(({ wattHours, seconds }, i) => {
    const time = `${String(Math.floor(i / 2)).padStart(2, "0")}:${i % 2 === 0 ? "00" : "30"}`;
    return seconds === 0 ? [] : [{ time, wattHours: (wattHours * 3600) / seconds }];
  });
}

/** The bills: one home line by line, several as a list. */
export function billsText(billed: readonly Billed[], tableWidth?: number): string {
  const { bill } = billed[0]!;
  const { currency, period, tariff } = bill;
  const head = `\nBills for ${period} with "${tariff.name}", hash ${tariff.hash.slice(0, 10)}`;
  if (billed.length === 1) return `${head}\n\n${oneBill(billed[0]!, tableWidth)}`;
  const rows = billed.map((b) => [
    b.home.id,
    quantity(b),
    String(b.bill.readings.estimated.intervals),
    b.bill.total,
    b.bill.dueMoney,
  ]);
  const columns = [
    { head: "home" },
    right("kWh"),
    right("estimated"),
    right(`total, ${currency}`),
    right("due"),
  ];
  const notRead = billed.flatMap((b) =>
    notReadLines(b.bill).map((line) => `${b.home.id}: ${line}`),
  );
  const about = ["", `Tariff signed by: ${signedBy(bill)}`, ...notRead].join("\n");
  return `${head}\n\n${table(columns, rows, tableWidth)}\n${about}`;
}

function quantity({ bill }: Billed): string {
  const { actual, estimated, substituted } = bill.readings;
  const sum = [actual, estimated, substituted]
    .map((count) => {
      const [whole = "0", fraction = ""] = count.energy.split(".");
      return BigInt(whole + fraction.padEnd(3, "0"));
    })
    .reduce((a, b) => a + b);
  return kilowattHours(sum);
}

function oneBill({ bill }: Billed, tableWidth?: number): string {
  const row = (name: string, amount: string): string[] => [name, "", "", "", amount];
  const rows = [
    ...bill.lines.map((l) => [
      l.band === "" ? l.component : `${l.component}, ${l.band}`,
      ...[l.quantity, l.unit, l.price, rounded(l.net, bill)],
    ]),
    ...bill.taxes.map((t) => row(t.name, rounded(t.amount, bill))),
    ...bill.corrections.map((c) => row(`Correction of ${c.period}`, rounded(c.amount, bill))),
    row("Carried in", bill.carriedIn),
    row("Total", bill.total),
    row("Due", bill.dueMoney),
    row("Carried out", bill.carriedOut),
  ];
  const columns = [
    { head: bill.home },
    right("quantity"),
    { head: "unit" },
    right("price"),
    right(bill.currency),
  ];
  return [table(columns, rows, tableWidth), ...aboutBill(bill)].join("\n");
}

/** What a bill says beside its lines: details, signature, estimated days, and how to make it again. */
function aboutBill(bill: ItemisedBill): string[] {
  return [
    "",
    ...detailRows(bill.details).map(([name, value]) => `${name}: ${value}`),
    `Time zone: ${bill.timeZone}`,
    `Tariff signed by: ${signedBy(bill)}`,
    ...notReadLines(bill),
    ...(bill.command === null ? [] : [`Made again by: ${bill.command}`]),
  ];
}

function signedBy({ tariff: { signed } }: ItemisedBill): string {
  return signed === null
    ? "nobody: the file has no signature"
    : `${signed.signer}, number ${signed.sequence}`;
}

/** Days that were estimated and why, and what is missing. */
function notReadLines({ readings }: ItemisedBill): string[] {
  const spans = estimatedSpans(readings.estimatedDays);
  return [
    ...spans.map((s) => `Estimated ${s.days}, ${s.intervals} intervals: ${s.why}`),
    ...readings.missing.map((m) => `Missing ${m.from} to ${m.to}: no reading and no estimate`),
    ...fedInGaps(readings.exported),
  ];
}

/** An exact amount to the minor unit, half away from zero: for people; JSON and CSV keep every decimal. */
function rounded(amount: string, { minorDigits }: ItemisedBill): string {
  const negative = amount.startsWith("-");
  const [whole = "0", fraction = ""] = amount.replace("-", "").split(".");
  const digits = BigInt(whole + fraction.padEnd(minorDigits + 1, "0").slice(0, minorDigits + 1));
  const text = ((digits + 5n) / 10n).toString().padStart(minorDigits + 1, "0");
  const sign = negative && /[1-9]/.test(text) ? "-" : "";
  if (minorDigits === 0) return sign + text;
  return `${sign}${text.slice(0, -minorDigits)}.${text.slice(-minorDigits)}`;
}
