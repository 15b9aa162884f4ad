import { expect } from "chai";
import { readReadings } from "../../src/readings/index.js";
import { dataFile, describeWithData } from "../data.js";
import { refusal } from "../support/errors.js";

const day = ({
  date,
  values,
  method = "A",
  issued = "",
}: {
  readonly date: string;
  readonly values: readonly (string | number)[];
  readonly method?: string;
  readonly issued?: string;
}): string => `300,${date},${values.join(",")},${method},,,${issued},\n`;
const two = (a: string | number, b: string | number): (string | number)[] => [
  ...new Array<string | number>(24).fill(a),
  ...new Array<string | number>(24).fill(b),
];
const nem = (body: string): { name: string; bytes: string } => ({
  name: "nem.csv",
  bytes: `100,NEM12,202401010000,MDP,RET\n${body}900\n`,
});
/** Of a meter that has this stream alone, unless its configuration says more. */
const stream = ({
  suffix = "E1",
  unit = "kWh",
  meter = "M1",
  configuration = suffix,
}: {
  readonly suffix?: string;
  readonly unit?: string;
  readonly meter?: string;
  readonly configuration?: string;
} = {}): string => `200,4001,${configuration},1,${suffix},N1,${meter},${unit},30,\n`;
const ofMany = (suffix: string): string =>
  stream({ suffix, unit: "kWh", meter: "M1", configuration: "E1E2B1" });

