import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { VolatileMemory } from "../../src/meter/index.js";
import { confirmTime, signMeterNotice, type TimeAnswer } from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import {
  FEBRUARY,
  flatTariff,
  HALF_HOUR,
  installMeter,
  JANUARY,
  MARCH,
  noticeKey,
  type TestMeter,
} from "../support/meter.js";
import { system } from "../support/settlement.js";

const curve = await createMclBn254();

/** What the utility signs and the wallet confirms, or something near it. */
function answer({
  home,
  nonce,
  time,
  key = noticeKey,
}: {
  readonly home: TestMeter;
  readonly nonce: Uint8Array;
  readonly time: number;
  readonly key?: Uint8Array<ArrayBuffer>;
}): TimeAnswer {
  const notice = signMeterNotice(system, { kind: "time", nonce, time }, key);
  return { notice, confirmation: confirmTime(home.viewKey, system.systemId, notice) };
}

/** A meter with 10 kWh on its books whose hardware clock begins again at 0. */
function withoutClock(): TestMeter {
  const home = installMeter(curve);
  home.use(10_000);
  home.now = 0;
  home.reopen();
  expectError(() => home.meter.advance(0), "meter/clock-lost");
  return home;
}

describe("a meter's clock", () => {
  it("given one that shows a little less, stands still; given one that shows more, goes on", () => {
    const home = installMeter(curve);
    home.use(10_000);
    home.meter.advance(home.now - 120_000);
    expect(home.meter.status.clock).to.equal(home.now);
    home.meter.advance(home.now + 5);
    expect(home.meter.status.clock).to.equal(home.now + 5);
  });

  it("given one that goes back, keeps no time from then on, also when it comes forward again", () => {
    const home = installMeter(curve);
    home.use(10_000);
    expectError(() => home.meter.advance(home.now - 120_001), "meter/clock-lost");
    expectError(() => home.meter.advance(home.now + HALF_HOUR), "meter/clock-lost");
    expectError(() => home.reopen().advance(FEBRUARY + 1), "meter/clock-lost");
    expect(home.meter.status.closed).to.deep.equal([]);
  });

  it("without the time nothing is charged and no month closes; then all is charged by that moment", () => {
    const home = withoutClock();
    const lost = home.reading({ wattHours: 90_000, from: 0, to: HALF_HOUR });
    expectError(() => home.meter.advance(HALF_HOUR, [lost]), "meter/clock-lost");
    expect(home.meter.status.closed).to.deep.equal([]);
    const nonce = home.meter.askTime(40 * HALF_HOUR);
    const time = FEBRUARY + 3 * HALF_HOUR;
    home.meter.setClock(40 * HALF_HOUR + 1000, answer({ home, nonce, time }), [lost]);
    expect(home.meter.status.closed).to.deep.equal([201301]);
    expect(home.units(201301)).to.equal(10);
    home.meter.advance(40 * HALF_HOUR + 1000 + (MARCH - time) + 1);
    expect(home.units(201302)).to.equal(90);
  });

  it("energy without a clock has no power: a peak is not charged for it", () => {
    const flat = flatTariff("0.01");
    const demand = {
      kind: "demand",
      name: "Peak",
      taxed: false,
      price: "1",
      per: "month",
      windows: [{ from: "00:00", to: "24:00" }],
      basis: "step",
      stepMinutes: 30,
      peaks: 1,
      minimum: "0",
    } as const;
    const components = [...flat.versions[0]!.components, demand];
    const tariff = { ...flat, versions: [{ ...flat.versions[0]!, components }] };
    const home = installMeter(curve, new VolatileMemory(), { tariff });
    home.use(500);
    expectError(() => home.meter.advance(0), "meter/clock-lost");
    const nonce = home.meter.askTime(0);
    home.meter.setClock(0, answer({ home, nonce, time: home.now }), [
      home.reading({ wattHours: 99_500, from: 0, to: 0 }),
    ]);
    home.meter.advance(FEBRUARY - home.now + 1);
    // 100 kWh at a cent and 1 kW at a euro.
    expect(home.units(201301)).to.equal(100 + 100);
  });

  it("given a time that the utility did not sign, or for another question, stays without", () => {
    const home = withoutClock();
    const nonce = home.meter.askTime(0);
    const forged = answer({ home, nonce, time: FEBRUARY, key: new Uint8Array(32).fill(9) });
    expectError(() => home.meter.setClock(1, forged, []), "sipster/bad-notice");
    const other = answer({ home, nonce: new Uint8Array(32), time: FEBRUARY });
    expectError(() => home.meter.setClock(1, other, []), "meter/bad-time");
    const asked = home.meter.askTime(2);
    const older = answer({ home, nonce, time: FEBRUARY });
    expectError(() => home.meter.setClock(3, older, []), "meter/bad-time");
    home.meter.setClock(3, answer({ home, nonce: asked, time: FEBRUARY }), []);
  });

  it("given the utility's time without the wallet's word, or the wallet's for another, stays without", () => {
    const home = withoutClock();
    const nonce = home.meter.askTime(0);
    const good = answer({ home, nonce, time: FEBRUARY });
    const confirmations = [
      new Uint8Array(32),
      new Uint8Array(),
      answer({ home, nonce, time: FEBRUARY + 1 }).confirmation,
      answer({ home: installMeter(curve), nonce, time: FEBRUARY }).confirmation,
    ];
    for (const confirmation of confirmations) {
      expectError(() => home.meter.setClock(1, { ...good, confirmation }, []), "meter/bad-time");
    }
  });

  it("given an answer after two minutes, or at a time before the question, stays without", () => {
    const home = withoutClock();
    const nonce = home.meter.askTime(1000);
    const good = answer({ home, nonce, time: FEBRUARY });
    expectError(() => home.meter.setClock(121_001, good, []), "meter/bad-time");
    expectError(() => home.meter.setClock(999, good, []), "meter/bad-time");
    home.meter.setClock(121_000, good, []);
    expect(home.meter.status.clock).to.equal(FEBRUARY);
  });

  it("is never set back, never set twice, and never set while it runs", () => {
    const home = withoutClock();
    const { clock } = home.meter.status;
    const nonce = home.meter.askTime(0);
    expectError(
      () => home.meter.setClock(1, answer({ home, nonce, time: clock - 1 }), []),
      "meter/bad-time",
    );
    const good = answer({ home, nonce, time: clock });
    home.meter.setClock(1, good, []);
    expectError(() => home.meter.setClock(2, good, []), "meter/bad-time");
    const again = home.meter.askTime(3);
    expectError(
      () => home.meter.setClock(4, answer({ home, nonce: again, time: MARCH }), []),
      "meter/bad-time",
    );
    expect(home.meter.status.clock).to.equal(clock);
  });

  it("is in memory with what was charged: a restart goes on from there", () => {
    const home = withoutClock();
    const nonce = home.meter.askTime(0);
    home.meter.setClock(5, answer({ home, nonce, time: FEBRUARY }), []);
    home.reopen().advance(5 + HALF_HOUR);
    expect(home.meter.status.clock).to.equal(FEBRUARY + HALF_HOUR);
    expect(home.meter.status.clock).to.be.above(JANUARY);
  });
});
