/** Green Button feeds with each entry and each field damaged: never a reading that no meter made. */
import { expect } from "chai";
import { readReadings, type ReadingSet, type Source } from "../../src/readings/index.js";
import { refusal } from "../support/errors.js";
import { expectHonest, outcomeOf, shuffled, type Verdict } from "./support/damage.js";

const START = 1_704_067_200;
const DAYS = 8;
const HOUR = 3600;

const entry = (self: string, related: readonly string[], content: string): string =>
  `<entry><link rel="self" href="${self}"/>${related.map((r) => `<link rel="related" href="${r}"/>`).join("")}<content>${content}</content></entry>`;

/** Hours of a day; no two days and no two registers alike. */
function block(reading: string, seed: number, day: number): string {
  const from = START + day * 24 * HOUR;
  const rows = Array.from({ length: 24 }, (_, i) => {
    const value = 200 + ((i * 137 + day * 53 + seed * 71) % 389);
    return `<IntervalReading><timePeriod><duration>${HOUR}</duration><start>${from + i * HOUR}</start></timePeriod><value>${value}</value></IntervalReading>`;
  });
  const interval = `<interval><duration>${24 * HOUR}</duration><start>${from}</start></interval>`;
  return entry(
    `${reading}/IntervalBlock/${day}`,
    [],
    `<IntervalBlock>${interval}${rows.join("")}</IntervalBlock>`,
  );
}

/** A usage point and its meter readings, each with its type and a block for each day. */
function point(number: number, flows: readonly number[]): string[] {
  const self = `u/7/UsagePoint/${number}`;
  const service = "<UsagePoint><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>";
  return [
    entry(self, [`${self}/MeterReading`], service),
    ...flows.flatMap((flow, k) => {
      const reading = `${self}/MeterReading/${k + 1}`;
      const type = `t/${number}-${k + 1}`;
      return [
        entry(reading, [type], "<MeterReading/>"),
        entry(
          type,
          [],
          `<ReadingType><accumulationBehaviour>4</accumulationBehaviour><commodity>1</commodity><flowDirection>${flow}</flowDirection><kind>12</kind><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>72</uom></ReadingType>`,
        ),
        ...Array.from({ length: DAYS }, (_, day) => block(reading, number * 3 + k, day)),
      ];
    }),
  ];
}

const TIME =
  "<entry><content><LocalTimeParameters><dstOffset>0</dstOffset><tzOffset>-18000</tzOffset></LocalTimeParameters></content></entry>";
const ENTRIES = [TIME, ...point(1, [1, 19]), ...point(2, [1])];
const feed = (entries: readonly string[]): Source => ({
  name: "gb.xml",
  bytes: `<feed>${entries.join("\n")}</feed>`,
});
const all = (change: (entry: string) => string): Source => feed(ENTRIES.map(change));