describe("NEM12 and NEM13", () => {
  it("a day begins at midnight of UTC+10, in any zone of the caller", async () => {
    for (const timeZone of ["+10:00", "Australia/Sydney", "UTC"]) {
      const set = await readReadings(nem(stream() + day({ date: "20240201", values: two(1, 2) })), {
        timeZone,
      });
      const [first] = set.homes[0]!.intervals;
      expect(first).to.deep.equal({
        start: Date.UTC(2024, 0, 31, 14),
        seconds: 1800,
        wattHours: 1000,
        quality: "actual",
      });
      expect(set.timeZone).to.equal(timeZone);
    }
    expect(
      (await readReadings(nem(stream() + day({ date: "20240201", values: two(1, 2) })))).timeZone,
    ).to.equal("+10:00");
  });

  it("adds up registers drawn from, and keeps what is fed in apart", async () => {
    const set = await readReadings(
      nem(
        ofMany("E1") +
          day({ date: "20240201", values: two(1, 1) }) +
          ofMany("E2") +
          day({ date: "20240201", values: two(0.5, 0) }) +
          ofMany("B1") +
          day({ date: "20240201", values: two(0, 0.25) }),
      ),
    );
    const [home] = set.homes;
    expect(home!.intervals.wattHours).to.equal(60_000n);
    expect(home!.intervals.at(0).wattHours).to.equal(1500);
    expect(home!.exported.wattHours).to.equal(6000n);
  });

  it("adds registers of different interval lengths", async () => {
    const quarter = `200,4001,E2,2,E2,N1,M1,kWh,15,\n300,20240201,${new Array(96).fill("0.1").join(",")},A,,,,\n`;
    const set = await readReadings(
      nem(stream({ suffix: "E1" }) + day({ date: "20240201", values: two(1, 1) }) + quarter),
    );
    const [home] = set.homes;
    expect(home!.intervals.length).to.equal(96);
    expect(home!.intervals.wattHours).to.equal(57_600n);
    expect(home!.intervals.at(0)).to.include({ seconds: 900, wattHours: 600 });
  });

  it("goes on with the new meter when a meter is exchanged", async () => {
    const set = await readReadings(
      nem(
        stream({ suffix: "E1", unit: "kWh", meter: "OLD" }) +
          day({ date: "20240201", values: two(1, 1) }) +
          stream({ suffix: "E1", unit: "kWh", meter: "NEW" }) +
          day({ date: "20240202", values: two(2, 2) }),
      ),
    );
    expect(set.homes[0]!.intervals.wattHours).to.equal(144_000n);
    expect(set.homes[0]!.gaps).to.deep.equal([]);
  });

  it("400 records give the quality of each interval; N is not a reading", async () => {
    const set = await readReadings(
      nem(
        stream() +
          day({ date: "20240201", values: two(1, 1), method: "V" }) +
          "400,1,10,E52,,\n400,11,40,A,,\n400,41,44,S14,,\n400,45,48,N,,\n",
      ),
    );
    const qualities = [...set.homes[0]!.intervals].map((i) => i.quality);
    expect(qualities.length).to.equal(44);
    expect(qualities.filter((q) => q === "estimated").length).to.equal(10);
    expect(qualities.filter((q) => q === "substituted").length).to.equal(4);
  });

  it("what was issued later counts, even an estimate after an actual reading", async () => {
    const early = day({
      date: "20240201",
      values: two(1, 1),
      method: "A",
      issued: "20240202000000",
    });
    const late = day({
      date: "20240201",
      values: two(3, 3),
      method: "E52",
      issued: "20240301000000",
    });
    for (const body of [early + stream() + late, late + stream() + early]) {
      const set = await readReadings(nem(stream() + body));
      expect(set.homes[0]!.intervals.wattHours).to.equal(144_000n);
      expect(set.oddities.find((o) => o.kind === "replaced")?.count).to.equal(48);
    }
  });

  it("without a time of issue an actual reading replaces an estimate", async () => {
    const body =
      day({ date: "20240201", values: two(3, 3), method: "E52" }) +
      stream() +
      day({ date: "20240201", values: two(1, 1) });
    const set = await readReadings(nem(stream() + body));
    expect(set.homes[0]!.intervals.at(0)).to.include({ wattHours: 1000, quality: "actual" });
  });

  it("reads a file without its header, as portals give it, and says that it may be cut short", async () => {
    // With fewer fields at the end of records, too.
    const body =
      "200,4001,E1B1,1,E1,N1,M1,kWh,30\n" +
      day({ date: "20240201", values: two(1, 2) }).replace(/,,,,\n/, ",,\n") +
      stream({ suffix: "B1", unit: "kWh", meter: "M1", configuration: "E1B1" }) +
      day({ date: "20240201", values: two(0, 0.25) });
    const set = await readReadings({ name: "nem.csv", bytes: body });
    const [home] = set.homes;
    expect([home!.intervals.wattHours, home!.exported.wattHours]).to.deep.equal([72_000n, 6_000n]);
    expect(set.timeZone).to.equal("+10:00");
    expect(set.oddities.find((o) => o.kind === "assumed")?.message).to.include("whole");
    // An end without a beginning is a file whose beginning is lost.
    const lost = await refusal(readReadings({ name: "nem.csv", bytes: `${body}900\n` }));
    expect(lost.message).to.include("100 record");
    const days = await refusal(
      readReadings({ name: "nem.csv", bytes: day({ date: "20240201", values: two(1, 2) }) }),
    );
    expect(days.message).to.include("100 or 200 record");
  });

  it("reads a day of five minutes with a quality for each of its intervals", async () => {
    const flags = Array.from({ length: 288 }, (_, i) => {
      const quality = ["A", "E52", "S14"][i % 3]!;
      return `400,${i + 1},${i + 1},${quality},,\n`;
    });
    const body =
      stream().replace(",30,", ",5,") +
      day({ date: "20240201", values: new Array<string>(288).fill("0.1"), method: "V" }) +
      flags.join("");
    const [home] = (await readReadings(nem(body))).homes;
    const qualities = [...home!.intervals].map((i) => i.quality);
    expect(qualities.slice(0, 4)).to.deep.equal(["actual", "estimated", "substituted", "actual"]);
    expect(qualities.filter((q) => q === "estimated").length).to.equal(96);
    expect(home!.intervals.wattHours).to.equal(28_800n);
  });

  const bad: [string, string, string, number][] = [
    [
      "a value that is negative",
      stream() + day({ date: "20240201", values: two(-1, 1) }),
      "interval 1",
      3,
    ],
    [
      "a value of words",
      stream() + day({ date: "20240201", values: two(1, "x") }),
      'interval 25: "x"',
      3,
    ],
    [
      "a date that is none",
      stream() + day({ date: "20240231", values: two(1, 1) }),
      "not a date",
      3,
    ],
    ["a day before its stream", day({ date: "20240201", values: two(1, 1) }), "without a 200", 2],
    [
      "qualities that leave an interval out",
      stream() + day({ date: "20240201", values: two(1, 1), method: "V" }) + "400,1,47,A,,\n",
      "interval 48 has no quality",
      3,
    ],
    [
      "qualities given twice",
      stream() +
        day({ date: "20240201", values: two(1, 1), method: "V" }) +
        "400,1,48,A,,\n400,48,48,A,,\n",
      "has a quality already",
      5,
    ],
    [
      "a run beyond the day",
      stream() + day({ date: "20240201", values: two(1, 1), method: "V" }) + "400,1,49,A,,\n",
      "run of intervals",
      4,
    ],
    ["an interval length that is none", "200,4001,E1,1,E1,N1,M1,kWh,7,\n", "interval length", 2],
    ["a record after the end", "900\n" + stream(), "follows the 900", 3],
    ["a record of no known kind", "777,a\n", '"777"', 2],
  ];
  for (const [what, body, reason, line] of bad) {
    it(`refuses ${what}`, async () => {
      const error = await refusal(readReadings(nem(body)));
      expect(error.code).to.equal("readings/bad-row");
      expect(error.message).to.include("nem.csv").and.to.include(reason);
      expect(error.details.line).to.equal(line);
    });
  }

  it("refuses a file that is cut off", async () => {
    const { bytes, name } = nem(stream() + day({ date: "20240201", values: two(1, 1) }));
    const error = await refusal(readReadings({ name, bytes: bytes.replace("900\n", "") }));
    expect(error.message).to.include("cut off");
  });

  it("refuses contradictory days of equal standing", async () => {
    const body =
      day({ date: "20240201", values: two(1, 1) }) +
      stream() +
      day({ date: "20240201", values: two(1, 2) });
    const error = await refusal(readReadings(nem(stream() + body)));
    expect(error.code).to.equal("readings/contradictory-duplicate");
    expect(error.details).to.include({ line: 3, otherLine: 5 });
  });
});

