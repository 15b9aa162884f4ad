import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { VolatileMemory } from "../../src/meter/index.js";
import {
  combine,
  recoverMeter,
  settlementSystem,
  signKeyNotice,
  signMeterNotice,
  verifyCombined,
  type KeyHash,
  type TariffNotice,
} from "../../src/sipster/index.js";
import { tariffHash, type Tariff } from "../../src/tariff/index.js";
import { expectError } from "../support/errors.js";
import {
  centPerKwh,
  FEBRUARY,
  flatTariff,
  HALF_HOUR,
  installMeter,
  keyNotice,
  MARCH,
  noticeKey,
} from "../support/meter.js";
import { system, world } from "../support/settlement.js";

const curve = await createMclBn254();
const stranger = new Uint8Array(32).fill(9);
const hashOf = (tariff: Tariff): Uint8Array => Buffer.from(tariffHash(tariff).slice(2), "hex");

describe("a meter and key notices", () => {
  it("follows the notice signer's for its own system, and nobody else's", () => {
    const home = installMeter(curve);
    const before = home.memory.read();
    const elsewhere = settlementSystem(1n, system.settlement);
    const said = { keyEpoch: 2, firstPeriod: 201301, keyHash: new Uint8Array(32) as KeyHash };
    const good = keyNotice(2, 201301);
    for (const wrong of [
      keyNotice(2, 201301, stranger),
      signKeyNotice(elsewhere, said, noticeKey),
      { ...good, keyEpoch: 3 },
      { ...good, firstPeriod: 201302 },
      { ...good, keyHash: new Uint8Array(32) as KeyHash },
      { ...good, signature: good.signature.slice(1) },
    ]) {
      expectError(() => home.meter.followKeyNotice(wrong), "sipster/bad-notice");
    }
    expect(home.memory.read()).to.deep.equal(before);
    home.meter.followKeyNotice(good);
    const after = home.memory.read();
    home.meter.followKeyNotice(good);
    expect(home.memory.read()).to.deep.equal(after);
  });

  it("derives the open month and kept ones from the notice's on again, and leaves those before", () => {
    const home = installMeter(curve);
    const months = [201301, 201302, 201303];
    home.use(111_000);
    home.goTo(FEBRUARY);
    home.use(222_000);
    home.goTo(MARCH);
    home.use(333_000);
    const show = () => months.map((p) => JSON.stringify([...home.tokens(p)]));
    const [before, january, old] = [show(), home.meter.bill(201301), home.meter.bill(201302)];
    home.meter.followKeyNotice(keyNotice(2, 201302));
    const after = show();
    expect(after[0]).to.equal(before[0]);
    expect(home.meter.bill(201301)).to.deep.equal(january);
    for (const i of [1, 2]) {
      expect(after[i]).not.to.equal(before[i]);
      const tokens = [...home.tokens(months[i]!)];
      expect(tokens.every((t) => t.keyEpoch === 2)).to.equal(true);
      expect(home.units(months[i]!)).to.equal(111 * (i + 1) - (i === 2 ? 33 : 0));
    }
    // A bill for each epoch, and the new one settles under the new key.
    const { bill, blinding } = home.meter.bill(201302);
    expect([old.bill.keyEpoch, bill.keyEpoch]).to.deep.equal([1, 2]);
    expect(bill.r).not.to.deep.equal(old.bill.r);
    const w = world({ curve, name: "hash-bound", keyEpoch: 2 });
    const receipts = [...home.tokens(201302)].map((t) => w.issuer.issue(t));
    const combined = combine({ curve, receipts, blinding, key: w.key });
    expect(verifyCombined({ curve, key: w.key, r: curve.g1.decode(bill.r), combined })).to.equal(
      true,
    );
    expect(recoverMeter(system, bill)).to.equal(home.meter.address);
    home.reopen();
    expect(home.meter.bill(201302).bill).to.deep.equal(bill);
  });

  it("a notice for a month to come changes nothing until then", () => {
    const home = installMeter(curve);
    home.meter.followKeyNotice(keyNotice(2, 201303));
    home.use(100_000);
    home.goTo(FEBRUARY);
    expect(home.meter.bill(201301).bill.keyEpoch).to.equal(1);
    home.goTo(MARCH);
    home.use(100_000);
    expect([...home.tokens(201303)][0]!.keyEpoch).to.equal(2);
  });

  it("notices may come in any order, twice, and old ones again: the epochs are the same", () => {
    const orders = [
      [2, 3, 4],
      [4, 3, 2],
      [3, 2, 4, 2, 3],
    ];
    const months = [201301, 201302, 201303];
    const results = orders.map((order) => {
      const home = installMeter(curve);
      home.use(100_000);
      home.goTo(FEBRUARY);
      home.goTo(MARCH);
      for (const e of order) home.meter.followKeyNotice(keyNotice(e, 201299 + e));
      return months.map((p) => (p === 201303 ? 0 : home.meter.bill(p).bill.keyEpoch));
    });
    expect(results).to.deep.equal([
      [2, 3, 0],
      [2, 3, 0],
      [2, 3, 0],
    ]);
  });

  it("two notices of one epoch, or epochs that go back in time, are refused as contradictions", () => {
    const home = installMeter(curve);
    home.meter.followKeyNotice(keyNotice(3, 201305));
    const before = home.memory.read();
    for (const [epoch, first] of [
      [3, 201304],
      [4, 201305],
      [4, 201302],
      [2, 201306],
    ] as const) {
      expectError(() => home.meter.followKeyNotice(keyNotice(epoch, first)), "sipster/bad-epochs");
    }
    expect(home.memory.read()).to.deep.equal(before);
  });
});

