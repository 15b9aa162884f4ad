/** A bill as a PDF of A4 pages. The same bill gives the same bytes. */
import { detailRows } from "./bill-details.js";
import { estimatedSpans, fedInGaps } from "./estimated-days.js";
import type { ItemisedBill } from "./itemised-bill.js";
import { fontsFor, type Face } from "./pdf-fonts.js";
import { grey, page, Sheet } from "./pdf-sheet.js";

/**
 * Renders the bill. The library is loaded when the first bill is made.
 *
 * @param fonts open fonts for letters that the built-in ones lack
 * @throws billing/no-font
 */
export async function billPdf(
  bill: ItemisedBill,
  { fonts = [] }: { readonly fonts?: readonly Uint8Array[] } = {},
): Promise<Uint8Array> {
  const { PDFDocument, rgb } = await import("@cantoo/pdf-lib");
  const document = await PDFDocument.create();
  const date = new Date(bill.to);
  document.setTitle(`Bill ${bill.home} ${bill.period}`);
  document.setProducer("Sipster");
  document.setCreator("Sipster");
  document.setCreationDate(date);
  document.setModificationDate(date);
  document.setLanguage("en");
  const sheet = new Sheet(
    () => document.addPage([page.width, page.height]),
    await fontsFor(document, textsOf(bill), fonts),
    (shade) => rgb(shade, shade, shade),
  );
  write(sheet, bill);
  sheet.number();
  return document.save({ useObjectStreams: false });
}

/** Every text of the bill. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

const columns = { quantity: 330, unit: 336, price: 450, amount: page.right };

function write(sheet: Sheet, bill: ItemisedBill): void {
  sheet.text("Bill", page.left, { face: "bold", size: 22 });
  sheet.text(bill.dueMoney, page.right, {
    face: "bold",
    size: 16,
    right: true,
  });
  sheet.down(15);
  sheet.text(`${bill.commodity}, ${monthName(bill.period)}`, page.left, { shade: grey, size: 11 });
  sheet.text("due", page.right, { shade: grey, size: 11, right: true });
  sheet.down(26);
  for (const [name, value] of [
    ["Supply", bill.home],
    ["From", bill.from.replace("T", " ")],
    ["To", bill.to.replace("T", " ")],
    ["Time zone", bill.timeZone],
    ["Tariff", bill.tariff.name],
    ["Tariff signed by", signedBy(bill)],
    ["Readings", counts(bill)],
    ...detailRows(bill.details),
  ] as const) {
    sheet.text(name, page.left, { shade: grey });
    sheet.text(short(value, 80), 170);
    sheet.down(13.5);
  }
  estimates(sheet, bill);
  sheet.down(14);
  chart(sheet, bill);
  lines(sheet, bill);
  totals(sheet, bill);
  sheet.down(16, 80);
  sheet.text("How to verify", page.left, { face: "bold", size: 11 });
  sheet.down(16);
  bill.verify.forEach((step, i) => {
    sheet.paragraph(`${i + 1}. ${step}`, page.right - page.left);
  });
  if (bill.command !== null) {
    sheet.down(4);
    sheet.paragraph(bill.command, page.right - page.left);
  }
  sheet.down(6, 40);
  sheet.text("Tariff hash", page.left, { shade: grey, size: 8 });
  sheet.text(bill.tariff.hash, 120, { face: "mono", size: 8 });
  sheet.down(12);
  sheet.text("Readings hash", page.left, { shade: grey, size: 8 });
  sheet.text(bill.readings.hash, 120, { face: "mono", size: 8 });
}

/** Days that were not read, and why. */
function estimates(sheet: Sheet, { readings }: ItemisedBill): void {
  const spans = estimatedSpans(readings.estimatedDays);
  const fedIn = fedInGaps(readings.exported);
  if (spans.length + readings.missing.length + fedIn.length === 0) return;
  sheet.down(4);
  sheet.text("Not read", page.left, { face: "bold" });
  sheet.down(13.5);
  for (const { days, intervals, why } of spans) {
    sheet.paragraph(`${days}, ${intervals} intervals estimated: ${why}`, page.right - page.left);
  }
  for (const { from, to } of readings.missing) {
    sheet.paragraph(`${from} to ${to}: no reading and no estimate`, page.right - page.left);
  }
  for (const text of fedIn) sheet.paragraph(text, page.right - page.left);
}