describe("damaged Green Button feeds", () => {
  let whole: ReadingSet;
  before(async () => {
    whole = await readReadings(feed(ENTRIES));
    expect(whole.homes.map((h) => [h.id, h.intervals.length, h.exported.length])).to.deep.equal([
      ["7-1", DAYS * 24, DAYS * 24],
      ["7-2", DAYS * 24, 0],
    ]);
  });

  it("given an entry lost, doubled or in its neighbour's place, then no reading changes its home or register", async () => {
    const counts: Record<Verdict, number> = { same: 0, "fewer, and said": 0, refused: 0 };
    for (const [what, entries] of shuffled(ENTRIES)) {
      // Without its parameters of time a feed is read in UTC, and no bill is made of it.
      if (what === "0 is lost") continue;
      counts[expectHonest(whole, await outcomeOf(feed(entries)), `entry ${what}`)] += 1;
    }
    expect(counts["fewer, and said"]).to.be.greaterThan(10);
    expect(counts.same).to.be.greaterThan(30);
    expect(counts.refused).to.be.greaterThan(2);
  });

  it("given a feed cut anywhere, then it is refused", async () => {
    const text = `<feed>${ENTRIES.join("\n")}</feed>`;
    for (let length = 1; length < text.length; length += 1499) {
      const { refused } = await outcomeOf({ name: "gb.xml", bytes: text.slice(0, length) });
      expect(refused, `cut after ${length}`).to.not.equal(undefined);
    }
  });

  it("given a link lost or astray, then no reading changes its home or register", async () => {
    for (const [n, one] of ENTRIES.entries()) {
      for (const link of one.match(/<link[^>]*>/g) ?? []) {
        for (const other of ["", link.replace(/href="[^"]*"/, 'href="x/9"')]) {
          const got = await outcomeOf(feed(ENTRIES.with(n, one.replace(link, other))));
          expectHonest(whole, got, `entry ${n}, ${link} → ${other}`);
        }
      }
    }
  });

  it("given a reading lost, doubled or moved within its block, then it is a gap, counts once, or is refused", async () => {
    const at = ENTRIES.findIndex((e) => e.includes("IntervalBlock"));
    const [head = "", ...rows] = ENTRIES[at]!.split("<IntervalReading>");
    for (const [what, changed] of shuffled(rows)) {
      const got = await outcomeOf(
        feed(ENTRIES.with(at, [head, ...changed].join("<IntervalReading>"))),
      );
      expectHonest(whole, got, `reading ${what}`);
    }
  });

  it("given a block whose last readings are lost, then it is said, though nothing follows", async () => {
    const last = ENTRIES.at(-1)!;
    const cut = last.split("<IntervalReading>").slice(0, -5).join("<IntervalReading>");
    const set = await readReadings(
      feed(ENTRIES.with(-1, `${cut}</IntervalBlock></content></entry>`)),
    );
    expect(
      set.oddities.find((o) => o.kind === "ends-early" && o.message.includes("block"))?.message,
    ).to.include("5 h");
  });

  const second = (one: string): boolean => one.includes("t/1-2");
  const changes: Record<string, (entry: string) => string> = {
    "energy fed in without its direction": (e) =>
      second(e) ? e.replace("<flowDirection>19</flowDirection>", "") : e,
    "energy fed in under the direction of energy drawn": (e) =>
      second(e) ? e.replace("<flowDirection>19", "<flowDirection>1") : e,
    "energy in a unit of power": (e) => e.replace("<uom>72", "<uom>38"),
    "one register of energy in a unit of power": (e) =>
      second(e) ? e.replace("<uom>72", "<uom>38") : e,
    "electricity in therms": (e) => e.replace("<uom>72", "<uom>169"),
    "electricity in British thermal units": (e) => e.replace("<uom>72", "<uom>132"),
    "no unit": (e) => e.replace("<uom>72</uom>", ""),
    "a register that accumulates": (e) => e.replace("Behaviour>4", "Behaviour>1"),
    "the sign of every value": (e) => e.replaceAll("<value>", "<value>-"),
    "the sign of one value": (e) => e.replace("<value>", "<value>-"),
    "start and duration under each other's names": (e) =>
      e.replaceAll(/<duration>(\d+)<\/duration><start>(\d+)/g, "<duration>$2</duration><start>$1"),
    "the second block at the time of the first": (e) =>
      e.includes("UsagePoint/1/MeterReading/1/IntervalBlock/1")
        ? e.replaceAll(/<start>(\d+)/g, (_, s: string) => `<start>${Number(s) - 24 * HOUR}`)
        : e,
    "two usage points of one number": (e) => e.replaceAll("UsagePoint/2", "UsagePoint/1"),
    "durations of half the distance": (e) =>
      e.replaceAll(`<duration>${HOUR}<`, `<duration>${HOUR / 2}<`),
    "durations of twice the distance": (e) =>
      e.replaceAll(`<duration>${HOUR}<`, `<duration>${HOUR * 2}<`),
    "a quality that is not known": (e) =>
      e.replace("<value>", "<ReadingQuality><quality>77</quality></ReadingQuality><value>"),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`given ${what}, then it is refused or asked`, async () => {
      const { refused } = await outcomeOf(all(change));
      expect(refused).to.not.equal(undefined);
    });
  }

  it("given a wrong unit or power of ten, then it is asked, and the answer gives the energy that was read", async () => {
    for (const power of [3, -3]) {
      const damaged = all((e) => e.replace("Multiplier>0", `Multiplier>${power}`));
      const error = await refusal(readReadings(damaged));
      expect(error.code).to.equal("readings/question");
      expect(error.message).to.include("--scale");
      const set = await readReadings(damaged, { mapping: { scale: power === 3 ? 0.001 : 1000 } });
      expect(set.homes.map((h) => h.intervals.wattHours)).to.deep.equal(
        whole.homes.map((h) => h.intervals.wattHours),
      );
    }
    const joules = all((e) => e.replace("<uom>72", "<uom>31"));
    expect((await refusal(readReadings(joules))).message).to.include("--scale");
  });
});
