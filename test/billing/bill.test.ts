import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { expect } from "chai";
import { parse } from "csv-parse/sync";
import {
  Account,
  billCsv,
  billPdf,
  kilowattHours,
  parseBillDetails,
  type ItemisedBill,
} from "../../src/billing/index.js";
import {
  exactText,
  exact,
  generateHomes,
  IntervalSeries,
  type Home,
} from "../../src/readings/index.js";
import {
  amountOf,
  itemsOfPeriod,
  readTariff,
  tariffHash,
  type Tariff,
} from "../../src/tariff/index.js";
import { refusal } from "../support/errors.js";

const everything = {
  format: "sipster/tariff@1",
  name: 'All "kinds", =of charge',
  currency: "AUD",
  components: [
    { kind: "standing", name: "Daily charge", price: "1.0721" },
    {
      kind: "time-of-use",
      name: "Energy",
      bands: [
        {
          name: "peak",
          price: "0.4297",
          windows: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "14:00", to: "20:00" }],
        },
        { name: "off peak", price: "0.0994" },
      ],
    },
    { kind: "demand", name: "Demand", price: "8.7527", windows: [{ from: "16:00", to: "21:00" }] },
    { kind: "flat", name: "Feed-in", direction: "export", price: "0.102" },
  ],
  taxes: [{ name: "GST", percent: "10" }],
};

let tariff: Tariff;
let home: Home;
let bill: ItemisedBill;

before(async () => {
  tariff = await readTariff({ name: "t.json", bytes: JSON.stringify(everything) });
  const [one, two] = generateHomes({ homes: 2, period: "2024-05", seed: 5 }).homes;
  home = { ...one!, exported: two!.intervals };
  bill = new Account().close({ supply: home, period: "2024-05", tariff });
});

/** Fractions of a major unit as an integer, for adding decimals exactly. */
function fixed(text: string): bigint {
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  const value = BigInt(whole + fraction.padEnd(20, "0"));
  return text.startsWith("-") ? -value : value;
}

describe("an itemised bill", () => {
  it("has a line for each component and band, and each is quantity times price", () => {
    expect(bill.lines.map((l) => [l.kind, l.component, l.band, l.unit])).to.deep.equal([
      ["import", "Energy", "off peak", "kWh"],
      ["import", "Energy", "peak", "kWh"],
      ["demand", "Demand", "", "kW"],
      ["standing", "Daily charge", "", "day"],
      ["export", "Feed-in", "", "kWh"],
    ]);
    for (const line of bill.lines) {
      const product = (fixed(line.quantity) * fixed(line.price)) / 10n ** 20n;
      expect(fixed(line.net), line.component).to.equal(line.kind === "export" ? -product : product);
    }
  });

  it("adds up: lines and taxes to the gross amount, to the total, to what is due and carried", () => {
    const net = bill.lines.reduce((sum, l) => sum + fixed(l.net), 0n);
    expect(fixed(bill.net)).to.equal(net);
    const taxes = bill.taxes.reduce((sum, t) => sum + fixed(t.amount), 0n);
    expect(fixed(bill.gross)).to.equal(net + taxes);
    const taxed = bill.lines
      .filter((l) => l.kind !== "export")
      .reduce((sum, l) => sum + fixed(l.net), 0n);
    expect(taxes * 10n).to.equal(taxed);
    expect(fixed(bill.total)).to.equal(fixed(bill.gross) + fixed(bill.carriedIn));
    expect(fixed(bill.total)).to.equal(BigInt(bill.due) * 10n ** 18n + fixed(bill.carriedOut));
    let items = 0n;
    for (const item of itemsOfPeriod({ supply: home, period: "2024-05", tariff }))
      items += amountOf(item);
    expect(bill.gross).to.equal(exactText(exact(items), 2));
  });

  it("says which readings it is of, day by day and as a whole", () => {
    expect(bill.readings.actual.intervals).to.equal(31 * 48);
    const days = bill.days.reduce((sum, d) => sum + fixed(d.energy), 0n);
    expect(days).to.equal(fixed(bill.readings.actual.energy));
    expect(bill.days.length).to.equal(31);
    const hash = (h: Home): string =>
      new Account().close({ supply: h, period: "2024-05", tariff }).readings.hash;
    expect(hash(home)).to.equal(bill.readings.hash);
    expect(hash({ ...home, exported: home.intervals })).not.to.equal(bill.readings.hash);
    expect(bill.tariff.hash).to.equal(tariffHash(tariff));
  });

  it("gathers a band of many prices in one line, with its lowest and highest", async () => {
    const prices = Array.from({ length: 31 * 48 }, (_, i) => {
      const at = new Date(Date.UTC(2024, 4, 1) + i * 1_800_000).toISOString().slice(0, 16);
      return `${at},${(i % 40) - 5}`;
    });
    const dynamic = await readTariff({
      name: "p.csv",
      bytes: `time,pence_per_kWh\n${prices.join("\n")}\n`,
    });
    const made = new Account().close({ supply: home, period: "2024-05", tariff: dynamic });
    expect(made.lines.length).to.equal(1);
    expect(made.lines[0]!.price).to.equal("-0.05 to 0.34");
    expect(fixed(made.lines[0]!.quantity)).to.equal(fixed(bill.readings.actual.energy));
  });
});

