import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { Keyring, SealedFile } from "../../src/keystore/index.js";
import { parseDeployment, readAnnouncements, VaultReader } from "../../src/chain/index.js";
import { serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { parseBillFile } from "../../src/sipster/index.js";
import { dataFile, describeWithData } from "../data.js";
import { withPassphrase } from "../support/passphrase.js";
import { sipster } from "../support/recorded-io.js";

interface DemoJson {
  format: string;
  chainId: number;
  settlement: string;
  unit: string;
  denominations: number[];
  bills: {
    home: string;
    meter: string;
    period: number;
    units: number;
    tokens: number;
    receipts: number;
    gasUsed: number | null;
    tx: string | null;
    status: string;
  }[];
  totals: { homes: number; units: number; tokens: number; coinsSpent: number; unitsPaid: number };
  audit: { settled: number; unsettled: number; verified: number; ok: boolean } | null;
  timings: Record<string, number>;
}

async function demo(...args: string[]): Promise<DemoJson> {
  const { code, out, err } = await sipster("demo", "--json", ...args);
  expect(code, err).to.equal(0);
  return JSON.parse(out) as DemoJson;
}

function expectSettled(result: DemoJson, homes: number): void {
  expect(result.format).to.equal("sipster/demo@1");
  expect(result.bills).to.have.length(homes);
  for (const bill of result.bills) {
    expect(bill.status).to.equal("settled");
    expect(bill.tx).to.match(/^0x[0-9a-f]{64}$/);
    expect(bill.gasUsed).to.be.a("number");
    expect(bill.receipts).to.equal(bill.tokens);
  }
  const { totals, audit } = result;
  expect(totals.units).to.equal(result.bills.reduce((sum, b) => sum + b.units, 0));
  expect(totals.unitsPaid).to.equal(totals.units);
  expect(totals.coinsSpent).to.equal(totals.tokens);
  expect(audit).to.deep.equal({ settled: homes, unsettled: 0, verified: homes, ok: true });
}

describe("sipster demo", function () {
  this.timeout(180_000);

  it("settles and audits generated homes, the same every time", async () => {
    const args = ["--homes", "2", "--unit", "20", "--period", "2026-02"];
    const first = await demo(...args);
    expectSettled(first, 2);
    expect(first.bills[0]!.period).to.equal(202602);
    const second = await demo(...args);
    const amounts = (r: DemoJson): number[] => r.bills.map((b) => b.units);
    expect(amounts(second)).to.deep.equal(amounts(first));
    const other = await demo(...args, "--seed", "another");
    expect(amounts(other)).not.to.deep.equal(amounts(first));
  });

  it("takes larger tokens for larger bills, unless told which", async () => {
    const small = await demo("--homes", "1", "--unit", "50", "--no-settle");
    expect(small.denominations).to.deep.equal([1, 10, 100]);
    const large = await demo("--homes", "1", "--no-settle");
    expect(large.denominations).to.deep.equal([1, 10, 100, 1000]);
    expect(large.bills[0]!.tokens).to.be.below(50);
    const told = await demo("--homes", "1", "--denominations", "1,500", "--no-settle");
    expect(told.denominations).to.deep.equal([1, 500]);
    expect(told.totals.units).to.equal(large.totals.units);
  });

  it("settles in batches, with each bill's share of the gas", async () => {
    const result = await demo("--homes", "3", "--unit", "50", "--batch");
    expectSettled(result, 3);
    expect(new Set(result.bills.map((b) => b.tx)).size).to.equal(1);
  });

  it("with a hundred homes, threads make the receipts, and nothing else changes", async () => {
    const args = ["--homes", "100", "--unit", "5000", "--batch"];
    expectSettled(await demo(...args), 100);
  });

  it("runs the classic suite, where every token is one unit", async () => {
    const result = await demo("--homes", "1", "--unit", "200", "--suite", "classic");
    expectSettled(result, 1);
    expect(result.denominations).to.deep.equal([1]);
    expect(result.bills[0]!.tokens).to.equal(result.bills[0]!.units);
  });

  it("given the classic suite and its own defaults: settles, with a unit of 100 minor units", async () => {
    const result = await demo("--suite", "classic", "--homes", "2");
    expectSettled(result, 2);
    expect(result.unit).to.include("100 minor units");
  });

  it("given a withdrawal of more coins than one deposit holds: makes several deposits", async () => {
    const result = await demo("--suite", "classic", "--homes", "1", "--unit", "20");
    expectSettled(result, 1);
    expect(result.bills[0]!.tokens).to.be.greaterThan(256);
  });

  it("says how to use it", async () => {
    const { code, out } = await sipster("demo", "--help");
    expect(code).to.equal(0);
    expect(out.trimStart()).to.match(/^Examples:/);
  });

  const wrong: [string, string[], number, string][] = [
    ["a suite that is none", ["--suite", "modern"], 2, "cli/bad-option"],
    ["a month that is none", ["--period", "2026-13"], 2, "cli/bad-option"],
    ["no homes", ["--homes", "0"], 2, "a whole number from 1"],
    ["a unit of nothing", ["--unit", "0"], 2, "a whole number from 1"],
    ["a unit that is not a number", ["--unit", "1e3"], 2, "a whole number from 1"],
    ["denominations without 1", ["--denominations", "10,100"], 65, "sipster/bad-denomination"],
    ["denominations in words", ["--denominations", "one"], 2, "cli/bad-option"],
    [
      "denominations for classic",
      ["--suite", "classic", "--denominations", "1,10"],
      2,
      "cli/bad-option",
    ],
    [
      "a file that is not there",
      ["--readings", "no-such-file.csv"],
      65,
      "readings/file-unreadable",
    ],
    ["a node that is not there", ["--rpc", "http://127.0.0.1:1"], 69, "chain/unreachable"],
  ];
  for (const [what, args, code, identifier] of wrong) {
    it(`refuses ${what} with exit code ${code}`, async () => {
      const run = await sipster("demo", ...args);
      expect(run.err).to.include(identifier);
      expect(run.code).to.equal(code);
      expect(run.out).to.equal("");
    });
  }

  it("refuses an unknown option with exit code 2", async () => {
    expect((await sipster("demo", "--colour", "blue")).code).to.equal(2);
  });

  it("refuses a file that holds no readings, and says what it is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sipster-demo-"));
    try {
      const file = join(folder, "shopping.txt");
      writeFileSync(file, "bread\nmilk\n");
      const run = await sipster("demo", "--readings", file);
      expect(run.code).to.equal(65);
      expect(run.err).to.include("readings/unknown-format");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("sipster demo against a chain that stays", function () {
  this.timeout(180_000);
  const passphrase = withPassphrase();
  let chain: ServedChain;
  let folder: string;
  before(async () => {
    chain = await serveLocalChain();
  });
  after(() => chain.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sipster-demo-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const homes = ["--homes", "2", "--unit", "100"];

  it("keeps what each role would hold, and stops before settling when told to", async () => {
    const out = join(folder, "town");
    const result = await demo(...homes, "--rpc", chain.url, "--out", out, "--no-settle");
    expect(result.audit).to.equal(null);
    expect(result.bills.map((b) => b.status)).to.deep.equal(["ready", "ready"]);
    const curve = await createMclBn254();
    for (const name of readdirSync(join(out, "bills"))) {
      const bill = parseBillFile(curve, readFileSync(join(out, "bills", name), "utf8"));
      expect(result.bills.map((b) => b.meter)).to.include(bill.meter);
    }
  });

  it("given several homes: each deposits from an account of its own, and the utility from none", async () => {
    const result = await demo(...homes, "--rpc", chain.url, "--out", join(folder, "town"));
    expectSettled(result, 2);
    const deployment = parseDeployment(
      readFileSync(join(folder, "town", "deployment.json"), "utf8"),
    );
    const reader = new VaultReader(chain.provider, deployment);
    const ids = await reader.depositIds(await chain.provider.getBlockNumber());
    const deposits = await Promise.all(ids.map((id) => reader.deposit(id)));
    expect(deposits.map((d) => d.status)).to.deep.equal(["acknowledged", "acknowledged"]);
    const depositors = new Set(deposits.map((d) => d.depositor));
    expect(depositors.size).to.equal(2);
    expect([...depositors]).not.to.include(deployment.roles.mint);
    expect(new Set(deposits.map((d) => d.amount)).size).to.equal(1);
  });

  /** Every file below a folder. */
  function filesOf(out: string): string[] {
    const found = readdirSync(out, { recursive: true, withFileTypes: true });
    return found.filter((f) => f.isFile()).map((f) => join(f.parentPath, f.name));
  }

  it("keeps no secret that can be read without the passphrase, and no file that others can read", async () => {
    const out = join(folder, "town");
    await demo(...homes, "--rpc", chain.url, "--out", out, "--no-settle");
    const keyring = await Keyring.open(join(out, "keyring.json"), passphrase);
    const secret = (name: string): Buffer =>
      Buffer.from(new SealedFile(keyring, join(out, name), name).read()!);
    const scalars = (text: string): string[] => text.match(/\d{20,}/g) ?? [];
    const resident = secret("homes/home-0001/resident/secret");
    const notice = secret("utility/keys/notice.json");
    const words = [
      ...scalars(secret("utility/keys/receipt.json").toString()),
      ...scalars(secret("utility/keys/mint.json").toString()),
    ];
    expect(words.length).to.be.above(2);
    const secrets = [resident, notice, ...words.flatMap((w) => [w, BigInt(w).toString(16)])];
    for (const file of filesOf(out)) {
      // What Ignition records of a deployment is public, and its own.
      if (!file.includes("/ignition/")) expect(statSync(file).mode & 0o077, file).to.equal(0);
      const content = readFileSync(file);
      for (const plain of secrets) {
        expect(content.includes(plain), file).to.equal(false);
        expect(content.includes(Buffer.from(plain).toString("hex")), file).to.equal(false);
      }
    }
  });

  it("refuses to keep secrets without a passphrase, and to open them with another", async () => {
    const out = join(folder, "town");
    const args = [...homes, "--rpc", chain.url, "--out", out, "--no-settle"];
    delete process.env.SIPSTER_PASSPHRASE;
    const without = await sipster("demo", ...args);
    expect(without.err).to.include("cli/no-passphrase");
    expect(without.code).to.equal(2);
    expect(existsSync(out)).to.equal(false);
    process.env.SIPSTER_PASSPHRASE = passphrase;
    await demo(...args);
    const file = join(folder, "passphrase");
    writeFileSync(file, "another one\n");
    const other = await sipster("demo", ...args, "--passphrase-file", file);
    expect(other.err).to.include("keystore/wrong-passphrase");
    writeFileSync(file, `${passphrase}\n`);
    await demo(...args, "--passphrase-file", file);
  });

  it("goes on where an earlier run stopped: same meters, same bills, nothing paid twice", async () => {
    const out = join(folder, "town");
    const args = [...homes, "--rpc", chain.url, "--out", out];
    const first = await demo(...args, "--no-settle");
    const second = await demo(...args);
    expectSettled(second, 2);
    const ids = (r: DemoJson) => r.bills.map(({ home, meter, units }) => ({ home, meter, units }));
    expect(ids(second)).to.deep.equal(ids(first));
    expect(second.settlement).to.equal(first.settlement);
    const third = await demo(...args);
    expect(third.bills.map((b) => b.status)).to.deep.equal(["already-settled", "already-settled"]);
    expect(third.bills.map((b) => b.tx)).to.deep.equal(second.bills.map((b) => b.tx));
    expect(third.totals.coinsSpent).to.equal(first.totals.coinsSpent);
  });

  it("goes on with the next month: the same meters, new bills", async () => {
    const out = join(folder, "town");
    const args = [...homes, "--rpc", chain.url, "--out", out];
    const march = await demo(...args, "--period", "2026-03");
    const april = await demo(...args, "--period", "2026-04");
    const meters = (r: DemoJson) => r.bills.map((b) => b.meter);
    expect(meters(april)).to.deep.equal(meters(march));
    // Both months are under the terms that were announced at first.
    const deployment = parseDeployment(readFileSync(join(out, "deployment.json"), "utf8"));
    expect((await readAnnouncements(chain.provider, deployment)).terms).to.have.length(1);
    expect(april.bills.map((b) => b.status)).to.deep.equal(["settled", "settled"]);
    expect(april.totals.unitsPaid).to.equal(april.totals.units);
    expect(april.audit).to.deep.equal({ settled: 4, unsettled: 0, verified: 4, ok: true });
  });

  it("refuses a folder that was made with another seed, unit or suite, and names what differs", async () => {
    const out = join(folder, "town");
    const args = ["demo", "--homes", "1", "--rpc", chain.url, "--out", out, "--no-settle"];
    await demo(...args.slice(1), "--unit", "100");
    for (const [option, value, name] of [
      ["--seed", "another", "seed"],
      ["--unit", "200", "unit"],
      ["--suite", "classic", "suite"],
    ]) {
      const given = option === "--unit" ? [option, value!] : ["--unit", "100", option!, value!];
      const { code, err } = await sipster(...args, ...given);
      expect(err).to.include("demo/other-inputs").and.to.include(name);
      expect(code).to.equal(2);
    }
  });

  it("refuses a folder whose chain is gone", async () => {
    const out = join(folder, "town");
    const other = await serveLocalChain();
    try {
      await demo(...homes, "--rpc", other.url, "--out", out, "--no-settle");
    } finally {
      await other.close();
    }
    const restarted = await sipster("demo", ...homes, "--rpc", chain.url, "--out", out);
    expect(restarted.err).to.include("chain/chain-restarted");
    expect(restarted.code).to.equal(65);
    const local = await sipster("demo", ...homes, "--out", out);
    expect(local.err).to.include("demo/folder-in-use");
    expect(local.code).to.equal(2);
  });
});

describeWithData("sipster demo on real readings", function () {
  this.timeout(180_000);

  it("eleven Australian homes in March 2013 at London's dynamic prices", async () => {
    const result = await demo(
      "--readings",
      dataFile("sgsc11_2013_halfhourly_wide.csv"),
      "--tariff",
      dataFile("lcl_dtou_tariff_2013_halfhourly.csv"),
      "--period",
      "2013-03",
    );
    expectSettled(result, 11);
    // Computed apart, in floating point, from the two files: the pennies of the month, whole.
    const units = Object.fromEntries(result.bills.map((b) => [b.home, b.units]));
    expect(units).to.deep.equal(expectedUnits());
  });

  it("three homes of the long file", async () => {
    const result = await demo(
      "--readings",
      dataFile("sgsc3_2012-2014_halfhourly_long.csv"),
      "--period",
      "2013-03",
      "--unit",
      "10",
    );
    expectSettled(result, 3);
  });
});

/**
 * Σ watt-hours × price of each home, row by row, in whole pennies: the two files list the same
 * half-hours of 2013. Prices have two decimals, so a thousandth of a watt-hour-penny is exact.
 */
function expectedUnits(): Record<string, number> {
  const rows = (name: string): string[][] =>
    readFileSync(dataFile(name), "utf8")
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(","));
  const prices = new Map(
    rows("lcl_dtou_tariff_2013_halfhourly.csv")
      .slice(1)
      .map(([at, , pence]) => [at!.slice(0, 16), Math.round(Number(pence) * 100)]),
  );
  const [head, ...readings] = rows("sgsc11_2013_halfhourly_wide.csv");
  const totals = head!.slice(1).map(() => 0);
  for (const [at, ...kWh] of readings) {
    if (!at!.startsWith("2013-03")) continue;
    kWh.forEach((value, i) => {
      totals[i]! += Math.round(Number(value) * 1000) * prices.get(at!)!;
    });
  }
  // Watt-hours times hundredths of a penny a kWh.
  return Object.fromEntries(totals.map((t, i) => [head![i + 1]!, Math.floor(t / 100_000)]));
}
