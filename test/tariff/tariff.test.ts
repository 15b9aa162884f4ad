import { expect } from "chai";
import { Signature, TypedDataEncoder, Wallet } from "ethers";
import {
  generateHomes,
  IntervalSeries,
  moneyText,
  type Home,
  type Interval,
} from "../../src/readings/index.js";
import {
  canonicalTariff,
  chargesOfPeriod,
  defaultTariff,
  itemsOfPeriod,
  readTariff,
  signTariff,
  tariffDigest,
  tariffHash,
  verifyTariff,
  type Tariff,
} from "../../src/tariff/index.js";
import { compileTariff } from "../../src/tariff/compile.js";
import { Rater } from "../../src/tariff/rater.js";
import { charges, rate, ratedItems } from "../support/rate-utc.js";
import { refusal } from "../support/errors.js";

const hourMs = 3_600_000;

function tariff(
  components: readonly unknown[],
  extra: Record<string, unknown> = {},
): Promise<Tariff> {
  const document = { format: "sipster/tariff@1", name: "t", currency: "EUR", components, ...extra };
  return readTariff({ name: "t.json", bytes: JSON.stringify(document) });
}

function every(seconds: number, from: number, wattHours: readonly number[]): Interval[] {
  return wattHours.map((wh, i) => ({
    start: from + i * seconds * 1000,
    seconds,
    wattHours: wh,
    quality: "actual",
  }));
}

function home(intervals: readonly Interval[], exported: readonly Interval[] = []): Home {
  return {
    id: "h",
    commodity: "electricity",
    timeZone: "UTC",
    intervals: IntervalSeries.of("UTC", intervals),
    exported: IntervalSeries.of("UTC", exported),
    gaps: [],
  };
}

const minor = (amount: { numerator: bigint; denominator: bigint }): string =>
  moneyText(amount, 0, 3);

const blocks = (per: string): unknown => ({
  kind: "blocks",
  name: "Energy",
  per,
  blocks: [
    { name: "first", price: "0.10", upTo: "1" },
    { name: "second", price: "0.20", upTo: "3" },
    { name: "rest", price: "0.30" },
  ],
});

describe("blocks", () => {
  const may = Date.UTC(2024, 4, 10);

  it("an interval across limits is divided by energy", async () => {
    const t = await tariff([blocks("day")]);
    expect(minor(rate(every(hourMs / 1000, may, [4000]), t))).to.equal("80.000");
    expect(minor(rate(every(hourMs / 1000, may, [999, 1, 2000, 1]), t))).to.equal("50.030");
  });

  it("begin again with each day, month, quarter and year of the zone", async () => {
    const spans: [string, number, string][] = [
      ["day", Date.UTC(2024, 4, 10, 23), "20.000"],
      ["month", Date.UTC(2024, 4, 31, 23), "20.000"],
      ["quarter", Date.UTC(2024, 5, 30, 23), "20.000"],
      ["year", Date.UTC(2024, 11, 31, 23), "20.000"],
      ["month", may, "30.000"],
      ["quarter", Date.UTC(2024, 4, 31, 23), "30.000"],
      ["year", Date.UTC(2024, 5, 30, 23), "30.000"],
    ];
    for (const [per, from, expected] of spans) {
      const t = await tariff([blocks(per)]);
      expect(minor(rate(every(3600, from, [1000, 1000]), t)), per).to.equal(expected);
    }
  });

  it("of a quarter go on from month to month", async () => {
    const t = await tariff([blocks("quarter")]);
    const april = every(86_400, Date.UTC(2024, 3, 30), [2500]);
    const both = home([...april, ...every(86_400, Date.UTC(2024, 4, 1), [1000])]);
    const of = (period: string): string[] =>
      [...itemsOfPeriod({ supply: both, period, tariff: t })].map((i) => `${i.band} ${i.quantity}`);
    expect(of("2024-04")).to.deep.equal(["first 1000", "second 1500"]);
    expect(of("2024-05")).to.deep.equal(["second 500", "rest 500"]);
  });
});