describe("a band with several prices", () => {
  /** Hours of one day, each with a price of its own for the first `prices` hours. */
  async function linesOf(prices: number): Promise<string[]> {
    const hour = (i: number): number => Date.UTC(2024, 4, 1) + i * 3_600_000;
    const rows = Array.from({ length: 31 * 24 }, (_, i) => {
      const price = i < prices ? i + 1 : prices;
      return `${new Date(hour(i)).toISOString().slice(0, 16)},${price}`;
    });
    const dynamic = await readTariff({
      name: "p.csv",
      bytes: `time,pence_per_kWh\n${rows.join("\n")}\n`,
    });
    const used = Array.from({ length: 24 }, (_, i) => ({
      ...{ start: hour(i), seconds: 3600, wattHours: 1000, quality: "actual" as const },
    }));
    const intervals = IntervalSeries.of("UTC", used);
    const exported = IntervalSeries.of("UTC", []);
    const made = new Account().close({
      supply: { ...home, intervals, exported },
      period: "2024-05",
      tariff: dynamic,
    });
    return made.lines.map((l) => l.price);
  }

  it("given twelve prices, then each has a line; given thirteen, then they share one", async () => {
    expect((await linesOf(12)).length).to.equal(12);
    expect(await linesOf(13)).to.deep.equal(["0.01 to 0.13"]);
  });
});

describe("a bill as CSV", () => {
  it("is read back by another reader, row for row", () => {
    const rows = parse(billCsv(bill), { columns: true, skip_empty_lines: true }) as Record<
      string,
      string
    >[];
    const lines = rows.filter((r) => r.section === "line");
    expect(lines.map((r) => [r.item, r.band, r.quantity, r.unit, r.price, r.amount])).to.deep.equal(
      bill.lines.map((l) => [l.component, l.band, l.quantity, l.unit, l.price, l.net]),
    );
    expect(rows.find((r) => r.section === "due")?.quantity).to.equal(bill.due);
    expect(rows.find((r) => r.section === "tariff")?.item).to.equal(tariff.name);
    expect(billCsv(bill).split("\r\n").length).to.equal(rows.length + 2);
  });

  it("gives spreadsheets no formulas", () => {
    const evil = { ...bill, home: '=HYPERLINK("x")' };
    expect(billCsv(evil)).to.include(`home,"'=HYPERLINK(""x"")"`);
    expect(billCsv({ ...bill, total: "-1.00" })).to.include("total,,,,,,-1.00");
  });
});

describe("a bill as PDF", () => {
  /** The texts that its pages show. */
  function texts(pdf: Uint8Array): string {
    const raw = Buffer.from(pdf).toString("latin1");
    let shown = "";
    for (const match of raw.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)) {
      try {
        const content = inflateSync(Buffer.from(match[1]!, "latin1")).toString("latin1");
        for (const [, hex] of content.matchAll(/<([0-9A-F]+)> Tj/g)) {
          shown += `${Buffer.from(hex!, "hex").toString("latin1")}\n`;
        }
      } catch {
        // A stream that is not deflated is not a page.
      }
    }
    return shown;
  }

  it("shows lines, periods, prices, hashes, totals and how to verify", async () => {
    const shown = texts(await billPdf(bill));
    expect(shown).to.include("May 2024").and.to.include(home.id);
    for (const line of bill.lines) {
      expect(shown).to.include(line.quantity).and.to.include(line.price).and.to.include(line.net);
    }
    expect(shown).to.include(bill.tariff.hash).and.to.include(bill.readings.hash);
    expect(shown)
      .to.include(bill.total)
      .and.to.include(bill.carriedOut)
      .and.to.include("How to verify");
    expect(shown).to.include(`AUD ${bill.due.slice(0, -2)}.${bill.due.slice(-2)}`);
    expect(shown).to.include("GST 10%");
  });

  it("is the same bytes for the same bill", async () => {
    const digest = async (): Promise<string> =>
      createHash("sha256")
        .update(await billPdf(bill))
        .digest("hex");
    expect(await digest()).to.equal(await digest());
  });

  it("goes on to further pages", async () => {
    const lines = Array.from({ length: 120 }, (_, i) => ({
      ...bill.lines[0]!,
      band: `band ${i} é`,
    }));
    const pdf = await billPdf({ ...bill, lines });
    const shown = texts(pdf);
    expect(shown).to.include("band 119 é").and.to.include("1 / 3").and.to.include("3 / 3");
  });
});

