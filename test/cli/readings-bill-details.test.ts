/** What a bill says beside its amounts, field by field, on the terminal, as JSON, as CSV and as PDF. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Wallet } from "ethers";
import type { ItemisedBill } from "../../src/billing/index.js";
import { readTariff, signTariff } from "../../src/tariff/index.js";
import { toJson } from "../../src/cli/io.js";
import { textsOfPdf } from "../billing/support/pdf-text.js";
import { sipster } from "../support/recorded-io.js";

const DETAILS = {
  supplier: "Zakład Energetyczny Łódź",
  customer: "Ελένη Παπαδοπούλου",
  account: "AC-77/2",
  meter: "M-4711",
  openingRegister: "12345.6",
  closingRegister: "12700.1",
  issued: "2024-03-03",
  dueDate: "2024-03-21",
  complaints: "Ombudsman, Main Street 1",
};
/** As a bill names them. */
const SHOWN: Readonly<Record<string, string>> = {
  ...{ Supplier: DETAILS.supplier, Customer: DETAILS.customer, Account: DETAILS.account },
  ...{ Meter: DETAILS.meter, Issued: DETAILS.issued, "To be paid by": DETAILS.dueDate },
  ...{ "Register at the start": "12345.6 kWh", "Register at the end": "12700.1 kWh" },
  ...{ Complaints: DETAILS.complaints },
};
const QUARTER = 900_000;

/** Quarter-hours of a home from February 2023 to February 2024: two days without a row, one of estimates. */
function readings(): string {
  let text = "timestamp,home,kWh,quality\n";
  for (let at = Date.UTC(2023, 1, 1); at < Date.UTC(2024, 2, 1); at += QUARTER) {
    const time = new Date(at).toISOString().slice(0, 16).replace("T", " ");
    if (/^2024-02-(09|10)/.test(time)) continue;
    const quality = time.startsWith("2024-02-20") ? "E" : "A";
    text += `${time},Łódź 4,0.${100 + ((at / QUARTER) % 48)},${quality}\n`;
  }
  return text;
}

describe("what a bill of sipster readings says", () => {
  let folder: string;
  let args: string[];
  let signer: string;
  let bill: ItemisedBill;
  let terminal: string;

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), "sipster-details-"));
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const key = new Wallet(`0x${"7".repeat(64)}`);
    signer = key.address;
    const json = JSON.stringify({
      ...{ format: "sipster/tariff@1", name: "flat", currency: "EUR", timeZone: "UTC" },
      components: [{ kind: "flat", name: "Energy", price: "0.25" }],
    });
    const tariff = await readTariff({ name: "t.json", bytes: json });
    const signed = toJson(await signTariff({ tariff, sequence: 5, signer: key }));
    args = [
      ...["readings", write("home.csv", readings()), "--tariff", write("t.json", signed)],
      ...["--tariff-signer", signer, "--period", "2024-02", "--labels", "start"],
      ...["--gaps", "missing", "--details"],
      write("details.json", JSON.stringify({ format: "sipster/bill-details@1", ...DETAILS })),
    ];
    const run = await sipster(...args);
    expect(run.code, run.err).to.equal(0);
    terminal = run.out;
    const made = await sipster(...args, "--bill", join(folder, "b.json"));
    expect(made.code, made.err).to.equal(0);
    bill = JSON.parse(readFileSync(join(folder, "b.json"), "utf8")) as ItemisedBill;
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  async function written(ending: "csv" | "pdf"): Promise<Buffer> {
    const path = join(folder, `b.${ending}`);
    const run = await sipster(...args, "--bill", path);
    expect(run.code, run.err).to.equal(0);
    return readFileSync(path);
  }

  it("given a bill as JSON, then it has each field, and the days that were estimated with their reason", () => {
    expect(bill.details).to.include(DETAILS);
    expect(Number(bill.details.lastYear)).to.be.greaterThan(0);
    expect(bill.tariff.signed).to.deep.equal({ signer, sequence: 5 });
    const days = bill.readings.estimatedDays;
    expect(days.map((d) => [d.date, d.intervals])).to.deep.equal([
      ["2024-02-09", 96],
      ["2024-02-10", 96],
      ["2024-02-20", 96],
    ]);
    expect(days.every((d) => d.why.length > 20)).to.equal(true);
    expect(bill.command).to.include("--details").and.to.include("--tariff-signer");
  });

  it("given the terminal, then it shows each field, the spans of days with their reason, and the command", () => {
    const rows = { ...SHOWN, "Same month a year before": `${bill.details.lastYear!} kWh` };
    for (const [name, value] of Object.entries(rows)) {
      expect(terminal).to.include(`${name}: ${value}\n`);
    }
    expect(terminal).to.include(`Tariff signed by: ${signer}, number 5`);
    expect(terminal).to.include("Estimated 2024-02-09 to 2024-02-10, 192 intervals: ");
    expect(terminal).to.include("Estimated 2024-02-20, 96 intervals: ");
    expect(terminal).to.include(`Made again by: ${bill.command!}`);
    expect(terminal).to.include(bill.dueMoney);
  });

  it("given a bill as CSV, then it has a row for each field, each estimated day and the command", async () => {
    const text = (await written("csv")).toString("utf8");
    for (const [name, value] of Object.entries(SHOWN)) {
      const cell = value.includes(",") ? `"${value}"` : value;
      expect(text).to.include(`\r\n${name.toLowerCase()},${cell},`);
    }
    for (const { date, why } of bill.readings.estimatedDays) {
      expect(text).to.include(`estimated,${date},`).and.to.include(why);
    }
    expect(text).to.include(`tariff signed by,${signer},`);
    expect(text).to.include(`command,${bill.command!}`);
    expect(text).to.include(`same month a year before,${bill.details.lastYear!} kWh,`);
  });

  it("given a bill as PDF, then its pages show each field in its letters, both hashes, the steps and the command", async () => {
    const texts = textsOfPdf(await written("pdf"));
    for (const [name, value] of Object.entries(SHOWN)) {
      expect(texts, name).to.include(name);
      expect(texts, name).to.include(value);
    }
    for (const text of [bill.tariff.hash, bill.readings.hash, "Łódź 4", bill.dueMoney]) {
      expect(texts).to.include(text);
    }
    const all = texts.join(" ");
    expect(all).to.include(`${signer}, number 5`).and.not.to.include("?");
    expect(all).to.include("2024-02-09 to 2024-02-10, 192 intervals estimated: ");
    for (const step of bill.verify)
      expect(all.replaceAll(" ", "")).to.include(step.replaceAll(" ", ""));
    expect(all.replaceAll(" ", "")).to.include(bill.command!.replaceAll(" ", ""));
  });

  it("given several homes, then the terminal names the estimated days of each as well", async () => {
    const path = join(folder, "two.csv");
    const second = readings().split("\n").slice(1).join("\n").replaceAll("Łódź 4", "other");
    writeFileSync(path, readings() + second);
    const run = await sipster(args[0]!, path, ...args.slice(2, -2));
    expect(run.code, run.err).to.equal(0);
    for (const home of ["Łódź 4", "other"]) {
      expect(run.out).to.include(`${home}: Estimated 2024-02-09 to 2024-02-10, 192 intervals: `);
    }
    expect(run.out).to.include(`Tariff signed by: ${signer}, number 5`);
  });
});