describe("demand charges", () => {
  const demand = (extra: Record<string, unknown> = {}): unknown => ({
    kind: "demand",
    name: "Demand",
    price: "10",
    windows: [{ from: "16:00", to: "20:00" }],
    ...extra,
  });
  const first = Date.UTC(2024, 4, 1);
  const at = (day: number, hour: number, wattHours: readonly number[]): Interval[] =>
    every(1800, first + (day - 1) * 24 * hourMs + hour * hourMs, wattHours);
  const of = async (component: unknown, intervals: readonly Interval[]): Promise<string> =>
    minor(rate(intervals, await tariff([component])));

  it("the highest half-hour within the hours counts, in kW", async () => {
    expect(
      await of(demand(), [...at(1, 12, [5000]), ...at(2, 16, [700, 1200]), ...at(3, 19, [800])]),
    ).to.equal("2400.000");
  });

  it("the mean of the highest few counts where the tariff says so", async () => {
    const days = [...at(1, 16, [100]), ...at(2, 16, [300]), ...at(3, 16, [200])];
    expect(await of(demand({ peaks: 2 }), days)).to.equal("500.000");
    expect(await of(demand({ peaks: 4 }), days)).to.equal("400.000");
  });

  it("a day counts with the mean of its hours where the tariff says so", async () => {
    const day = [
      ...at(1, 16, [0, 0, 0, 0, 0, 0, 0, 800]),
      ...at(2, 16, [50, 50, 50, 50, 50, 50, 50, 49]),
    ];
    // 800 and 399 Wh in four hours: 200 W and 99 W.
    expect(await of(demand({ basis: "day" }), day)).to.equal("200.000");
    expect(await of(demand({ basis: "day", peaks: 2 }), day)).to.equal("149.000");
  });

  it("quarter-hours are put together to steps, and hours are divided", async () => {
    const quarters = every(900, first + 16 * hourMs, [100, 300, 300, 100]);
    expect(await of(demand(), quarters)).to.equal("800.000");
    const hours = every(3600, first + 15 * hourMs, [4000, 1000]);
    expect(await of(demand(), hours)).to.equal("1000.000");
  });

  it("less than the minimum is charged as the minimum, but only where the hours came", async () => {
    expect(await of(demand({ minimum: "1.5" }), at(1, 16, [100]))).to.equal("1500.000");
    expect(await of(demand({ minimum: "1.5" }), at(1, 12, [100]))).to.equal("0.000");
  });

  it("each month has its own, charged by the month or by its days", async () => {
    const june = every(1800, Date.UTC(2024, 5, 1, 16), [250]);
    expect(await of(demand(), [...at(31, 16, [500]), ...june])).to.equal("1500.000");
    const days = home([...at(1, 0, [0]), ...at(1, 16, [500]), ...at(31, 23.5, [0])]);
    const t = await tariff([demand({ per: "day" })]);
    const [item] = [...itemsOfPeriod({ supply: days, period: "2024-05", tariff: t })];
    expect([item!.unit, item!.quantity]).to.deep.equal(["W·day", 31_000]);
  });

  it("given no readings over the end of a month, then a demand charged by the day counts all its days", async () => {
    const june = every(1800, Date.UTC(2024, 5, 5, 16), [0]);
    expect(await of(demand({ per: "day" }), [...at(1, 16, [500]), ...june])).to.equal("31000.000");
  });

  it("is due at the end of its month, before what the next one begins with", async () => {
    const t = await tariff([
      demand(),
      { kind: "standing", name: "Daily", price: "1" },
      { kind: "flat", name: "Energy", price: "0.1" },
    ]);
    const starts = [
      ...charges([...at(31, 16, [500]), ...every(1800, Date.UTC(2024, 5, 1), [1])], t),
    ].map((c) => c.start);
    expect(starts).to.deep.equal([...starts].sort((a, b) => a - b));
    const items = [
      ...ratedItems([...at(31, 16, [500]), ...every(1800, Date.UTC(2024, 5, 1), [1])], t),
    ];
    const due = items.find(({ kind }) => kind === "demand")!.due;
    expect(due).to.equal(at(31, 16, [500])[0]!.start);
  });

  it("a version with demand must begin with a month", async () => {
    const error = await refusal(
      tariff([], {
        components: undefined,
        versions: [{ from: "2024-05-02", components: [demand()] }],
      }),
    );
    expect(error.message).to.include("within a month");
  });
});

