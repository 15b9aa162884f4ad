/** A bill as CSV (RFC 4180): one row a line, amounts with a dot, for spreadsheets and programs. */
import { detailRows } from "./bill-details.js";
import { fedInGaps } from "./estimated-days.js";
import type { ItemisedBill } from "./itemised-bill.js";

const header = ["section", "item", "band", "quantity", "unit", "price", "amount", "currency"];

export function billCsv(bill: ItemisedBill): string {
  const { currency } = bill;
  const amount = (section: string, item: string, value: string): string[] => [
    ...[section, item, "", "", "", "", value, currency],
  ];
  const rows: string[][] = [
    header,
    ...bill.lines.map((l) => [
      ...["line", l.component, l.band, l.quantity, l.unit, l.price, l.net, currency],
    ]),
    ...bill.taxes.map((t) => amount("tax", t.name, t.amount)),
    amount("total of the period", bill.period, bill.gross),
    ...bill.corrections.map((c) => amount("correction", c.period, c.amount)),
    amount("carried in", "", bill.carriedIn),
    amount("total", "", bill.total),
    ["due", "", "", bill.due, "minor unit", "", bill.dueMoney.replace(/^\S+ /, ""), currency],
    amount("carried out", "", bill.carriedOut),
    ...bill.readings.estimatedDays.map((d) => [
      ...["estimated", d.date, d.why, d.energy, "kWh", "", "", ""],
    ]),
    ...bill.readings.missing.map((m) => ["missing", m.from, m.to]),
    ...fedInGaps(bill.readings.exported).map((text) => ["missing", text]),
    ...detailRows(bill.details).map(([name, value]) => [name.toLowerCase(), value]),
    ["home", bill.home],
    ["time zone", bill.timeZone],
    ["from", bill.from],
    ["to", bill.to],
    ["tariff", bill.tariff.name, bill.tariff.hash],
    ["tariff signed by", bill.tariff.signed?.signer ?? "nobody"],
    ["readings", "", bill.readings.hash],
    ...(bill.command === null ? [] : [["command", bill.command]]),
  ];
  const text = rows.map((row) =>
    [...row, ...new Array<string>(header.length - row.length).fill("")].map(field).join(","),
  );
  return `${text.join("\r\n")}\r\n`;
}

/** A text that a spreadsheet would take for a formula is set off with an apostrophe. */
function field(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
