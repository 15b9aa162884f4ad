/** Green Button files with several registers of a supply, and with the rules by which clocks change. */
import { expect } from "chai";
import { readReadings, type Mapping, type ReadingSet } from "../../src/readings/index.js";
import { expectQuestion } from "../support/tables.js";

interface Register {
  readonly type: string;
  /** Seconds of each interval, and watt-hours. */
  readonly seconds: number;
  readonly values: readonly number[];
}

const START = 1_704_067_200;

function feed(registers: readonly Register[], time = ""): { name: string; bytes: string } {
  const point = "u/7/UsagePoint/1";
  const entry = (self: string, related: readonly string[], content: string): string =>
    `<entry><link rel="self" href="${self}"/>${related.map((r) => `<link rel="related" href="${r}"/>`).join("")}<content>${content}</content></entry>`;
  const all = registers.map(({ type, seconds, values }, k) => {
    const reading = `${point}/MeterReading/${k + 1}`;
    const rows = values.map(
      (value, i) =>
        `<IntervalReading><timePeriod><duration>${seconds}</duration><start>${START + i * seconds}</start></timePeriod><value>${value}</value></IntervalReading>`,
    );
    return (
      entry(reading, [`t/${k + 1}`], "<MeterReading/>") +
      entry(`t/${k + 1}`, [], `<ReadingType>${type}<uom>72</uom></ReadingType>`) +
      entry(`${reading}/IntervalBlock/1`, [], `<IntervalBlock>${rows.join("")}</IntervalBlock>`)
    );
  });
  const service = "<UsagePoint><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>";
  return {
    name: "gb.xml",
    bytes: `<feed>${time}${entry(point, [`${point}/MeterReading`], service)}${all.join("")}</feed>`,
  };
}

const flow = (code: number, tou?: number): string =>
  `<flowDirection>${code}</flowDirection>${tou === undefined ? "" : `<tou>${tou}</tou>`}`;
const hours = Array.from({ length: 48 }, (_, i) => 100 + ((i * 37) % 48));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const days = [sum(hours.slice(0, 24)), sum(hours.slice(24))];

async function energies(
  registers: readonly Register[],
  mapping: Mapping = {},
): Promise<[number, number]> {
  const [home] = (await readReadings(feed(registers), { mapping })).homes;
  return [Number(home!.intervals.wattHours), Number(home!.exported.wattHours)];
}

describe("Green Button registers of the same energy", () => {
  const hourly = { type: flow(1), seconds: 3600, values: hours };

  it("given the hour and the day, then the energy counts once, and this is said", async () => {
    const daily = { type: flow(1), seconds: 86_400, values: days };
    for (const registers of [
      [hourly, daily],
      [daily, hourly],
    ]) {
      const set: ReadingSet = await readReadings(feed(registers));
      expect(Number(set.homes[0]!.intervals.wattHours)).to.equal(sum(hours));
      expect(set.homes[0]!.intervals.length).to.equal(48);
      expect(set.oddities.some((o) => o.message.includes("left out"))).to.equal(true);
    }
  });

  it("given delivered, received and their difference, then the difference does not count", async () => {
    const received = hours.map((h) => h - 90);
    const registers = [
      hourly,
      { type: flow(19), seconds: 3600, values: received },
      { type: flow(4), seconds: 3600, values: hours.map((h, i) => h - received[i]!) },
    ];
    expect(await energies(registers)).to.deep.equal([sum(hours), sum(received)]);
  });

  it("given delivered and the difference alone, then it is asked", async () => {
    const net = { type: flow(4), seconds: 3600, values: hours.map((h) => h - 120) };
    const reading = readReadings(feed([hourly, net]));
    const error = await expectQuestion(reading, "--registers");
    expect(error.message).to.include("MeterReading/1").and.to.include("MeterReading/2");
    const answer = "u/7/UsagePoint/1/MeterReading/1";
    expect(await energies([hourly, net], { registers: answer })).to.deep.equal([sum(hours), 0]);
  });

  it("given registers that overlap and differ, then it is asked; added up where the answer says so", async () => {
    const other = { type: flow(1), seconds: 3600, values: hours.map((h) => h + 50) };
    await expectQuestion(readReadings(feed([hourly, other])), "--registers");
    const both = await energies([hourly, other], { registers: "add" });
    expect(both[0]).to.equal(2 * sum(hours) + 48 * 50);
  });

  it("given a day that differs from its hours by more than rounding, then it is asked", async () => {
    const daily = { type: flow(1), seconds: 86_400, values: [days[0]!, days[1]! + 500] };
    await expectQuestion(readReadings(feed([hourly, daily])), "--registers");
  });

  it("given registers of different times of use, then they add up unasked", async () => {
    const peak = { type: flow(1, 1), seconds: 3600, values: hours };
    const night = { type: flow(1, 2), seconds: 3600, values: hours.map((h) => h + 9) };
    expect((await energies([peak, night]))[0]).to.equal(2 * sum(hours) + 48 * 9);
  });
});