describe("holidays and prices of their own", () => {
  it("a holiday is not a weekday where some window names holidays", async () => {
    const bands = (days: readonly string[]): unknown[] => [
      { name: "free", price: "0.1", windows: [{ days }] },
      { name: "work", price: "0.2" },
    ];
    const holidays = ["2024-05-01"];
    const wednesday = every(3600, Date.UTC(2024, 4, 1, 12), [1000]);
    const price = async (days: readonly string[]): Promise<string> =>
      minor(
        rate(
          wednesday,
          await tariff([{ kind: "time-of-use", name: "E", bands: bands(days) }], { holidays }),
        ),
      );
    expect(await price(["sat", "sun", "holiday"])).to.equal("10.000");
    expect(await price(["sat", "sun"])).to.equal("20.000");
    expect(await price(["wed"])).to.equal("10.000");
    expect(await price(["thu", "holiday"])).to.equal("10.000");
  });

  it("dynamic prices in UTC hold in any zone, and local ones move with it", async () => {
    const price = (header: string): Promise<Tariff> =>
      readTariff({
        name: "p.csv",
        bytes: `${header}\n2024-05-01T00:00${header.includes("Z") ? "" : ""},1\n2024-05-01T01:00,2\n2024-05-01T02:00,3\n`,
      });
    const local = await price("time,pence_per_kWh");
    const utc = await readTariff({
      name: "u.csv",
      bytes: "time,pence_per_kWh\n2024-05-01T00:00Z,1\n2024-05-01T01:00Z,2\n2024-05-01T02:00Z,3\n",
    });
    const interval = every(3600, Date.UTC(2024, 4, 1), [1000]);
    const inLondon = { timeZone: "Europe/London" };
    expect(minor(rate(interval, local, inLondon))).to.equal("2.000");
    expect(minor(rate(interval, utc, inLondon))).to.equal("1.000");
  });
});

describe("rating in pieces", () => {
  it("a rater that is put away and taken up goes on where it was", async () => {
    const t = await tariff([
      blocks("month"),
      {
        kind: "demand",
        name: "Demand",
        price: "3",
        windows: [{ from: "17:00", to: "21:00" }],
        peaks: 3,
      },
      { kind: "standing", name: "Daily", price: "0.3" },
      { kind: "standing", name: "Meter", per: "month", price: "2" },
    ]);
    const series = generateHomes({ homes: 1, period: ["2024-05", "2024-06"], seed: 3 }).homes[0]!
      .intervals;
    const compiled = compileTariff(t, "UTC");
    const end = Date.UTC(2024, 6, 1);
    const whole = new Rater(compiled);
    const all = [...series].flatMap((i) => whole.take(i, "import")).concat(whole.finish(end));
    for (const cut of [1, 700, 1488, 1489, 2900]) {
      const before = new Rater(compiled);
      const items = [...series].slice(0, cut).flatMap((i) => before.take(i, "import"));
      const state = JSON.parse(JSON.stringify(before.state)) as typeof before.state;
      const after = new Rater(compiled, { state, from: series.from! });
      items.push(
        ...[...series].slice(cut).flatMap((i) => after.take(i, "import")),
        ...after.finish(end),
      );
      expect(items.length, `cut at ${cut}`).to.equal(all.length);
      expect(items).to.deep.equal(all);
    }
  });

  it("months of a home add up to the whole", () => {
    const both = generateHomes({ homes: 1, period: ["2024-05", "2024-06"], seed: 3 }).homes[0]!;
    const months = ["2024-05", "2024-06"].flatMap((p) => [
      ...chargesOfPeriod({ home: both, period: p, tariff: defaultTariff }),
    ]);
    const sum = months.reduce((s, c) => s + c.charge.numerator, 0n);
    expect(sum).to.equal(rate(both.intervals, defaultTariff).numerator);
  });

  it("a month without a reading has no charge, not even a standing one", () => {
    const one = generateHomes({ homes: 1, period: "2024-05", seed: 3 }).homes[0]!;
    expect([
      ...chargesOfPeriod({ home: one, period: "2024-06", tariff: defaultTariff }),
    ]).to.deep.equal([]);
    expect([...ratedItems([], defaultTariff)]).to.deep.equal([]);
  });
});

