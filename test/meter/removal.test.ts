import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { MeterInstallation, TrustedMeter, VolatileMemory } from "../../src/meter/index.js";
import { confirmBills, signMeterNotice, type RemovalNotice } from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import {
  FEBRUARY,
  HALF_HOUR,
  installMeter,
  MARCH,
  noticeKey,
  settingsFor,
  type TestMeter,
} from "../support/meter.js";
import { system } from "../support/settlement.js";

const curve = await createMclBn254();
const DAY = 86_400_000;

const removal = ({ meter }: TestMeter, key = noticeKey): RemovalNotice =>
  signMeterNotice(system, { kind: "removal", meter: meter.address }, key);

/** Two closed months, some energy in the third, and removed in the middle of it. */
function removed(): TestMeter {
  const home = installMeter(curve);
  home.use(10_000);
  home.goTo(FEBRUARY);
  home.use(20_000);
  home.goTo(MARCH);
  home.use(30_000);
  home.meter.remove(home.now, removal(home));
  return home;
}

const confirmation = (home: TestMeter): Uint8Array => {
  const bills = home.meter.status.closed.map((p) => home.meter.bill(p).bill);
  return confirmBills(home.viewKey, system.systemId, bills);
};

describe("removing a meter", () => {
  it("bills what was used up to that moment, and nothing after", () => {
    const home = removed();
    expect(home.meter.status.closed).to.deep.equal([201301, 201302, 201303]);
    expect([201301, 201302, 201303].map((p) => home.units(p))).to.deep.equal([10, 20, 30]);
    expectError(() => {
      home.use(1_000);
    }, "meter/removed");
    home.meter.advance(MARCH + 90 * DAY);
    expect(home.meter.status.closed).to.deep.equal([201301, 201302, 201303]);
    const before = home.memory.read();
    home.meter.remove(MARCH + 91 * DAY, removal(home));
    expect(home.memory.read()).to.deep.equal(before);
  });

  it("takes the utility's order for this meter: a stranger's, or another meter's, does nothing", () => {
    const home = installMeter(curve);
    const before = home.memory.read();
    const forged = removal(home, new Uint8Array(32).fill(9));
    expectError(() => home.meter.remove(home.now, forged), "sipster/bad-notice");
    const others = removal(installMeter(curve));
    expectError(() => home.meter.remove(home.now, others), "sipster/bad-notice");
    expect(home.memory.read()).to.deep.equal(before);
  });

  it("keeps the keys until the wallet confirms every bill, against the word of others", () => {
    const home = removed();
    const bills = home.meter.status.closed.map((p) => home.meter.bill(p).bill);
    const stranger = installMeter(curve).viewKey;
    for (const wrong of [
      null,
      new Uint8Array(32),
      confirmBills(home.viewKey, system.systemId, bills.slice(1)),
      confirmBills(home.viewKey, system.systemId, bills.toReversed()),
      confirmBills(stranger, system.systemId, bills),
    ]) {
      expectError(() => home.meter.release(home.now + 29 * DAY, wrong), "meter/not-released");
    }
    expect(home.reopen().bill(201303).bill).to.deep.equal(bills[2]);
    home.meter.release(home.now, confirmation(home));
  });

  it("a meter that was not removed is not released, not even by its own wallet", () => {
    const home = installMeter(curve);
    home.goTo(FEBRUARY);
    expectError(() => home.meter.release(home.now, confirmation(home)), "meter/not-released");
  });

  it("after thirty days the utility's order alone is enough", () => {
    const home = removed();
    const limit = home.now + 30 * DAY;
    expectError(() => home.meter.release(limit - 1, null), "meter/not-released");
    home.meter.release(limit, null);
    expectError(() => home.reopen(), "meter/not-installed");
  });

  it("erases the old resident's keys, and the next one has new keys and a new address", () => {
    const home = removed();
    const { address } = home.meter;
    const stored = Buffer.from(home.memory.read()!);
    const old = [...home.tokens(201303)];
    home.meter.release(home.now, confirmation(home));
    const left = home.memory.read()!;
    expect(left.length).to.be.below(20);
    for (let i = 0; i + 8 < left.length; i++) {
      if (left.slice(i, i + 8).some((b) => b !== 0)) {
        expect(stored.includes(Buffer.from(left.slice(i, i + 8)))).to.equal(false);
      }
    }
    expectError(() => home.meter.bill(201303), "meter/memory-failed");
    // The same memory, in the same month: bills of two addresses for one period.
    const next = installMeter(curve, home.memory, { now: home.now });
    expect(next.meter.address).not.to.equal(address);
    next.use(30_000);
    next.goTo(Date.UTC(2013, 3, 1));
    expect(next.units(201303)).to.equal(30);
    expect([...next.meter.tokens(201303)]).not.to.deep.equal(old);
  });

  it("the next meter's clock never begins before the old one's", () => {
    const home = removed();
    home.meter.release(home.now, confirmation(home));
    const next = installMeter(curve, home.memory, { now: FEBRUARY });
    expect(next.meter.status.clock).to.equal(home.now);
    expect(next.meter.status.period).to.equal(201303);
  });

  it("exchanging a meter: the old one bills its part of the month, the new one the rest", () => {
    const old = removed();
    const fresh = installMeter(curve, new VolatileMemory(), { now: old.now });
    fresh.use(45_000);
    fresh.goTo(Date.UTC(2013, 3, 1));
    expect([old.units(201303), fresh.units(201303)]).to.deep.equal([30, 45]);
    expect(fresh.meter.address).not.to.equal(old.meter.address);
  });

  it("when the power fails between erasing and anything else, the keys are there or gone, whole", () => {
    const home = removed();
    const word = confirmation(home);
    for (const side of ["before", "after"] as const) {
      const memory = new VolatileMemory();
      memory.write(home.memory.read()!);
      const cut = {
        read: () => memory.read(),
        write(record: Uint8Array) {
          if (side === "after") memory.write(record);
          throw new Error("power");
        },
      };
      const meter = new TrustedMeter(curve, cut, [home.tariff]);
      expect(() => {
        meter.release(home.now, word);
      }).to.throw("power");
      if (side === "before") new TrustedMeter(curve, memory, [home.tariff]).release(home.now, word);
      new MeterInstallation(curve, memory, settingsFor({ now: home.now + HALF_HOUR }));
    }
  });
});
