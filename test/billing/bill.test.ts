import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { expect } from "chai";
import { parse } from "csv-parse/sync";
import { Account, billCsv, billPdf, type ItemisedBill } from "../../src/billing/index.js";
import { exactText, exact, generateHomes, type Home } from "../../src/readings/index.js";
import {
  amountOf,
  itemsOfPeriod,
  readTariff,
  tariffHash,
  type Tariff,
} from "../../src/tariff/index.js";

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
  bill = new Account().close(home, "2024-05", tariff);
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
    for (const item of itemsOfPeriod(home, "2024-05", tariff)) items += amountOf(item);
    expect(bill.gross).to.equal(exactText(exact(items), 2));
  });

  it("says which readings it is of, day by day and as a whole", () => {
    expect(bill.readings.actual.intervals).to.equal(31 * 48);
    const days = bill.days.reduce((sum, d) => sum + fixed(d.energy), 0n);
    expect(days).to.equal(fixed(bill.readings.actual.energy));
    expect(bill.days.length).to.equal(31);
    const hash = (h: Home): string => new Account().close(h, "2024-05", tariff).readings.hash;
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
    const made = new Account().close(home, "2024-05", dynamic);
    expect(made.lines.length).to.equal(1);
    expect(made.lines[0]!.price).to.equal("-0.05 to 0.34");
    expect(fixed(made.lines[0]!.quantity)).to.equal(fixed(bill.readings.actual.energy));
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
        // A stream that is not deflated is no page.
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

  it("goes on to further pages, and shows characters its fonts lack as question marks", async () => {
    const lines = Array.from({ length: 120 }, (_, i) => ({
      ...bill.lines[0]!,
      band: `band ${i} 電`,
    }));
    const pdf = await billPdf({ ...bill, lines });
    const shown = texts(pdf);
    expect(shown).to.include("band 119 ?").and.to.include("1 / 3").and.to.include("3 / 3");
  });
});