describe("a signed tariff", () => {
  const wallet = new Wallet(`0x${"11".repeat(32)}`);
  const domain = { chainId: 31337n, verifyingContract: `0x${"22".repeat(20)}` };

  it("is accepted from its signer, for its deployment, when it is newer", async () => {
    const signed = await signTariff({ tariff: defaultTariff, sequence: 7, signer: wallet, domain });
    expect(signed.signer).to.equal(wallet.address);
    const expected = { signer: wallet.address, domain, after: 6 };
    expect(verifyTariff(signed, expected)).to.equal(defaultTariff);
    // Lower case, as people copy addresses.
    expect(verifyTariff(signed, { ...expected, signer: wallet.address.toLowerCase() })).to.equal(
      defaultTariff,
    );
  });

  it("is refused when anything about it differs", async () => {
    const signed = await signTariff({ tariff: defaultTariff, sequence: 7, signer: wallet, domain });
    const expected = { signer: wallet.address, domain };
    const other: Tariff = { ...defaultTariff, currency: "GBP" };
    const cases: [string, () => unknown, string][] = [
      ["tariff", () => verifyTariff({ ...signed, tariff: other }, expected), "signature"],
      ["number", () => verifyTariff({ ...signed, sequence: 8 }, expected), "signature"],
      [
        "signer",
        () => verifyTariff(signed, { ...expected, signer: `0x${"33".repeat(20)}` }),
        "signature",
      ],
      [
        "chain",
        () => verifyTariff(signed, { ...expected, domain: { ...domain, chainId: 1n } }),
        "signature",
      ],
      ["no deployment", () => verifyTariff(signed, { signer: wallet.address }), "signature"],
      ["rubbish", () => verifyTariff({ ...signed, signature: "0x12" }, expected), "signature"],
      ["age", () => verifyTariff(signed, { ...expected, after: 7 }), "outdated"],
    ];
    for (const [what, attempt, code] of cases) {
      expect((await refusal(attempt)).code, what).to.equal(`tariff/${code}`);
    }
    expect(
      (await refusal(signTariff({ tariff: defaultTariff, sequence: -1, signer: wallet }))).code,
    ).to.equal("tariff/bad-argument");
  });

  it("is read from a file, whose signature must be that of the signer it names", async () => {
    const signed = await signTariff({ tariff: defaultTariff, sequence: 7, signer: wallet });
    const read = await readTariff({ name: "s.json", bytes: JSON.stringify(signed) });
    expect(canonicalTariff(read)).to.equal(canonicalTariff(defaultTariff));
    const bytes = JSON.stringify({ ...signed, sequence: 9 });
    expect((await refusal(readTariff({ name: "s.json", bytes }))).code).to.equal(
      "tariff/signature",
    );
  });

  it("has the digest that ethers computes, for every domain", () => {
    const types = {
      Tariff: [
        { name: "tariffHash", type: "bytes32" },
        { name: "sequence", type: "uint64" },
      ],
    };
    const value = { tariffHash: tariffHash(defaultTariff), sequence: 7 };
    const domains = [{}, { chainId: 1n }, { verifyingContract: domain.verifyingContract }, domain];
    for (const some of domains) {
      const typed = { name: "Sipster tariff", version: "1", ...some };
      expect(tariffDigest(defaultTariff, 7, some)).to.equal(
        TypedDataEncoder.hash(typed, types, value),
      );
    }
  });

  it("with a high s, or another v, is refused: there is one signature, not two", async () => {
    const signed = await signTariff({ tariff: defaultTariff, sequence: 7, signer: wallet, domain });
    const { r, s, v } = Signature.from(signed.signature);
    const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const high = (n - BigInt(s)).toString(16).padStart(64, "0");
    for (const [sHex, vHex] of [
      [high, v === 27 ? "1c" : "1b"],
      [s.slice(2), v === 27 ? "00" : "01"],
    ]) {
      const signature = `${r}${sHex!}${vHex!}`;
      const attempt = (): unknown =>
        verifyTariff({ ...signed, signature }, { signer: wallet.address, domain });
      expect((await refusal(attempt)).code).to.equal("tariff/signature");
    }
  });

  it("digest and hash are pinned: what is signed today must verify tomorrow", () => {
    expect(tariffHash(defaultTariff)).to.equal(
      "0x97020775af200942a8f6a12d5f03c1b148bdfb3433064a5704b98ed3bbe48c9f",
    );
    expect(tariffDigest(defaultTariff, 7, domain)).to.equal(
      "0x87b4e3fad4a8eac2de143ac82ea9ba4f3c93aaf0891a353bfe743c0a7e5d41b3",
    );
  });
});