describe("a meter and tariff notices", () => {
  const dearer = flatTariff("0.02");
  const notice = (
    successor: Tariff,
    firstPeriod: number,
    { tariff = centPerKwh, key = noticeKey } = {},
  ): TariffNotice =>
    signMeterNotice(
      system,
      { kind: "tariff", tariff: hashOf(tariff), successor: hashOf(successor), firstPeriod },
      key,
    );

  it("price by the successor from its month on", () => {
    const home = installMeter(curve);
    home.meter.followTariffNotice(notice(dearer, 201302), dearer);
    home.use(100_000);
    home.goTo(FEBRUARY);
    home.use(100_000);
    // What comes late has the price of its own time.
    home.meter.advance(home.now, [
      home.reading({ wattHours: 50_000, from: FEBRUARY - HALF_HOUR, to: FEBRUARY }),
    ]);
    home.goTo(MARCH);
    expect([201301, 201302].map((p) => home.units(p))).to.deep.equal([100, 250]);
  });

  it("the body of a tariff is believed by its hash alone, after a restart too", () => {
    const home = installMeter(curve);
    home.meter.followTariffNotice(notice(dearer, 201302), dearer);
    home.reopen();
    home.goTo(FEBRUARY);
    expectError(() => {
      home.use(1000);
    }, "tariff/not-given");
    expect(home.meter.status.imported).to.equal(0);
  });

  const cases: [string, () => [TariffNotice, Tariff], string][] = [
    [
      "a stranger's",
      () => [notice(dearer, 201302, { key: stranger }), dearer],
      "sipster/bad-notice",
    ],
    [
      "one with another tariff beside it",
      () => [notice(dearer, 201302), centPerKwh],
      "bad-successor",
    ],
    [
      "one for homes with another tariff",
      () => [notice(dearer, 201302, { tariff: flatTariff("0.05") }), dearer],
      "bad-successor",
    ],
    ["one for the month that runs", () => [notice(dearer, 201301), dearer], "bad-successor"],
    ["one for a month long over", () => [notice(dearer, 201212), dearer], "bad-successor"],
    [
      "a tariff of another zone",
      () => {
        const tariff = flatTariff("0.02", { timeZone: "Australia/Sydney" });
        return [notice(tariff, 201302), tariff];
      },
      "bad-successor",
    ],
    [
      "half-hourly prices that end within the month",
      () => [notice(dynamic(27), 201302), dynamic(27)],
      "bad-successor",
    ],
  ];
  for (const [what, make, code] of cases) {
    it(`${what}: refused, and the meter's own tariff stays`, () => {
      const home = installMeter(curve);
      const before = home.memory.read();
      const [said, tariff] = make();
      const full = code.includes("/") ? code : `tariff/${code}`;
      expectError(() => home.meter.followTariffNotice(said, tariff), full);
      expect(home.memory.read()).to.deep.equal(before);
    });
  }

  it("half-hourly prices for the whole of a month are taken before it begins, and not after", () => {
    const whole = dynamic(28);
    const early = installMeter(curve);
    early.meter.followTariffNotice(notice(whole, 201302), whole);
    const late = installMeter(curve, new VolatileMemory());
    late.goTo(FEBRUARY);
    expectError(
      () => late.meter.followTariffNotice(notice(whole, 201302), whole),
      "tariff/bad-successor",
    );
  });
});

/** Half-hourly prices from the first of February on. */
function dynamic(days: number): Tariff {
  const flat = flatTariff("0.01");
  const component = {
    kind: "dynamic",
    name: "Energy",
    direction: "import",
    taxed: false,
    clock: "utc",
    from: "2013-02-01T00:00",
    stepSeconds: 1800,
    runs: [{ steps: 48 * days, price: "0.03", name: "" }],
  } as const;
  return { ...flat, versions: [{ ...flat.versions[0]!, components: [component] }] };
}
