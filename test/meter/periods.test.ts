import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { MeterInstallation, VolatileMemory } from "../../src/meter/index.js";
import type { Tariff } from "../../src/tariff/index.js";
import { expectError } from "../support/errors.js";
import {
  FEBRUARY,
  flatTariff,
  HALF_HOUR,
  installMeter,
  JANUARY,
  MARCH,
  settingsFor,
} from "../support/meter.js";

const curve = await createMclBn254();
const DAY = 86_400_000;

describe("a meter's periods, when the one who asks lies", () => {
  it("given a month to come, an unclosed one, one never metered or a made-up number, signs nothing", () => {
    const home = installMeter(curve);
    home.use(250_000);
    const before = home.memory.read();
    const made = [201301, 201302, 209912, 201212, 0, 13, 201313, 4_294_967_295, -1, 1.5, NaN];
    for (const period of made) expectError(() => home.meter.bill(period), "meter/period-not-kept");
    for (const period of made.slice(1)) {
      expectError(() => [...home.tokens(period)], "meter/period-not-kept");
    }
    expect(home.memory.read()).to.deep.equal(before);
    // The energy is in the bill of its own month, when that has ended.
    home.goTo(FEBRUARY);
    expect(home.units(201301)).to.equal(250);
  });

  it("given thirteen requests for months ahead, bills all energy that follows all the same", () => {
    const home = installMeter(curve);
    for (let month = 2; month <= 13; month++) {
      expectError(() => home.meter.bill(201300 + month), "meter/period-not-kept");
    }
    home.use(99_000);
    home.goTo(FEBRUARY);
    expect(home.units(201301)).to.equal(99);
  });

  it("closes a month by itself when its clock has passed the end, and not before", () => {
    const home = installMeter(curve);
    home.meter.advance(FEBRUARY);
    expect(home.meter.status.closed).to.deep.equal([]);
    // The last half-hour of the month comes when the month is just over.
    home.meter.advance(FEBRUARY, [
      home.reading({ wattHours: 7_000, from: FEBRUARY - HALF_HOUR, to: FEBRUARY }),
    ]);
    expect(home.meter.status.closed).to.deep.equal([]);
    home.meter.advance(FEBRUARY + 1);
    expect(home.meter.status.closed).to.deep.equal([201301]);
    expect(home.units(201301)).to.equal(7);
  });

  it("after four months without power closes each month once, in order, none left out", () => {
    const home = installMeter(curve);
    home.use(5_000);
    home.reopen();
    home.goTo(Date.UTC(2013, 4, 20));
    expect(home.meter.status.closed).to.deep.equal([201301, 201302, 201303, 201304]);
    expect(home.meter.status.period).to.equal(201305);
    expect([201301, 201302, 201303, 201304].map((p) => home.units(p))).to.deep.equal([5, 0, 0, 0]);
  });

  it("given a reading over the end of a month, divides its energy by time", () => {
    const home = installMeter(curve);
    const [from, to] = [FEBRUARY - DAY, FEBRUARY + 2 * DAY];
    home.meter.advance(to, [home.reading({ wattHours: 9_000, from, to })]);
    expect(home.units(201301)).to.equal(3);
    home.goTo(MARCH);
    expect(home.units(201302)).to.equal(6);
  });

  it("follows the deployment's one time zone, through its changes of the clock", () => {
    const sydney = installMeter(curve, new VolatileMemory(), { timeZone: "Australia/Sydney" });
    expect(sydney.meter.status.period).to.equal(201301);
    const ends = [Date.UTC(2013, 0, 31, 13), Date.UTC(2013, 1, 28, 13), Date.UTC(2013, 2, 31, 13)];
    ends.forEach((end, i) => {
      sydney.meter.advance(end);
      expect(sydney.meter.status.closed).to.have.length(i);
      sydney.meter.advance(end + 1);
      expect(sydney.meter.status.closed).to.have.length(i + 1);
    });
    // April has the hour that clocks show twice.
    sydney.meter.advance(Date.UTC(2013, 3, 30, 14));
    expect(sydney.meter.status.period).to.equal(201304);
    sydney.meter.advance(Date.UTC(2013, 3, 30, 14) + 1);
    expect(sydney.meter.status.period).to.equal(201305);
  });

  it("refuses a tariff of another zone, and installs nothing", () => {
    const memory = new VolatileMemory();
    const tariff = flatTariff("0.01", { timeZone: "Europe/London" });
    const settings = settingsFor({ tariff, timeZone: "Australia/Sydney" });
    expectError(() => new MeterInstallation(curve, memory, settings), "tariff/bad-successor");
    expect(memory.read()).to.equal(null);
  });
});

