import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { id, isAddress } from "ethers";
import { serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { homeTable } from "../../src/demo/ledger/home-table.js";
import { priceByLoad, priceByTariff } from "../../src/demo/ledger/pricing.js";
import { runLedger } from "../../src/demo/ledger/run.js";
import { CHEATS, type Cheat } from "../../src/demo/ledger/cheats/cheats.js";
import { PACKET_BYTES } from "../../src/channel/onion/index.js";
import { generateHomes, readReadings } from "../../src/readings/index.js";
import { readTariff } from "../../src/tariff/index.js";
import { dataFile, describeWithData } from "../data.js";
import { expectError } from "../support/errors.js";
import { sipster, sipsterOn } from "../support/recorded-io.js";
import { wideTable } from "../support/wide-table.js";
import { temporaryDirectory } from "../support/temporary.js";

interface Document {
  readonly direct: boolean;
  readonly format: string;
  readonly intervals: {
    start: string;
    rows: number;
    silentHomes: number;
    load: string;
    price: string;
    root: string;
  }[];
  readonly bills: { home: string; amount: string; rows: number; byRegister: string }[];
  readonly cheats: {
    cheat: string;
    interval: string;
    void: boolean;
    noticed: { residents: string[]; auditor: boolean; provider: boolean; contract: string | null };
    findings: { kind: string; message: string }[];
  }[];
  readonly anchors: { contract: string; gasPerInterval: number };
  readonly onion: { hops: number; bytes: number; peelUs: number };
}

const silent = (): void => undefined;

describe("sipster ledger", () => {
  const directory = temporaryDirectory();
  let node: ServedChain;
  before(async () => {
    node = await serveLocalChain();
  });
  after(() => node.close());

  /** Six homes with a reading every eight hours, so that a day has three intervals. */
  function readings(): string {
    const path = join(directory(), "six.csv");
    writeFileSync(
      path,
      `datetime,a,b,c,d,e,f
2013-01-01 00:00,1.0,1.1,1.2,1.3,1.4,1.5
2013-01-01 08:00,2.0,2.1,2.2,2.3,2.4,2.5
2013-01-01 16:00,3.0,3.1,3.2,3.3,3.4,3.5
2013-01-02 00:00,1.0,1.1,1.2,1.3,1.4,1.5
2013-01-02 08:00,2.0,2.1,2.2,2.3,2.4,2.5
2013-01-02 16:00,3.0,3.1,3.2,3.3,3.4,3.5
`,
    );
    return path;
  }

  /** On the node, which starts once; without `--rpc` each run starts a chain of its own. */
  const run = (...args: string[]) =>
    sipster(
      "ledger",
      "--readings",
      readings(),
      ...wideTable(directory()),
      "--time-zone",
      "UTC",
      "--rpc",
      node.url,
      ...args,
    );

  it("prints intervals, bills, and that everything is right, on a chain of its own", async () => {
    const args = [
      "--readings",
      readings(),
      ...wideTable(directory()),
      "--time-zone",
      "UTC",
      "--period",
      "2013-01-01",
    ];
    const { code, out, err } = await sipster("ledger", ...args);
    expect(code, err).to.equal(0);
    const lines = out.split("\n").map((line) => line.split(/\s{2,}/));
    expect(lines[0]).to.deep.equal([
      "interval (UTC)",
      "rows",
      "load Wh",
      "price per kWh",
      "root of L_OCD",
    ]);
    expect(lines[1]![0]).to.equal("2013-01-01 00:00");
    expect(lines.filter(([home]) => /^[a-f]$/.test(home!))).to.have.lengthOf(6);
    expect(out).to.include("all are right");
    expect(out).to.match(/at most \d\d,\d{3} gas an interval/);
    expect(err).to.include("interval 1 of 3");
  });

  it("gives one document whose sums are exact", async () => {
    const { code, out, err } = await run(
      "--period",
      "2013-01-01..2013-01-02",
      "--k",
      "1",
      "--json",
    );
    expect(code, err).to.equal(0);
    const document = JSON.parse(out) as Document;
    const { intervals, bills, anchors, onion } = document;
    expect(document.format).to.equal("sipster/ledger@1");
    expect(intervals).to.have.lengthOf(6);
    expect(intervals[4]!.start).to.equal("2013-01-02T08:00:00.000Z");
    expect(bills.map((b) => b.home)).to.deep.equal(["a", "b", "c", "d", "e", "f"]);
    const owed = intervals.reduce((sum, i) => sum + BigInt(i.load) * BigInt(i.price), 0n);
    expect(bills.reduce((sum, b) => sum + BigInt(b.amount), 0n)).to.equal(owed);
    // Each home's presence is a row as well, and nobody owes it.
    const rows = intervals.reduce((sum, i) => sum + i.rows - 6, 0);
    expect(bills.reduce((sum, b) => sum + b.rows, 0)).to.equal(rows);
    const load = intervals.reduce((sum, i) => sum + Number(i.load), 0);
    // What is missing was carried: less than the smallest parcel of each home, or of categories that were masked.
    expect(load).to.be.within(81_000 * 0.7, 81_000);
    expect(intervals.every((i) => i.silentHomes === 0)).to.equal(true);
    expect(new Set(intervals.map((i) => i.root)).size).to.equal(6);
    expect(document.cheats).to.deep.equal([]);
    expect(isAddress(anchors.contract)).to.equal(true);
    expect(await node.provider.getCode(anchors.contract)).not.to.equal("0x");
    expect(anchors.gasPerInterval).to.be.within(80_000, 100_000);
    expect(onion).to.include({ hops: 3, bytes: PACKET_BYTES });
    expect(onion.peelUs).to.be.greaterThan(0);
  });

  /** What shows each cheat, and whether every resident, or the honest provider, sees it too. */
  const notices: Record<Cheat, { kind: string; all?: true; one?: true; provider?: true }> = {
    price: { kind: "price", all: true },
    row: { kind: "bill", one: true },
    drop: { kind: "missing-row", one: true },
    total: { kind: "total", all: true, provider: true },
    renumber: { kind: "order", all: true, provider: true },
    average: { kind: "terms", all: true, provider: true },
    withhold: { kind: "withheld" },
    invent: { kind: "not-enrolled" },
    page: { kind: "unshown", all: true, provider: true },
  };

  for (const cheat of CHEATS) {
    it(`when someone cheats by "${cheat}", shows who noticed and the contract's transaction`, async () => {
      const { code, out, err } = await run("--period", "2013-01-01", "--cheat", cheat, "--json");
      expect(code, err).to.equal(0);
      const { cheats, intervals, bills } = JSON.parse(out) as Document;
      const [noticed] = cheats;
      expect(noticed).to.include({ cheat, interval: "2013-01-01T16:00:00.000Z" });
      // Nobody owes the rows of a void page, and no watt-hour of the 40,500 is lost with them.
      expect(noticed!.void).to.equal(cheat !== "row");
      const standing = noticed!.void ? intervals.slice(0, -1) : intervals;
      const load = standing.reduce((sum, i) => sum + BigInt(i.load), 0n);
      const owed = standing.reduce((sum, i) => sum + BigInt(i.load) * BigInt(i.price), 0n);
      expect(bills.reduce((sum, b) => sum + BigInt(b.byRegister), load)).to.equal(40_500n);
      expect(bills.reduce((sum, b) => sum + BigInt(b.amount), 0n)).to.equal(owed);
      const { residents, auditor, provider, contract } = noticed!.noticed;
      const { kind, all, one, provider: byProvider } = notices[cheat];
      if (all) expect(residents).to.have.lengthOf(6);
      if (one) expect(residents).to.have.lengthOf(1);
      expect(auditor).to.equal(cheat !== "row");
      expect(provider).to.equal(byProvider ?? false);
      expect(contract).to.match(/^0x[0-9a-f]{64}$/);
      expect(noticed!.findings.map((f) => f.kind)).to.include(kind);
      const receipt = await node.provider.getTransactionReceipt(contract!);
      const proved = id("ContradictionProved(uint32,uint8,uint8,uint256,address)");
      expect(receipt!.logs.map((log) => log.topics[0])).to.deep.equal([proved]);
    });
  }

  it("directly from the provider, residents get the bills that would be published", async () => {
    const args = ["--period", "2013-01-01", "--k", "1", "--direct", "--json"];
    const { code, out, err } = await run(...args);
    expect(code, err).to.equal(0);
    const document = JSON.parse(out) as Document;
    expect(document.direct).to.equal(true);
    const { intervals, bills } = document;
    const owed = intervals.reduce((sum, i) => sum + BigInt(i.load) * BigInt(i.price), 0n);
    expect(owed > 0n && bills.reduce((sum, b) => sum + BigInt(b.amount), 0n) === owed).to.equal(
      true,
    );
  });

  it("when the provider doubles a row it is asked for, its signature proves it to the contract", async () => {
    const args = ["--period", "2013-01-01", "--direct", "--cheat", "row"];
    const { code, out, err } = await run(...args, "--json");
    expect(code, err).to.equal(0);
    const [noticed] = (JSON.parse(out) as Document).cheats;
    expect(noticed!.noticed.contract).to.match(/^0x[0-9a-f]{64}$/);
    expect(noticed!.noticed.residents).to.have.lengthOf(1);
  });

  it("says in words who noticed", async () => {
    const { out } = await run("--period", "2013-01-01", "--cheat", "drop");
    expect(out).to.match(
      /left out a report .*\.\nNoticed by the resident of [a-f]; the auditor; the contract, in transaction\n {2}0x[0-9a-f]{64}\n/,
    );
    expect(out).to.include("missing-row: a report of");
    expect(out).to.include("has a receipt and is missing");
  });

  it("on a terminal of 80 columns, breaks no line of any cheat beyond them", async () => {
    const asked = ["ledger", "--readings", readings(), ...wideTable(directory())];
    const more = ["--time-zone", "UTC", "--rpc", node.url, "--period", "2013-01-01", "--cheat"];
    for (const cheat of ["price", "row", "total", "page"]) {
      const { out } = await sipsterOn(80, ...asked, ...more, cheat);
      expect(out).to.include("Noticed by");
      expect(out.includes("The page is void"), cheat).to.equal(cheat !== "row");
      for (const line of out.split("\n")) expect(line.length, line).to.be.at.most(80);
    }
  });

  it("refuses what it cannot do, with the exit codes of wrong usage and bad data", async () => {
    const at = (...args: string[]) => run("--period", "2013-01-01", ...args);
    expect((await sipster("ledger", "--period", "2013-01-01")).code).to.equal(2);
    expect((await run("--period", "2013-01")).code).to.equal(2);
    expect((await run("--period", "2013-01-02..2013-01-01")).code).to.equal(2);
    expect((await run("--period", "2013-02-30")).code).to.equal(2);
    expect((await at("--cheat", "tax")).code).to.equal(2);
    expect((await at("--relays", "0")).code).to.equal(2);
    expect((await at("--relays", "3")).code, "own relay excluded").to.equal(65);
    expect((await run("--period", "2014-01-01")).err).to.include("demo/no-homes");
    expect((await at("--rpc", "http://127.0.0.1:1")).code).to.equal(69);
    const help = await sipster("ledger", "--help");
    expect(help.code).to.equal(0);
    expect(help.out).to.match(/^Examples:/);
  });

  it("refuses readings that do not fit in the days", () => {
    const set = generateHomes({ homes: 2, period: "2013-01", seed: 1, timeZone: "Asia/Kathmandu" });
    const days = { first: "2013-01-02", last: "2013-01-02" };
    expectError(() => homeTable(set, days), "demo/off-grid");
  });

  for (const threads of [0, 2]) {
    it(`with ${threads} threads beside it, loses no watt-hour of a month's first days, and carries less than it withheld`, async () => {
      const set = generateHomes({ homes: 12, period: "2026-03", seed: "ledger" });
      const table = homeTable(set, { first: "2026-03-02", last: "2026-03-02" });
      const short = { ...table, slots: table.slots.slice(34, 42) };
      const outcome = await runLedger(short, {
        relays: 5,
        hops: 3,
        rounds: 2,
        leastHomes: 2,
        price: priceByLoad(table),
        direct: false,
        cheat: undefined,
        rpc: undefined,
        threads,
        progress: silent,
      });
      const measured = short.slots.flatMap((s) => s.wattHours).reduce((a, b) => a + b);
      const published = outcome.intervals.reduce((sum, i) => sum + i.load, 0n);
      const carried = outcome.bills.reduce((sum, b) => sum + b.byRegister, 0n);
      expect(published + carried).to.equal(measured);
      expect(outcome.unexpected).to.deep.equal([]);
      // Every relay was used, and nothing was dropped.
      expect(outcome.nodes).to.have.lengthOf(7);
      for (const [
        i,
        { forwarded, delivered, taken, answered, dropped },
      ] of outcome.nodes.entries()) {
        // The provider's node is used when bills are asked for.
        if (i !== 5) expect(forwarded + delivered).to.be.greaterThan(0);
        expect(answered).to.equal(taken);
        expect(Object.values(dropped).every((n) => n === 0)).to.equal(true);
      }
    });
  }
});

describeWithData("sipster ledger on real files", () => {
  it("bills real homes for a day at the two-level prices of the trial, to the last millionth", async () => {
    const file = dataFile("sgsc11_2013_halfhourly_wide.csv");
    const tariff = dataFile("lcl_dtou_tariff_2013_halfhourly.csv");
    const day = "2013-02-05";
    const args = ["--readings", file, "--period", day];
    const { code, out, err } = await sipster("ledger", ...args, "--tariff", tariff, "--json");
    expect(code, err).to.equal(0);
    const { intervals, bills } = JSON.parse(out) as Document;
    // The prices as the file has them: pence per kWh with two decimals are thousandths of these.
    const published = readFileSync(tariff, "utf8")
      .split("\n")
      .filter((line) => line.startsWith(day))
      .map((line) => `${Math.round(Number(line.split(",")[2]) * 1000)}`);
    expect(intervals.map((i) => i.price)).to.deep.equal(published);
    expect(new Set(published).size).to.be.greaterThan(1);
    // The load can only be what was measured, less what is carried at the end.
    const measured = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line.startsWith(day))
      .flatMap((line) => line.split(",").slice(1))
      .reduce((sum, kWh) => sum + Math.round(Number(kWh) * 1000), 0);
    const load = intervals.reduce((sum, i) => sum + Number(i.load), 0);
    expect(load).to.be.within(measured * 0.9, measured);
    const owed = intervals.reduce((sum, i) => sum + BigInt(i.load) * BigInt(i.price), 0n);
    expect(bills.reduce((sum, b) => sum + BigInt(b.amount), 0n)).to.equal(owed);
  });

  it("prices by a tariff's own times, and refuses prices that the ledger cannot hold", async () => {
    const set = await readReadings([dataFile("sgsc11_2013_halfhourly_wide.csv")], {
      timeZone: "Etc/GMT-10",
    });
    const table = homeTable(set, { first: "2013-02-05", last: "2013-02-06" });
    const prices = await readTariff(dataFile("lcl_dtou_tariff_2013_halfhourly.csv"));
    const price = priceByTariff(prices, table);
    for (const { start, interval } of table.slots) {
      const local = new Date(start).toLocaleString("sv-SE", { timeZone: "Etc/GMT-10" });
      const line = readFileSync(dataFile("lcl_dtou_tariff_2013_halfhourly.csv"), "utf8")
        .split("\n")
        .find((l) => l.startsWith(local))!;
      expect(price.priceAt(interval)).to.equal(
        BigInt(Math.round(Number(line.split(",")[2]) * 1000)),
      );
    }
    const [component] = prices.versions[0]!.components;
    const runs = Array.from({ length: 17_520 }, (_, i) => ({
      steps: 1,
      price: `0.1${i % 97}`,
      name: "",
    }));
    const many = {
      ...prices,
      versions: [{ ...prices.versions[0]!, components: [{ ...component!, runs }] }],
    };
    expectError(() => priceByTariff(many as never, table), "demo/price-too-fine");
  });
});