describe("Green Button rules of daylight saving", () => {
  const one = [{ type: flow(1), seconds: 3600, values: hours }];
  const parameters = (tz: number, start: string, end: string, shift = 3600): string =>
    `<entry><content><LocalTimeParameters><dstEndRule>${end}</dstEndRule><dstOffset>${shift}</dstOffset><dstStartRule>${start}</dstStartRule><tzOffset>${tz}</tzOffset></LocalTimeParameters></content></entry>`;
  const read = (tz: number, start: string, end: string, shift?: number): Promise<ReadingSet> =>
    readReadings(feed(one, parameters(tz, start, end, shift)));

  // Month, operator, day of month, weekday, hour and seconds, as REQ.21 packs them in 32 bits.
  const rule = (
    month: number,
    operator: number,
    day: number,
    weekday: number,
    hour: number,
  ): string =>
    (month * 2 ** 28 + operator * 2 ** 25 + day * 2 ** 20 + weekday * 2 ** 17 + hour * 2 ** 12)
      .toString(16)
      .toUpperCase();

  const known: readonly (readonly [string, number, string, string, string])[] = [
    ["the second Sunday of March", -28_800, "360E2000", "B40E2000", "America/Los_Angeles"],
    [
      "the Sunday on or after a day",
      -18_000,
      rule(3, 1, 8, 7, 2),
      rule(11, 1, 1, 7, 2),
      "America/New_York",
    ],
    ["the last Sunday", 3600, rule(3, 7, 0, 7, 2), rule(10, 7, 0, 7, 3), "Europe/Brussels"],
    ["the last Sunday at one", 0, rule(3, 7, 0, 7, 1), rule(10, 7, 0, 7, 2), "Europe/London"],
    [
      "a summer over the new year",
      36_000,
      rule(10, 2, 0, 7, 2),
      rule(4, 2, 0, 7, 3),
      "Australia/Sydney",
    ],
  ];
  for (const [what, offset, start, end, zone] of known) {
    it(`given ${what}, then days begin as in ${zone}`, async () => {
      const set = await read(offset, start, end);
      expect(set.timeZone).to.equal(zone);
      expect(set.homes[0]!.zoneUnknown).to.equal(undefined);
    });
  }

  it("given half an hour of summer time, then the zone is the one that has it", async () => {
    const set = await read(37_800, rule(10, 2, 0, 7, 2), rule(4, 2, 0, 7, 2), 1800);
    expect(set.timeZone).to.equal("Australia/Lord_Howe");
  });

  it("given no summer time, then the offset stands all year", async () => {
    expect((await read(-25_200, "00000000", "00000000", 0)).timeZone).to.equal("-07:00");
  });

  it("given rules that no zone has, or none, then no zone is assumed and a bill has to be told", async () => {
    const unknown: readonly (readonly [number, string, string])[] = [
      [-18_000, rule(5, 2, 0, 3, 2), rule(8, 2, 0, 3, 2)],
      [-18_000, "FFFFFFFF", "FFFFFFFF"],
      [-18_000, "", ""],
      [99_999, "360E2000", "B40E2000"],
    ];
    for (const rules of unknown) {
      const set = await read(...rules);
      expect(set.homes[0]!.zoneUnknown, JSON.stringify(rules)).to.equal(true);
    }
  });
});