describe("a meter's registers, when what feeds them lies", () => {
  it("given an interval dated 2099, refuses it, and nothing after it is free", () => {
    const home = installMeter(curve);
    const before = home.memory.read();
    const far = Date.UTC(2099, 0, 1);
    expectError(
      () => home.meter.advance(JANUARY, [{ kind: "import", wattHours: 0, from: far, to: far }]),
      "tariff/bad-register",
    );
    expect(home.memory.read()).to.deep.equal(before);
    home.use(40_000, 2_000);
    home.goTo(FEBRUARY);
    expect(home.units(201301)).to.equal(42);
  });

  it("a stamp one millisecond ahead of the clock is refused, one at it is not", () => {
    const home = installMeter(curve);
    const at = JANUARY + HALF_HOUR;
    const reading = { kind: "import", wattHours: 1_000, from: JANUARY, to: at } as const;
    expectError(() => home.meter.advance(at - 1, [reading]), "tariff/bad-register");
    home.meter.advance(at, [reading]);
    expect(home.meter.status.imported).to.equal(1_000);
  });

  it("given the same readings again, or an old one, charges their energy once", () => {
    const home = installMeter(curve);
    const first = home.reading({ wattHours: 120_000, from: JANUARY, to: JANUARY + HALF_HOUR });
    const second = home.reading({
      wattHours: 130_000,
      from: JANUARY + HALF_HOUR,
      to: JANUARY + 2 * HALF_HOUR,
    });
    const now = JANUARY + 2 * HALF_HOUR;
    home.meter.advance(now, [first, second]);
    home.meter.advance(now, [second]);
    expectError(() => home.meter.advance(now, [first]), "tariff/bad-register");
    home.goTo(FEBRUARY);
    expect(home.units(201301)).to.equal(250);
  });

  it("given a register that falls, or numbers that are none, changes nothing", () => {
    const home = installMeter(curve);
    home.use(10_000);
    const before = home.memory.read();
    const reading = { kind: "import", wattHours: 10_000, from: JANUARY, to: JANUARY } as const;
    for (const wrong of [
      { ...reading, wattHours: 9_999 },
      { ...reading, wattHours: NaN },
      { ...reading, wattHours: 10_000.5 },
      { ...reading, wattHours: 2 ** 48 },
      { ...reading, from: -1 },
      { ...reading, from: JANUARY + 1 },
    ]) {
      expectError(() => home.meter.advance(home.now, [wrong]), "tariff/bad-register");
    }
    expect(home.memory.read()).to.deep.equal(before);
  });

  it("one bad reading among good ones: nothing of the call is charged", () => {
    const home = installMeter(curve);
    const good = { kind: "import", wattHours: 5_000, from: JANUARY, to: JANUARY } as const;
    expectError(
      () => home.meter.advance(JANUARY, [good, { ...good, wattHours: 4_000 }]),
      "tariff/bad-register",
    );
    expect(home.meter.status.imported).to.equal(0);
  });

  it("late energy is priced by its own time and goes to the open month", () => {
    const nights = timeOfUse();
    const home = installMeter(curve, new VolatileMemory(), { tariff: nights });
    home.goTo(FEBRUARY + DAY);
    expect(home.meter.status.closed).to.deep.equal([201301]);
    const bill = home.meter.bill(201301);
    const noon = JANUARY + DAY / 2;
    home.meter.advance(home.now, [
      home.reading({ wattHours: 10_000, from: JANUARY, to: JANUARY + HALF_HOUR }),
    ]);
    home.meter.advance(home.now, [
      home.reading({ wattHours: 10_000, from: noon, to: noon + HALF_HOUR }),
    ]);
    expect(home.meter.bill(201301)).to.deep.equal(bill);
    home.goTo(MARCH);
    // 10 kWh at a cent and 10 kWh at five.
    expect(home.units(201302)).to.equal(60);
  });

  it("late energy does not begin a cheap block again, nor charge a month's peak twice", () => {
    const tariff = blocksAndDemand();
    const usage = [40_000, 80_000];
    const bills = [false, true].map((lies) => {
      const home = installMeter(curve, new VolatileMemory(), { tariff });
      home.goTo(FEBRUARY);
      for (const wattHours of usage) {
        home.use(wattHours);
        // An empty stamp in January, between two readings of February.
        if (lies)
          home.meter.advance(home.now, [
            home.reading({ wattHours: 0, from: JANUARY, to: JANUARY + HALF_HOUR }),
          ]);
      }
      home.goTo(MARCH);
      home.goTo(Date.UTC(2013, 3, 1));
      return [201301, 201302, 201303].map((p) => home.units(p));
    });
    expect(bills[1]).to.deep.equal(bills[0]);
    // 100 kWh at a cent, 20 at ten, and 160 kW at a cent.
    expect(bills[0]).to.deep.equal([0, 100 + 200 + 160, 0]);
  });

  it("a month without a reading still bears its standing charge, one by the day its days", () => {
    const tariff = standing();
    const home = installMeter(curve, new VolatileMemory(), { tariff });
    home.use(0);
    home.goTo(FEBRUARY);
    home.goTo(MARCH);
    expect([201301, 201302].map((p) => home.units(p))).to.deep.equal([31 * 25, 28 * 25]);
  });
});

function withComponents(...components: Tariff["versions"][number]["components"]): Tariff {
  const flat = flatTariff("0.01");
  return { ...flat, versions: [{ ...flat.versions[0]!, components }] };
}

function timeOfUse(): Tariff {
  return withComponents({
    kind: "time-of-use",
    name: "Energy",
    direction: "import",
    taxed: false,
    bands: [
      { name: "night", price: "0.01", windows: [{ from: "22:00", to: "06:00" }] },
      { name: "day", price: "0.05", windows: [] },
    ],
  });
}

function blocksAndDemand(): Tariff {
  return withComponents(
    {
      kind: "blocks",
      name: "Energy",
      direction: "import",
      taxed: false,
      per: "month",
      blocks: [
        { name: "first", price: "0.01", upTo: "100" },
        { name: "rest", price: "0.10" },
      ],
    },
    {
      kind: "demand",
      name: "Peak",
      taxed: false,
      price: "0.01",
      per: "month",
      windows: [{ from: "00:00", to: "24:00" }],
      basis: "step",
      stepMinutes: 30,
      peaks: 1,
      minimum: "0",
    },
  );
}

function standing(): Tariff {
  return withComponents(
    { kind: "standing", name: "Supply", taxed: false, per: "day", price: "0.25" },
    { kind: "flat", name: "Energy", direction: "import", taxed: false, price: "0.01" },
  );
}
