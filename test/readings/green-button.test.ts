import { readFileSync } from "node:fs";
import { expect } from "chai";
import { XMLParser } from "fast-xml-parser";
import { intervalsOfPeriod, readReadings } from "../../src/readings/index.js";
import { rate, readTariff } from "../../src/tariff/index.js";
import { defaultTariff } from "../../src/tariff/index.js";
import { dataFile, describeWithData } from "../data.js";
import { refusal } from "../support/errors.js";

const reading = (start: number | string, value: number | string, extra = ""): string =>
  `<IntervalReading>${extra}<timePeriod><duration>3600</duration><start>${start}</start></timePeriod><value>${value}</value></IntervalReading>`;

const entry = (self: string, related: string, content: string): string =>
  `<entry><link rel="self" href="${self}"/><link rel="related" href="${related}"/><content>${content}</content></entry>`;

function feed(
  blocks: string,
  type = "<uom>72</uom>",
  service = "0",
): { name: string; bytes: string } {
  const bytes = `<feed>
${entry("u/7/UsagePoint/1", "u/7/UsagePoint/1/MeterReading", `<UsagePoint><ServiceCategory><kind>${service}</kind></ServiceCategory></UsagePoint>`)}
${entry("u/7/UsagePoint/1/MeterReading/1", "t/1", "<MeterReading/>")}
${entry("t/1", "x", `<ReadingType>${type}</ReadingType>`)}
${entry("u/7/UsagePoint/1/MeterReading/1/IntervalBlock/1", "x", `<IntervalBlock>${blocks}</IntervalBlock>`)}
</feed>`;
  return { name: "gb.xml", bytes };
}

const hour = 1_300_000_000 - (1_300_000_000 % 3600);

describe("Green Button", () => {
  it("reads an interval of a home named after its customer and usage point", async () => {
    const set = await readReadings(feed(reading(hour, 450)));
    expect(set.homes.map((h) => [h.id, h.commodity])).to.deep.equal([["7-1", "electricity"]]);
    expect([...set.homes[0]!.intervals]).to.deep.equal([
      { start: hour * 1000, seconds: 3600, wattHours: 450, quality: "actual" },
    ]);
  });

  it("applies powers of ten and units: kWh, mWh, therms, joules", async () => {
    const wattHours = async (type: string, value: number, service = "0"): Promise<bigint> =>
      (await readReadings(feed(reading(hour, value), type, service))).homes[0]!.intervals.wattHours;
    expect(
      await wattHours("<powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom>", 2),
    ).to.equal(2000n);
    expect(
      await wattHours("<powerOfTenMultiplier>-3</powerOfTenMultiplier><uom>72</uom>", 2500),
    ).to.equal(2n);
    expect(await wattHours("<uom>169</uom>", 1, "1")).to.equal(29_300n);
    expect(await wattHours("<uom>31</uom>", 3_600_000)).to.equal(1000n);
  });

  it("gas by volume is left out until its energy is told", async () => {
    const file = feed(reading(hour, 3), "<commodity>7</commodity><uom>42</uom>", "1");
    const error = await refusal(readReadings(file));
    expect(error.code).to.equal("readings/no-readings");
    expect(error.message).to.include("cubic metre");
    const set = await readReadings(file, { gasWattHoursPerCubicMetre: 11_000 });
    expect(set.homes[0]).to.include({ commodity: "gas" });
    expect(set.homes[0]!.intervals.wattHours).to.equal(33_000n);
  });

  it("reverse flow is fed in, and net flow is divided by its sign", async () => {
    const reverse = await readReadings(
      feed(reading(hour, 5), "<flowDirection>19</flowDirection><uom>72</uom>"),
    );
    expect(reverse.homes[0]!.exported.wattHours).to.equal(5n);
    expect(reverse.homes[0]!.intervals.length).to.equal(0);
    const net = await readReadings(
      feed(
        reading(hour, 5) + reading(hour + 3600, -7),
        "<flowDirection>4</flowDirection><uom>72</uom>",
      ),
    );
    expect([...net.homes[0]!.intervals].map((i) => i.wattHours)).to.deep.equal([5, 0]);
    expect([...net.homes[0]!.exported].map((i) => i.wattHours)).to.deep.equal([0, 7]);
    expect(net.homes[0]!.gaps, "a time of feeding in is not a gap to be estimated").to.be.empty;
  });

  it("keeps estimated and edited readings apart from actual ones", async () => {
    const quality = (code: number): string =>
      `<ReadingQuality><quality>${code}</quality></ReadingQuality>`;
    const set = await readReadings(
      feed(
        reading(hour, 1, quality(8)) +
          reading(hour + 3600, 1, quality(7)) +
          reading(hour + 7200, 1, quality(17)),
      ),
    );
    expect([...set.homes[0]!.intervals].map((i) => i.quality)).to.deep.equal([
      "estimated",
      "substituted",
      "actual",
    ]);
  });

  it("counts what two blocks repeat once, and refuses what they contradict", async () => {
    const twice = await readReadings(feed(reading(hour, 4) + reading(hour, 4)));
    expect(twice.homes[0]!.intervals.wattHours).to.equal(4n);
    const error = await refusal(readReadings(feed(`${reading(hour, 4)}\n${reading(hour, 5)}`)));
    expect(error.code).to.equal("readings/contradictory-duplicate");
    expect(error.details).to.include({ line: 5, otherLine: 6 });
  });

  const bad: [string, { name: string; bytes: string }, string][] = [
    ["a start with a fraction", feed(reading("1721154384.66136", 1)), "not a whole second"],
    ["a value with a fraction", feed(reading(hour, "1.5")), "not an integer"],
    ["a negative value of one direction", feed(reading(hour, -1)), "negative"],
    [
      "a duration of nothing",
      feed(reading(hour, 1).replace("3600", "0")),
      "not a number of seconds",
    ],
    ["a reading type without a unit", feed(reading(hour, 1), ""), "in which unit"],
    [
      "a total instead of intervals",
      feed(reading(hour, 1), "<accumulationBehaviour>3</accumulationBehaviour><uom>72</uom>"),
      "accumulate",
    ],
    [
      "a quality that is none",
      feed(reading(hour, 1, "<ReadingQuality><quality>99</quality></ReadingQuality>")),
      '"99"',
    ],
    ["elements that do not close", { name: "gb.xml", bytes: "<feed><entry></feed>" }, "broken"],
    [
      "a file cut off",
      { name: "gb.xml", bytes: feed(reading(hour, 1)).bytes.slice(0, -30) },
      "broken",
    ],
  ];
  for (const [what, file, reason] of bad) {
    it(`refuses ${what}`, async () => {
      const error = await refusal(readReadings(file));
      expect(error.code).to.equal("readings/bad-row");
      expect(error.message).to.include("gb.xml").and.to.include(reason);
    });
  }
});