describe("what a bill says beside its amounts", () => {
  const details = {
    supplier: "Zakład Łódź",
    customer: "Ελένη Παπαδοπούλου",
    dueDate: "2024-06-14",
    complaints: "Ombudsman",
  };

  it("names the days that were not read, and why, in every output", () => {
    const kept = [...home.intervals].filter((i) => {
      const day = new Date(i.start).toISOString().slice(0, 10);
      return day !== "2024-05-09" && day !== "2024-05-10";
    });
    const estimated = kept.map((i) =>
      new Date(i.start).getUTCDate() === 20 ? { ...i, quality: "estimated" as const } : i,
    );
    const series = IntervalSeries.of("UTC", estimated);
    const partly = { ...home, intervals: series, gaps: series.gaps() };
    const made = new Account().close({ supply: partly, period: "2024-05", tariff });
    const days = made.readings.estimatedDays;
    expect(days.map((d) => d.date)).to.deep.equal(["2024-05-09", "2024-05-10", "2024-05-20"]);
    expect(days.map((d) => d.intervals)).to.deep.equal([48, 48, 48]);
    const marked = estimated.filter((i) => i.quality === "estimated");
    const sum = marked.reduce((wh, i) => wh + BigInt(i.wattHours), 0n);
    expect(days[2]!.energy).to.equal(kilowattHours(sum));
    expect(days[0]!.why).to.include("one to four weeks");
    expect(days[2]!.why).to.include("say that they are estimates");
    expect(billCsv(made)).to.include("estimated,2024-05-09").and.to.include("one to four weeks");
  });

  it("money is money: what is due in the major unit", () => {
    expect(bill.dueMoney).to.match(/^AUD \d+\.\d\d$/);
    expect(bill.dueMoney.replace(/\D/g, "").replace(/^0+/, "")).to.equal(bill.due);
  });

  it("says who signed the tariff, what was used a year before, and the details it is given", () => {
    expect(bill.tariff.signed).to.equal(null);
    const year = generateHomes({ homes: 1, period: ["2023-05", "2024-05"], seed: 5 }).homes[0]!;
    const signed = { signer: `0x${"11".repeat(20)}`, sequence: 3 };
    const made = new Account().close({ supply: year, period: "2024-05", tariff, signed, details });
    expect(made.tariff.signed).to.deep.equal(signed);
    const [from, to] = [Date.UTC(2023, 4, 1), Date.UTC(2023, 5, 1)];
    const before = kilowattHours(year.intervals.between(from, to).wattHours);
    expect(made.details).to.deep.equal({ ...details, lastYear: before });
  });

  it("shows the registers of a meter where the readings are its states", () => {
    const counter = { meter: "M7", at: home.intervals.from!, wattHours: 1_000_000 };
    const { details: known } = new Account().close({
      supply: { ...home, counter },
      period: "2024-05",
      tariff,
    });
    expect([known.meter, known.openingRegister]).to.deep.equal(["M7", "1000"]);
    const used = Number(known.closingRegister) - 1000;
    expect(used * 1000).to.be.closeTo(Number(home.intervals.wattHours), 0.01);
  });

  it("details that are not known, or no text, or no day, are refused", async () => {
    const format = "sipster/bill-details@1";
    const bad: unknown[] = [
      7,
      {},
      { format, colour: "red" },
      { format, supplier: 7 },
      { format, dueDate: "2024-02-30" },
      { format, lastYear: "much" },
    ];
    for (const document of bad) {
      const error = await refusal(() => parseBillDetails(JSON.stringify(document), "d.json"));
      expect(error.code).to.equal("billing/bad-details");
    }
    expect(parseBillDetails(JSON.stringify({ format, ...details }), "d.json")).to.deep.equal(
      details,
    );
  });

  it("the PDF has letters of every script that its font has, embedded in part, and refuses others", async () => {
    const made = new Account().close({ supply: home, period: "2024-05", tariff, details });
    const pdf = await billPdf(made);
    const text = Buffer.from(pdf).toString("latin1");
    expect(text).to.include("/FontFile2").and.to.include("/ToUnicode");
    // DejaVu Sans alone has 757 kB: what is embedded is a part.
    expect(pdf.length).to.be.lessThan(250_000);
    expect(Buffer.from(await billPdf(made)).equals(Buffer.from(pdf))).to.equal(true);
    const chinese = new Account().close({
      supply: home,
      period: "2024-05",
      tariff,
      details: { customer: "王" },
    });
    expect((await refusal(billPdf(chinese))).code).to.equal("billing/no-font");
  });
});
