import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Wallet } from "ethers";
import { toJson } from "../../src/cli/io.js";
import { type AccountState, type ItemisedBill } from "../../src/billing/index.js";
import { defaultTariff, signTariff } from "../../src/tariff/index.js";
import { dataFile, describeWithData } from "../data.js";
import { sipster as recorded, type CliRun } from "../support/recorded-io.js";

type Run = CliRun;
const plain = (...args: string[]): Promise<Run> => recorded("readings", ...args);
/** The made-up file of these tests has one column a home, and local times. */
const sipster = (...args: string[]): Promise<Run> => {
  const zone = args.includes("--time-zone") ? [] : ["--time-zone", "UTC"];
  return plain(...args, "--columns", "homes", "--quantity", "kWh", ...zone);
};

interface Document {
  readonly format: string;
  readonly fileFormat: string;
  readonly timeZone: string;
  readonly homes: readonly {
    readonly id: string;
    readonly wh: string;
    readonly gaps: readonly unknown[];
  }[];
  readonly oddities: readonly { readonly kind: string }[];
  readonly bills: readonly ItemisedBill[];
}

const document = ({ out }: Run): Document => JSON.parse(out) as Document;

/** The arguments of a printed command, as a shell takes them. */
function wordsOf(command: string): string[] {
  const words = [...command.matchAll(/'((?:[^']|'\\'')*)'|(\S+)/g)].map((m) =>
    m[1] === undefined ? m[2]! : m[1].replaceAll("'\\''", "'"),
  );
  expect(words.slice(0, 2)).to.deep.equal(["sipster", "readings"]);
  return words.slice(2);
}

let folder: string;
const path = (name: string): string => join(folder, name);
function file(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}

/** Half-hours of May and June 2024 of two homes, b feeding in nothing and missing a day. */
function halfHours(): string {
  let text = "Datetime,a,b\n";
  for (let at = Date.UTC(2024, 4, 1); at < Date.UTC(2024, 6, 1); at += 1_800_000) {
    const time = new Date(at).toISOString().slice(0, 16).replace("T", " ");
    const gap = new Date(at).getUTCDate() === 9;
    text += `${time},0.${100 + ((at / 1_800_000) % 48)},${gap ? "" : "0.2"}\n`;
  }
  return text;
}

const flat = JSON.stringify({
  ...{ format: "sipster/tariff@1", name: "flat", currency: "EUR" },
  components: [{ kind: "flat", name: "Energy", price: "0.25" }],
});