describe("hostile XML", () => {
  const hostile: [string, string][] = [
    ["a document type", `<!DOCTYPE feed><feed>${reading(hour, 1)}</feed>`],
    [
      "entities that multiply",
      `<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><feed>&b;</feed>`,
    ],
    [
      "an external entity",
      `<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]><feed>&x;</feed>`,
    ],
    ["an entity without a document type", "<feed>&x;</feed>"],
    ["depth", `<feed>${"<a>".repeat(100_000)}`],
    ["a text without end", `<feed><a>${"x".repeat(10_000_000)}`],
    ["a comment without end", `<feed><!--${"x".repeat(10_000_000)}`],
    ["a document type without end", `<!DOCTYPE feed [${" ".repeat(10_000_000)}`],
    ["a name without end", `<feed><a/><${"x".repeat(10_000_000)}`],
  ];
  for (const [what, text] of hostile) {
    it(`refuses ${what}`, async () => {
      // In pieces, as a file arrives: the refusal must come long before the end.
      let read = 0;
      async function* pieces(): AsyncGenerator<string> {
        for (let at = 0; at < text.length; at += 65_536) {
          read = at;
          yield text.slice(at, at + 65_536);
        }
      }
      const error = await refusal(readReadings(pieces()));
      expect(error.code).to.equal("readings/unsafe-xml");
      expect(read).to.be.lessThan(3_000_000);
    });
  }
});

