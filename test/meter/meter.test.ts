import { expect } from "chai";
import { createMclBn254, nobleEcdsa } from "../../src/algebra/index.js";
import { KEPT_PERIODS, TrustedMeter, VolatileMemory } from "../../src/meter/index.js";
import { readRecord } from "../../src/meter/memory.js";
import { totalsToText } from "../../src/tariff/running-charge.js";
import { METER_RECORD } from "../../src/meter/trusted/state.js";
import {
  addPeriods,
  combine,
  deriveBlinding,
  recoverMeter,
  verifyCombined,
  type SuiteName,
} from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import {
  FEBRUARY,
  HALF_HOUR,
  installMeter,
  JANUARY,
  MARCH,
  tokensOf,
  unitsOf,
} from "../support/meter.js";
import { TestRandom } from "../support/random.js";
import { system, world } from "../support/settlement.js";

const curve = await createMclBn254();
const monthOf = (i: number): number => Date.UTC(2013, i, 1);

for (const suite of ["hash-bound", "classic"] as const satisfies readonly SuiteName[]) {
  describe(`meter, ${suite} suite`, () => {
    const w = world({ curve, name: suite });
    const install = () => installMeter(curve, new VolatileMemory(), { suite });

    it("meters, bills, and the receipts of its tokens settle the bill, month after month", () => {
      const home = install();
      const random = new TestRandom(`meter ${suite}`);
      let owed = 0n;
      let billed = 0n;
      for (const [i, period] of [201301, 201302, 201303].entries()) {
        const wattHours = Array.from({ length: 60 }, () => random.below(9000n));
        owed += wattHours.reduce((a, b) => a + b, 0n);
        home.use(...wattHours);
        const emitted = [...home.tokens(period)];
        home.goTo(monthOf(i + 1));
        const { bill, blinding } = home.meter.bill(period);
        const tokens = [...home.tokens(period)];
        // Emitted so far, then what was broken down at the end.
        expect(tokens.slice(0, emitted.length)).to.deep.equal(emitted);
        billed += BigInt(unitsOf(tokens));
        expect(billed).to.equal(owed / 1000n, "whole units, the remainder carried");
        const receipts = tokens.map((t) => w.issuer.issue(t));
        const combined = combine({ curve, receipts, blinding, key: w.key });
        expect(
          verifyCombined({ curve, key: w.key, r: curve.g1.decode(bill.r), combined }),
        ).to.equal(true);
        expect(recoverMeter(system, bill, nobleEcdsa)).to.equal(home.meter.address);
      }
    });

    it("a month without consumption has a bill like any other", () => {
      const home = install();
      home.goTo(FEBRUARY);
      const { bill, blinding } = home.meter.bill(201301);
      expect([...home.tokens(201301)]).to.deep.equal([]);
      const combined = combine({ curve, receipts: [], blinding, key: w.key });
      expect(verifyCombined({ curve, key: w.key, r: curve.g1.decode(bill.r), combined })).to.equal(
        true,
      );
      expect(curve.g1.isIdentity(curve.g1.decode(bill.r))).to.equal(false);
    });

    it("one bill for a month: asked again, after a restart too, the same bytes", () => {
      const home = install();
      home.use(250_000);
      home.goTo(FEBRUARY);
      const first = home.meter.bill(201301);
      home.use(990_000);
      expect(home.meter.bill(201301)).to.deep.equal(first);
      expect(home.reopen().bill(201301)).to.deep.equal(first);
      home.goTo(MARCH);
      expect(home.units(201302)).to.equal(990);
      expect(home.meter.bill(201302).bill.r).not.to.deep.equal(first.bill.r);
    });

    it("emits the same bytes again, of the open month and of closed ones", () => {
      const home = install();
      home.use(150_000, 160_000, 1_500);
      const encoded = (period: number, after = 0): Uint8Array[] =>
        [...home.tokens(period, after)].map((t) => w.suite.encode(t));
      const emitted = encoded(201301);
      home.reopen();
      expect(encoded(201301)).to.deep.equal(emitted);
      home.goTo(FEBRUARY);
      const all = encoded(201301);
      expect(all.slice(0, emitted.length)).to.deep.equal(emitted);
      expect(encoded(201301, emitted.length)).to.deep.equal(all.slice(emitted.length));
      expect(encoded(201301, all.length + 5)).to.deep.equal([]);
      expect(home.units(201301)).to.equal(311);
      expect(encoded(201302)).to.deep.equal([]);
    });
  });
}