describe("sipster readings", () => {
  let readings: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sipster-readings-"));
    readings = file("homes.csv", halfHours());
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("says what a file contains: homes, span, gaps, oddities, and a chart of the load", async () => {
    const run = await sipster(readings);
    expect(run.code).to.equal(0);
    expect(run.out).to.match(/a +electricity +2024-05-01 00:00 +2024-07-01 00:00 +2,928 +30 min/);
    expect(run.out).to.include("b: 2 gaps, the longest of 24 h");
    expect(run.out).to.include("Mean load over the day, W").and.to.include("█");
    expect(run.out).not.to.include("Bills");
    expect(run.err).to.equal("");
  });

  it("as JSON has the same, with a stable format", async () => {
    const doc = document(
      await plain(readings, "--columns", "homes", "--quantity", "kWh", "--json"),
    );
    expect(doc.format).to.equal("sipster/readings@1");
    expect([doc.fileFormat, doc.timeZone]).to.deep.equal(["CSV", "UTC"]);
    expect(doc.homes.map((h) => [h.id, h.wh, h.gaps.length])).to.deep.equal([
      ["a", "361608", 0],
      ["b", "566400", 2],
    ]);
    expect(doc.oddities.map((o) => o.kind)).to.include.members(["no-time-zone", "gap"]);
    expect(doc.bills).to.deep.equal([]);
  });

  it("bills every home for the last whole month, with the built-in tariff or a given one", async () => {
    const tariff = file("flat.json", flat);
    const doc = document(await sipster(readings, "--tariff", tariff, "--json"));
    expect(doc.bills.map((b) => [b.home, b.period, b.total, b.due])).to.deep.equal([
      ["a", "2024-06", "44.46", "4446"],
      ["b", "2024-06", "72.00", "7200"],
    ]);
    const text = await sipster(readings, "--period", "2024-05");
    expect(text.out).to.include("Bills for 2024-05").and.to.include("Example day and night");
    expect(text.out).to.match(/b +\S+ +48 /);
  });

  it("of one home shows each line", async () => {
    const run = await sipster(readings, "--home", "a", "--tariff", file("flat.json", flat));
    expect(run.out).to.match(/Energy +177.84 +kWh +0.25 +44.46/);
    expect(run.out).to.match(/Due +EUR 44.46/);
  });

  it("writes bills as JSON, CSV and PDF, for their owner alone, one file a home", async () => {
    for (const extension of ["json", "csv", "pdf"]) {
      const run = await sipster(readings, "--bill", path(`bill.${extension}`));
      expect(run.code).to.equal(0);
      for (const id of ["a", "b"]) {
        const name = path(`bill-${id}.${extension}`);
        expect(run.err).to.include(`written: ${name}`);
        expect(statSync(name).mode & 0o777).to.equal(0o600);
      }
    }
    const bill = JSON.parse(readFileSync(path("bill-a.json"), "utf8")) as ItemisedBill;
    expect(bill.format).to.equal("sipster/itemised-bill@1");
    expect(readFileSync(path("bill-a.csv"), "utf8")).to.include(bill.total);
    expect(readFileSync(path("bill-a.pdf"), "latin1").slice(0, 5)).to.equal("%PDF-");
    const one = path("one.pdf");
    expect((await sipster(readings, "--home", "b", "--bill", one)).err).to.include(
      `written: ${one}`,
    );
  });

  it("prints the command that makes each bill again, and that command does", async () => {
    const tariff = file("it's flat.json", flat);
    const details = file("d.json", '{"format":"sipster/bill-details@1","supplier":"S"}');
    const doc = document(
      await sipster(
        readings,
        "--tariff",
        tariff,
        "--details",
        details,
        "--period",
        "2024-05",
        "--json",
      ),
    );
    for (const bill of doc.bills) {
      const again = document(await plain(...wordsOf(bill.command!), "--json"));
      expect(again.bills).to.deep.equal([bill]);
    }
    expect(doc.bills.length).to.equal(2);
  });

  it("given an account, then the printed command of each closed month gives the same bytes", async () => {
    const account = path("again.account.json");
    const bill = async (period: string): Promise<string> => {
      const written = path(`${period}.json`);
      const as = ["--period", period, "--account", account, "--bill", written];
      expect((await sipster(readings, "--home", "b", ...as)).code).to.equal(0);
      return readFileSync(written, "utf8");
    };
    const bills = [await bill("2024-05"), await bill("2024-06")];
    const state = readFileSync(account, "utf8");
    for (const text of bills) {
      const words = wordsOf((JSON.parse(text) as ItemisedBill).command!);
      const again = await plain(...words, "--bill", path("again.json"));
      expect(again.code, again.err).to.equal(0);
      expect(readFileSync(path("again.json"), "utf8")).to.equal(text);
      expect(readFileSync(account, "utf8")).to.equal(state);
    }
    const tariff = file("flat.json", flat);
    const other = ["--period", "2024-06", "--account", account, "--tariff", tariff];
    const refused = await sipster(readings, "--home", "b", ...other);
    expect([refused.code, readFileSync(account, "utf8")]).to.deep.equal([2, state]);
    expect(refused.err).to.include("billing/period-closed");
  });

  it("given another tariff and better readings, then the earlier tariff corrects the bill before, and the command says so", async () => {
    const account = path("changed.account.json");
    const [first, second] = [
      file("first.json", flat),
      file("second.json", flat.replace("0.25", "0.5")),
    ];
    // Home a used 1 kWh more on the first of May than was read at first.
    const better = file("better.csv", halfHours().replace(",0.100,", ",1.100,"));
    const bill = (period: string, readingsOf: string, ...more: string[]): Promise<Run> => {
      const of = ["--home", "a", "--period", period, "--account", account, "--json"];
      return sipster(readingsOf, ...of, ...more);
    };
    expect((await bill("2024-05", readings, "--tariff", first)).code).to.equal(0);
    const before = readFileSync(account, "utf8");
    const without = await bill("2024-06", better, "--tariff", second);
    expect([without.code, readFileSync(account, "utf8")]).to.deep.equal([2, before]);
    expect(without.err)
      .to.include("billing/earlier-tariff")
      .and.to.include("--earlier-tariff FILE");

    const given = ["--tariff", second, "--earlier-tariff", first];
    const [made] = document(await bill("2024-06", better, ...given)).bills;
    expect(made!.corrections.map((c) => [c.period, c.amount])).to.deep.equal([["2024-05", "0.25"]]);
    expect(made!.command).to.include(`--earlier-tariff ${first}`);
    const again = document(await plain(...wordsOf(made!.command!), "--json"));
    expect(again.bills).to.deep.equal([made]);

    const alone = await sipster(readings, "--home", "a", "--earlier-tariff", first);
    expect([alone.code, alone.err]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && text.includes("--account"),
    );
  });

  it("carries an account from bill to bill in a file", async () => {
    const account = path("a.account.json");
    const bill = (period: string): Promise<Run> =>
      sipster(readings, "--home", "a", "--period", period, "--account", account, "--json");
    const [first] = document(await bill("2024-05")).bills;
    const [second] = document(await bill("2024-06")).bills;
    expect(second!.carriedIn).to.equal(first!.carriedOut);
    const state = JSON.parse(readFileSync(account, "utf8")) as AccountState;
    expect(state.periods.map((p) => p.period)).to.deep.equal(["2024-05", "2024-06"]);
    expect(statSync(account).mode & 0o777).to.equal(0o600);
    expect((await bill("2024-04")).code).to.equal(2);
    expect((await sipster(readings, "--account", account)).code).to.equal(2);
    file("broken.json", "{}");
    const broken = await sipster(readings, "--home", "a", "--account", path("broken.json"));
    expect(broken.code).to.equal(65);
  });

  it("takes a tariff only from the signer that is named", async () => {
    const wallet = new Wallet(`0x${"44".repeat(32)}`);
    const tariff = file(
      "signed.json",
      toJson(await signTariff({ tariff: defaultTariff, sequence: 1, signer: wallet })),
    );
    const by = (signer: string): Promise<Run> =>
      sipster(readings, "--tariff", tariff, "--tariff-signer", signer);
    expect((await by(wallet.address)).code).to.equal(0);
    const other = await by(`0x${"55".repeat(20)}`);
    expect(other.code).to.equal(1);
    expect(other.err).to.include("tariff/signature");
    expect((await by("a name")).code).to.equal(2);
    const unsigned = await sipster(
      readings,
      "--tariff",
      file("flat.json", flat),
      "--tariff-signer",
      wallet.address,
    );
    expect(unsigned.code).to.equal(2);
  });

  it("lists the tariffs of a file, and says why one cannot be used", async () => {
    const list = file(
      "list.json",
      JSON.stringify([
        {
          Tariffs: [
            {
              "Tariff ID": "T1",
              Name: "good",
              Parameters: { FlatRate: { Value: 0.2, Unit: "$/kWh" } },
            },
            { "Tariff ID": "T2", Name: "bad", Parameters: { Wind: {} } },
          ],
        },
      ]),
    );
    const run = await sipster("--list-tariffs", list);
    expect(run.code).to.equal(0);
    expect(run.out)
      .to.match(/T1 +good +0x/)
      .and.to.match(/T2 +bad +cannot be used/);
    expect(run.out).to.include("1 of 2 tariffs can be used").and.to.include(`T2: ${list}`);
    const json = JSON.parse((await sipster("--list-tariffs", list, "--json")).out) as {
      format: string;
      tariffs: { refused: string | null }[];
    };
    expect(json.format).to.equal("sipster/tariffs@1");
    expect(json.tariffs.map((t) => t.refused === null)).to.deep.equal([true, false]);
  });

  const wrong: [string, () => string[], number, string][] = [
    ["no file", () => [], 2, "at least one file"],
    ["a file that is not there", () => [path("none.csv")], 65, "readings/file-unreadable"],
    ["a file of no known format", () => [file("x.csv", "hello\n")], 65, "readings/unknown-format"],
    ["an empty file", () => [file("x.csv", "")], 65, "readings/unknown-format"],
    [
      "a bad row",
      () => [file("bad.csv", "Datetime,a\n2024-01-01 00:00,-1\n")],
      65,
      "bad.csv, line 2",
    ],
    ["a month that is none", () => [readings, "--period", "2024-13"], 2, "readings/bad-period"],
    ["a month without readings", () => [readings, "--period", "2023-01"], 65, "cli/no-homes"],
    ["a home that is none", () => [readings, "--home", "zz"], 65, "there are a, b"],
    ["a bill of no known kind", () => [readings, "--bill", "bill.doc"], 2, ".json, .csv or .pdf"],
    [
      "a zone that is none",
      () => [readings, "--time-zone", "Mars"],
      2,
      "readings/unknown-time-zone",
    ],
    ["a tariff among several", () => [readings, "--tariff", path("list.json")], 2, "tariff/choice"],
    ["an energy of gas that is none", () => [readings, "--gas", "lots"], 2, "whole number"],
    ["an account of two homes", () => [readings, "--account", path("two.json")], 2, "choose one"],
  ];
  for (const [what, args, code, reason] of wrong) {
    it(`refuses ${what} with exit code ${code}`, async () => {
      const run = await sipster(...args());
      expect(run.code).to.equal(code);
      expect(run.err).to.include(reason);
      expect(run.out).to.equal("");
    });
  }

  it("given files of one name in two folders, when one is refused, then the error has its path as it was typed", async () => {
    mkdirSync(path("one"), { recursive: true });
    mkdirSync(path("two"), { recursive: true });
    const good = file("one/usage.csv", "Datetime,a\n2024-01-01 00:00,1\n2024-01-01 00:30,1\n");
    const bad = file("two/usage.csv", "Datetime,a\n2024-01-01 01:00,1\n2024-01-01 01:30,-1\n");
    const answers = ["--step", "30", "--labels", "start"];
    const run = await sipster(good, bad, ...answers);
    expect(run.err).to.include(`${bad}, line 3`).and.not.to.include(good);
    const none = path("two/none.csv");
    for (const command of ["readings", "demo --readings", "aggregate --readings"]) {
      const missing = await recorded(...command.split(" "), none);
      expect(missing.code).to.equal(65);
      expect(missing.err).to.include(`${none} cannot be read`);
    }
  });

  it("as JSON, a refusal is a document too", async () => {
    const run = await sipster(path("bad.csv"), "--json");
    const error = JSON.parse(run.out) as { code: string; details: { line: number } };
    expect(error.code).to.equal("readings/bad-row");
    expect(error.details.line).to.equal(2);
  });

  it("bad rows can be taken as missing", async () => {
    const bad = file("bad2.csv", "Datetime,a\n2024-01-01 00:00,-1\n2024-01-01 00:30,1\n");
    const run = await sipster(bad, "--bad-rows", "missing", "--step", "30", "--labels", "start");
    expect(run.code).to.equal(0);
    expect(run.out).to.include("line 2: home a: the energy -1 is negative");
  });

  it("help starts with examples", async () => {
    const run = await sipster("--help");
    expect(run.code).to.equal(0);
    expect(run.out.startsWith("Examples:\n  sipster readings")).to.equal(true);
  });
});

describeWithData("sipster readings on every file of the data folder", () => {
  const readable = [
    "sgsc11_2013_halfhourly_wide.csv",
    "nem12/NEM12_multiple_meters.csv",
    "nem12/NEM13_consumption_data.csv",
    "greenbutton/TestGBDataHourlyNineDaysBinnedDaily.xml",
    "greenbutton/abridged_gas_direct.xml",
  ];
  for (const name of readable) {
    it(`${name} makes a bill`, async () => {
      const run = await sipster(dataFile(name), "--bill", join(tmpdir(), "none.txt"));
      // Only the name of the bill is wrong: everything up to it was right.
      expect(run.err).to.include(".json, .csv or .pdf");
      const doc = document(
        await sipster(
          dataFile(name),
          "--tariff",
          dataFile("tariffs/au_retail_tariffs_2019.json#TRB0004"),
          "--json",
        ),
      );
      expect(doc.bills.length).to.be.greaterThan(0);
      expect(doc.bills.every((b) => BigInt(b.due) >= 0n && b.lines.length > 0)).to.equal(true);
    });
  }
});