describeWithData("Green Button files of the data folder", () => {
  /** The sum of all values, by a library that holds the whole document. */
  function sumOf(file: string): bigint {
    const parser = new XMLParser({ removeNSPrefix: true, parseTagValue: false });
    let sum = 0n;
    const walk = (node: unknown, name: string): void => {
      if (Array.isArray(node)) node.forEach((n) => walk(n, name));
      else if (typeof node === "object" && node !== null) {
        const fields = node as Record<string, unknown>;
        if (name === "IntervalReading") sum += BigInt(fields.value as string);
        else Object.entries(fields).forEach(([k, v]) => walk(v, k));
      }
    };
    walk(parser.parse(readFileSync(dataFile(file), "utf8")), "");
    return sum;
  }

  const files: [string, string, string, number, number][] = [
    [
      "Coastal_Multi_Family_12hr_Jan_1_2011_to_Jan_1_2012_RetailCustomer_3",
      "3-1",
      "America/Los_Angeles",
      8760,
      0,
    ],
    [
      "Coastal_Multi_Family_Daily_Jan_1_2011_to_Jan_1_2012_RetailCustomer_4",
      "4-1",
      "America/Los_Angeles",
      8760,
      0,
    ],
    [
      "Desert_Single_Family_Jan_1_2011_to_Jan_1_2012_RetailCustomer_7",
      "7-1",
      "America/Los_Angeles",
      8760,
      0,
    ],
    ["TestGBDataHourlyNineDaysBinnedDaily", "2-2", "America/New_York", 216, 0],
    ["TestGBDataOneYearDailyBinnedMonthly", "1-1", "America/New_York", 444, 0],
    ["abridged_electric_containerized", "3-1", "America/Los_Angeles", 8, 1],
    ["openespi_test_usage_data_01", "9B6C7066-5446AF3F", "America/New_York", 96, 0],
    ["openespi_test_usage_data_1", "9B6C7066-5446AF3F", "America/New_York", 480, 0],
  ];
  for (const [name, id, zone, count, gaps] of files) {
    it(`${name}: total as another parser finds it`, async () => {
      const path = `greenbutton/${name}.xml`;
      const set = await readReadings(dataFile(path));
      expect(set.homes.length).to.equal(1);
      const [home] = set.homes;
      expect([home!.id, home!.timeZone, home!.intervals.length, home!.gaps.length]).to.deep.equal([
        id,
        zone,
        count,
        gaps,
      ]);
      expect(home!.intervals.wattHours).to.equal(sumOf(path));
    });
  }

  it("the year by days has two days of 23 hours and one of 25", async () => {
    const set = await readReadings(dataFile("greenbutton/TestGBDataOneYearDailyBinnedMonthly.xml"));
    const odd = [...set.homes[0]!.intervals].map((i) => i.seconds).filter((s) => s !== 86_400);
    expect(odd).to.deep.equal([82_800, 90_000, 82_800]);
    expect(set.homes[0]!.gaps).to.deep.equal([]);
  });

  it("gas is a commodity of its own: 140 therms", async () => {
    const set = await readReadings(dataFile("greenbutton/abridged_gas_direct.xml"));
    expect(set.homes.map((h) => [h.id, h.commodity])).to.deep.equal([
      ["1234567890-NET_USAGE", "gas"],
    ]);
    // 140 therms of 105,480,400 J, 3,600 J each watt-hour.
    expect(set.homes[0]!.intervals.wattHours).to.equal((140n * 105_480_400n) / 3600n);
  });

  for (const name of ["ngma_gas_provider_2024-07-16", "abridged_gas_containerized"]) {
    it(`${name} is refused for its fractional start`, async () => {
      const error = await refusal(readReadings(dataFile(`greenbutton/${name}.xml`)));
      expect(error.code).to.equal("readings/bad-row");
      expect(error.details).to.include({ line: 55 });
      expect(error.details.file).to.match(new RegExp(`${name}\\.xml$`));
    });
  }

  it("the two Coastal files, cut into blocks differently, give equal bills", async () => {
    const [one, other] = await Promise.all(
      [
        "Coastal_Multi_Family_12hr_Jan_1_2011_to_Jan_1_2012_RetailCustomer_3",
        "Coastal_Multi_Family_Daily_Jan_1_2011_to_Jan_1_2012_RetailCustomer_4",
      ].map(async (name) => (await readReadings(dataFile(`greenbutton/${name}.xml`))).homes[0]!),
    );
    const dynamic = await readTariff({
      name: "p.csv",
      bytes: `time,usd_per_kwh\n${Array.from({ length: 8760 }, (_, h) => `${new Date(Date.UTC(2011, 0, 1) + h * 3_600_000).toISOString().slice(0, 16)},0.${100 + (h % 89)}`).join("\n")}\n`,
    });
    for (let month = 1; month <= 12; month++) {
      const period = `2011-${String(month).padStart(2, "0")}`;
      for (const tariff of [defaultTariff, dynamic]) {
        const amounts = [one!, other!].map(
          (h) => rate(intervalsOfPeriod(h, period), tariff).numerator,
        );
        expect(amounts[0], period).to.equal(amounts[1]);
        expect(amounts[0] === 0n).to.equal(false);
      }
    }
  });
});