describe("meter", () => {
  it("keeps the tokens and bills of thirteen closed months, and no more", () => {
    const home = installMeter(curve);
    const before = new Map<number, string>();
    const everything = (period: number): string =>
      JSON.stringify([[...home.tokens(period)], home.meter.bill(period).bill]);
    for (let i = 0; i < KEPT_PERIODS + 2; i++) {
      const period = addPeriods(201301, i);
      home.use(1000 * (i + 3), 111_000 + i);
      home.goTo(monthOf(i + 1));
      before.set(period, everything(period));
    }
    home.reopen();
    const { closed } = home.meter.status;
    expect(closed).to.deep.equal([...before.keys()].slice(2));
    for (const period of closed) expect(everything(period)).to.equal(before.get(period));
    for (const gone of [201301, 201302]) {
      expectError(() => home.meter.bill(gone), "meter/period-not-kept");
      expectError(() => [...home.tokens(gone)], "meter/period-not-kept");
    }
    // What docs/meter.md says that it remembers, to the byte: a year more takes nothing more.
    const record = readRecord(home.memory, METER_RECORD)!;
    const [denominations, epochs, tariffs] = [3, 1, 1];
    const zone = "UTC".length;
    const fixed =
      1 + 32 + 20 + 20 + 32 + (4 + zone) + 1 + 1 + (2 + 4 * denominations) + 16 + 3 * 32;
    const running = 1 + 6 + 7 + 1 + 6 + 6 + 16 + 4 + 8 + (2 + 8 * KEPT_PERIODS);
    const lists = 2 + 6 * denominations + (2 + 8 * epochs) + (2 + 36 * tariffs) + 1;
    expect(record.kind).to.equal("installed");
    const totals = "totals" in record ? Buffer.byteLength(totalsToText(record.totals)) : NaN;
    expect(home.memory.read()!.length).to.equal(fixed + running + lists + (4 + totals) + 8);
    // No two tokens of any month are the same.
    const seeds = closed.flatMap((p) => [...home.tokens(p)].map((t) => JSON.stringify(t)));
    expect(new Set(seeds).size).to.equal(seeds.length);
  });

  it("how energy is grouped into readings changes nothing", () => {
    const wattHours = [99_999, 1, 260_000, 3, 7_000, 42_500];
    const [once, many] = [installMeter(curve), installMeter(curve)];
    const at = JANUARY + 6 * HALF_HOUR;
    once.meter.advance(
      at,
      wattHours.map((w, i) =>
        once.reading({
          wattHours: w,
          from: JANUARY + i * HALF_HOUR,
          to: JANUARY + (i + 1) * HALF_HOUR,
        }),
      ),
    );
    many.use(...wattHours);
    for (const home of [once, many]) home.goTo(FEBRUARY);
    const sizes = ({ meter }: { meter: TrustedMeter }): number[] =>
      [...tokensOf(meter, 201301)].map((t) => t.denomination);
    expect(sizes(many)).to.deep.equal(sizes(once));
  });

  it("energy fed in is set against what accrues later, and no bill goes below zero", () => {
    const home = installMeter(curve);
    home.meter.advance(JANUARY, [
      home.reading({ wattHours: 5_500, from: JANUARY, to: JANUARY, kind: "export" }),
    ]);
    home.goTo(FEBRUARY);
    expect(home.units(201301)).to.equal(0);
    home.use(7_000);
    home.goTo(MARCH);
    expect(home.units(201302)).to.equal(1);
    // 0.5 of a unit was carried.
    home.use(500);
    home.goTo(monthOf(3));
    expect(home.units(201303)).to.equal(1);
  });

  it("remembers no more after a thousand tokens than after ten", () => {
    const size = (wattHours: number): number => {
      const home = installMeter(curve);
      home.use(wattHours);
      return home.memory.read()!.length;
    };
    // The tariff's totals have more digits; nothing else grows.
    expect(size(100_000_000) - size(1_000_000)).to.be.at.most(4);
  });

  it("its memory is some hundred bytes besides the tariff's totals, also after years", () => {
    const home = installMeter(curve);
    for (let i = 0; i < 30; i++) {
      home.use(123_456);
      home.goTo(monthOf(i + 1));
    }
    const totals = JSON.stringify(home.meter.status.totals).length;
    expect(home.memory.read()!.length - totals).to.be.below(600);
  });

  it("at the period's end: an amount during the month, then a token for each bit that is set", () => {
    const denominations = Array.from({ length: 14 }, (_, i) => 2 ** i);
    const options = { emission: "at-period-end", denominations } as const;
    const home = installMeter(curve, new VolatileMemory(), options);
    home.use(700_000);
    const before = home.meter.status;
    home.use(1_234_567, 2_000_000);
    const during = home.meter.status;
    expect([...home.tokens(201301)]).to.deep.equal([]);
    const changed = Object.entries(during)
      .filter(
        ([k, v]) => JSON.stringify(v, bigints) !== JSON.stringify(before[k as "kind"], bigints),
      )
      .map(([k]) => k);
    expect(changed).to.have.members(["clock", "imported", "accrued", "totals"]);
    home.goTo(FEBRUARY);
    const sizes = [...home.tokens(201301)].map((t) => t.denomination);
    // 3,934 is 0b111101011110.
    expect(sizes).to.deep.equal([2048, 1024, 512, 256, 64, 16, 8, 4, 2]);
    home.use(20_000_000);
    home.goTo(MARCH);
    const large = [...home.tokens(201302)].map((t) => t.denomination);
    expect(large.filter((d) => d === 8192)).to.have.length(2);
    expect(large.reduce((a, b) => a + b, 0)).to.equal(20_000);
  });

  it("both ways to emit bill the same amounts", () => {
    const random = new TestRandom("two ways");
    const accruing = installMeter(curve);
    const denominations = [1, 2, 4, 8, 16, 32, 64, 128];
    const atEnd = installMeter(curve, new VolatileMemory(), {
      emission: "at-period-end",
      denominations,
    });
    for (let month = 0; month < 5; month++) {
      const wattHours = Array.from({ length: 20 }, () => random.below(70_000n));
      for (const home of [accruing, atEnd]) {
        home.use(...wattHours);
        home.goTo(monthOf(month + 1));
      }
      const period = addPeriods(201301, month);
      expect(atEnd.units(period)).to.equal(accruing.units(period));
    }
  });

  it("the blinding factor is what the resident derives from the view key", () => {
    const home = installMeter(curve);
    home.goTo(FEBRUARY);
    expect(home.meter.bill(201301).blinding).to.equal(
      deriveBlinding(home.viewKey, system.systemId, { keyEpoch: 1, period: 201301 }),
    );
  });

  it("a damaged memory is refused at every byte, and an empty one holds no meter", () => {
    expectError(() => new TrustedMeter(curve, new VolatileMemory(), []), "meter/not-installed");
    const stored = installMeter(curve).memory.read()!;
    for (let i = 0; i < stored.length; i++) {
      const damaged = new VolatileMemory();
      const bytes = stored.slice();
      bytes[i]! ^= 0x10;
      damaged.write(bytes);
      expectError(() => new TrustedMeter(curve, damaged, []), "meter/bad-memory");
    }
  });

  it("shows no secret in its status", () => {
    const { memory, meter, viewKey } = installMeter(curve);
    const shown = JSON.stringify(meter.status, bigints);
    const bytes = Buffer.from(memory.read()!);
    expect(bytes.includes(Buffer.from(new Uint8Array(32).fill(5)))).to.equal(true);
    for (const secret of [new Uint8Array(32).fill(5), viewKey]) {
      expect(shown).not.to.include(JSON.stringify([...secret]).slice(1, -1));
    }
    const { meterShare, residentShare, billKey, tokenKey } = meter.status;
    expect([meterShare, residentShare, billKey, tokenKey]).to.deep.equal([null, null, null, null]);
  });
});

function bigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