describeWithData("NEM12 and NEM13 files of the data folder", () => {
  const totals: [string, [string, number, bigint, bigint][]][] = [
    ["NEM12_actual_interval", [["VABD000163", 48, 53_328n, 0n]]],
    ["NEM12_upper_case_units", [["VABD000163", 48, 53_328n, 0n]]],
    ["NEM12_substituted_interval", [["VBCD000022", 48, 110_976n, 0n]]],
    // 18.023 + 19.150 + … of its 48 values, summed with Python's decimals.
    ["NEM12_multiple_quality", [["CCCC123456", 48, 896_990n, 0n]]],
    // E1 adds up to 254 kWh, E2 to 120.
    ["NEM12_different_interval_length", [["C123", 48, 374_000n, 0n]]],
    // Two days of 96 intervals: E1 10 and E2 100 Wh each, B1 10; the second meter only feeds in, 20.
    [
      "NEM12_multiple_meters",
      [
        ["NCDE001111", 192, 21_120n, 1920n],
        ["NDDD001888", 0, 0n, 3840n],
      ],
    ],
    ["NEM13_consumption_data", [["VABC005890", 1, 1_312_100n, 0n]]],
  ];
  for (const [name, homes] of totals) {
    it(name, async () => {
      const set = await readReadings(dataFile(`nem12/${name}.csv`));
      expect(
        set.homes.map((h) => [
          h.id,
          h.intervals.length,
          h.intervals.wattHours,
          h.exported.wattHours,
        ]),
      ).to.deep.equal(homes);
    });
  }

  it("the accumulated quarter lies between its two readings, in market time", async () => {
    const set = await readReadings(dataFile("nem12/NEM13_consumption_data.csv"));
    expect(set.homes[0]!.intervals.from).to.equal(Date.UTC(2003, 9, 4, 23, 30, 55));
    expect(set.homes[0]!.intervals.to).to.equal(Date.UTC(2004, 0, 7, 0, 3, 33));
  });

  const refused: [string, number, string][] = [
    ["invalid_NEM12_30min_200_15min_300", 3, "96 values where 48 of 30 minutes are due"],
    ["invalid_NEM12_incomplete_interval", 3, "0 values where 48"],
    ["invalid_NEM12_missing_header", 6, "a 100 record must come first"],
  ];
  for (const [name, line, reason] of refused) {
    it(`${name} is refused at line ${line}`, async () => {
      const file = dataFile(`nem12/${name}.csv`);
      const error = await refusal(readReadings(file));
      expect(error.code).to.equal("readings/bad-row");
      expect(error.message).to.include(`${name}.csv, line ${line}: ${reason}`);
      expect(error.details).to.include({ file, line });
    });
  }
});