function signedBy({ tariff }: ItemisedBill): string {
  return tariff.signed === null
    ? "nobody: the file has no signature"
    : `${tariff.signed.signer}, number ${tariff.signed.sequence}`;
}

const chartHeight = 56;

/** Energy drawn day by day. */
function chart(sheet: Sheet, { days }: ItemisedBill): void {
  const energies = days.map((d) => Number(d.energy));
  const highest = Math.max(0, ...energies);
  if (days.length < 2 || highest === 0) return;
  const most = days.find((d) => Number(d.energy) === highest)!;
  sheet.text("Energy drawn each day", page.left, { shade: grey, size: 8 });
  const peak = `most on ${most.date}: ${most.energy} kWh`;
  sheet.text(peak, page.right, { shade: grey, size: 8, right: true });
  sheet.down(chartHeight + 8, 60);
  const first = Date.parse(days[0]!.date);
  const day = (date: string): number => Math.round((Date.parse(date) - first) / 86_400_000);
  const step = (page.right - page.left) / (day(days.at(-1)!.date) + 1);
  days.forEach(({ date }, i) => {
    const height = Math.max(0.5, (energies[i]! / highest) * chartHeight);
    sheet.bar(page.left + day(date) * step, step * 0.78, height);
  });
  sheet.down(26);
}

const months = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];

function monthName(period: string): string {
  const [year, month] = period.split("-");
  return `${months[Number(month) - 1]!} ${year!}`;
}

function lines(sheet: Sheet, bill: ItemisedBill): void {
  const head = { shade: grey, size: 8 };
  sheet.text("Item", page.left, head);
  sheet.text("Quantity", columns.quantity, { ...head, right: true });
  sheet.text(`Price in ${bill.currency}`, columns.price, { ...head, right: true });
  sheet.text(`Amount in ${bill.currency}`, columns.amount, { ...head, right: true });
  sheet.down(14);
  sheet.rule();
  for (const line of bill.lines) {
    sheet.text(
      short(line.band === "" ? line.component : `${line.component}, ${line.band}`, 44),
      page.left,
    );
    sheet.text(line.quantity, columns.quantity, { right: true });
    sheet.text(line.unit, columns.unit, { shade: grey, size: 8 });
    sheet.text(line.price, columns.price, { right: true });
    sheet.text(line.net, columns.amount, { right: true });
    sheet.down(14);
  }
  for (const { name, amount } of bill.taxes) amountRow({ sheet, name, amount });
}

function totals(sheet: Sheet, bill: ItemisedBill): void {
  sheet.down(2);
  sheet.rule();
  amountRow({ sheet, name: `Total of ${bill.period}`, amount: bill.gross });
  for (const { period, billedEnergy, energy, amount } of bill.corrections) {
    amountRow({
      sheet,
      name: `Correction of ${period}: ${energy} kWh in place of ${billedEnergy} kWh`,
      amount,
    });
  }
  amountRow({ sheet, name: "Carried over from the bill before", amount: bill.carriedIn });
  amountRow({ sheet, name: "Total", amount: bill.total, face: "bold" });
  amountRow({ sheet, name: "Due", amount: bill.dueMoney, face: "bold" });
  amountRow({ sheet, name: "Carried over to the next bill", amount: bill.carriedOut });
}

function amountRow({
  sheet,
  name,
  amount,
  face = "plain",
}: {
  readonly sheet: Sheet;
  readonly name: string;
  readonly amount: string;
  readonly face?: Face;
}): void {
  sheet.text(name, page.left, { face });
  sheet.text(amount, columns.amount, { face, right: true });
  sheet.down(14);
}

function counts({ readings }: ItemisedBill): string {
  const parts = (["actual", "estimated", "substituted"] as const).flatMap((quality) => {
    const { intervals, energy } = readings[quality];
    return intervals === 0 ? [] : [`${intervals} ${quality} (${energy} kWh)`];
  });
  if (readings.exported.intervals > 0) parts.push(`fed in: ${readings.exported.energy} kWh`);
  const gaps = readings.missing.length;
  if (gaps > 0)
    parts.push(gaps === 1 ? "one gap without a reading" : `${gaps} gaps without a reading`);
  return parts.length === 0 ? "none" : parts.join(", ");
}

function short(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
