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
  const parameters = ({
    tz,
    start,
    end,
    shift = 3600,
  }: {
    readonly tz: number;
    readonly start: string;
    readonly end: string;
    readonly shift?: number | undefined;
  }): string =>
    `<entry><content><LocalTimeParameters><dstEndRule>${end}</dstEndRule><dstOffset>${shift}</dstOffset><dstStartRule>${start}</dstStartRule><tzOffset>${tz}</tzOffset></LocalTimeParameters></content></entry>`;
  const read = ({
    tz,
    start,
    end,
    shift,
  }: {
    readonly tz: number;
    readonly start: string;
    readonly end: string;
    readonly shift?: number;
  }): Promise<ReadingSet> => readReadings(feed(one, parameters({ tz, start, end, shift })));

  // Month, operator, day of month, weekday, hour and seconds, as REQ.21 packs them in 32 bits.
  const rule = ({
    month,
    operator,
    day,
    weekday,
    hour,
  }: {
    readonly month: number;
    readonly operator: number;
    readonly day: number;
    readonly weekday: number;
    readonly hour: number;
  }): string =>
    (month * 2 ** 28 + operator * 2 ** 25 + day * 2 ** 20 + weekday * 2 ** 17 + hour * 2 ** 12)
      .toString(16)
      .toUpperCase();

  const known: readonly (readonly [string, number, string, string, string])[] = [
    ["the second Sunday of March", -28_800, "360E2000", "B40E2000", "America/Los_Angeles"],
    [
      "the Sunday on or after a day",
      -18_000,
      rule({ month: 3, operator: 1, day: 8, weekday: 7, hour: 2 }),
      rule({ month: 11, operator: 1, day: 1, weekday: 7, hour: 2 }),
      "America/New_York",
    ],
    [
      "the last Sunday",
      3600,
      rule({ month: 3, operator: 7, day: 0, weekday: 7, hour: 2 }),
      rule({ month: 10, operator: 7, day: 0, weekday: 7, hour: 3 }),
      "Europe/Brussels",
    ],
    [
      "the last Sunday at one",
      0,
      rule({ month: 3, operator: 7, day: 0, weekday: 7, hour: 1 }),
      rule({ month: 10, operator: 7, day: 0, weekday: 7, hour: 2 }),
      "Europe/London",
    ],
    [
      "a summer over the new year",
      36_000,
      rule({ month: 10, operator: 2, day: 0, weekday: 7, hour: 2 }),
      rule({ month: 4, operator: 2, day: 0, weekday: 7, hour: 3 }),
      "Australia/Sydney",
    ],
  ];
  for (const [what, offset, start, end, zone] of known) {
    it(`given ${what}, then days begin as in ${zone}`, async () => {
      const set = await read({ tz: offset, start, end });
      expect(set.timeZone).to.equal(zone);
      expect(set.homes[0]!.zoneUnknown).to.equal(undefined);
    });
  }

  it("given half an hour of summer time, then the zone is the one that has it", async () => {
    const set = await read({
      tz: 37_800,
      start: rule({ month: 10, operator: 2, day: 0, weekday: 7, hour: 2 }),
      end: rule({ month: 4, operator: 2, day: 0, weekday: 7, hour: 2 }),
      shift: 1800,
    });
    expect(set.timeZone).to.equal("Australia/Lord_Howe");
  });

  it("given no summer time, then the offset stands all year", async () => {
    expect(
      (await read({ tz: -25_200, start: "00000000", end: "00000000", shift: 0 })).timeZone,
    ).to.equal("-07:00");
  });

  it("given rules that no zone has, or none, then no zone is assumed and a bill has to be told", async () => {
    const unknown: readonly (readonly [number, string, string])[] = [
      [
        -18_000,
        rule({ month: 5, operator: 2, day: 0, weekday: 3, hour: 2 }),
        rule({ month: 8, operator: 2, day: 0, weekday: 3, hour: 2 }),
      ],
      [-18_000, "FFFFFFFF", "FFFFFFFF"],
      [-18_000, "", ""],
      [99_999, "360E2000", "B40E2000"],
    ];
    for (const rules of unknown) {
      const [tz, start, end] = rules;
      const set = await read({ tz, start, end });
      expect(set.homes[0]!.zoneUnknown, JSON.stringify(rules)).to.equal(true);
    }
  });
});
