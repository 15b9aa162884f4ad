/** JSON of Octopus, n3rgy, Amber and Datadis with each entry and field damaged: never a reading that no meter made. */
import { expect } from "chai";
import {
  readReadings,
  type Mapping,
  type ReadingSet,
  type Source,
} from "../../src/readings/index.js";
import { refusal } from "../support/errors.js";
import { expectHonest, outcomeOf, shuffled, type Verdict } from "./support/damage.js";

const HALF_HOUR = 1_800_000;
const COUNT = 8 * 48;
const BEGINS = Date.UTC(2024, 1, 12);
const kWh = (i: number, seed = 0): number => (200 + ((i * 137 + seed * 71) % 389)) / 1000;
const iso = (at: number): string => new Date(at).toISOString().slice(0, 19);
const at = (i: number): number => BEGINS + i * HALF_HOUR;
const two = (n: number): string => String(n).padStart(2, "0");

interface Subject {
  readonly name: string;
  readonly entries: readonly object[];
  readonly around: (entries: readonly unknown[]) => unknown;
  readonly energy: string;
  readonly timeZone?: string;
}

const list = Array.from({ length: COUNT }, (_, i) => i);
const SUBJECTS: readonly Subject[] = [
  {
    name: "Octopus",
    energy: "consumption",
    entries: list.map((i) => ({
      consumption: kWh(i),
      interval_start: `${iso(at(i))}Z`,
      interval_end: `${iso(at(i + 1))}Z`,
    })),
    around: (results) => ({ count: COUNT, next: null, previous: null, results }),
  },
  {
    name: "n3rgy",
    energy: "value",
    entries: list.map((i) => ({
      value: kWh(i),
      timestamp: iso(at(i)).slice(0, 16).replace("T", " "),
    })),
    around: (values) => ({
      resource: "/2/electricity/consumption/1",
      start: "202402120000",
      end: "202402200000",
      granularity: "halfhour",
      values,
      unit: "kWh",
    }),
  },
  {
    name: "Amber",
    energy: "kwh",
    entries: list.flatMap((i) => {
      const usage = (channelType: string, channelIdentifier: string, kwh: number): object => ({
        type: "Usage",
        duration: 30,
        startTime: `${iso(at(i)).slice(0, 18)}1Z`,
        endTime: `${iso(at(i + 1))}Z`,
        quality: "billable",
        channelType,
        channelIdentifier,
        kwh,
      });
      return [usage("general", "E1", kWh(i)), usage("feedIn", "B1", kWh(i, 1))];
    }),
    around: (entries) => entries,
  },
  {
    name: "Datadis",
    energy: "consumptionKWh",
    timeZone: "Europe/Madrid",
    entries: Array.from({ length: 8 * 24 }, (_, i) => ({
      cups: "ES0021000000000000AA",
      date: `2024/02/${12 + Math.floor(i / 24)}`,
      time: `${two((i % 24) + 1)}:00`,
      consumptionKWh: kWh(i),
      obtainMethod: "Real",
      surplusEnergyKWh: kWh(i, 1),
    })),
    around: (entries) => entries,
  },
];

for (const subject of SUBJECTS) {
  const { entries, around, energy } = subject;
  const zone = subject.timeZone === undefined ? {} : { timeZone: subject.timeZone };
  const file = (changed: readonly unknown[]): Source => ({
    name: "download.json",
    bytes: JSON.stringify(around(changed)),
  });
  const changed = (n: number, change: (entry: Record<string, unknown>) => unknown): Source =>
    file(entries.with(n, change({ ...entries[n] }) as object));

  describe(`damaged JSON of ${subject.name}`, () => {
    let whole: ReadingSet;
    before(async () => {
      whole = await readReadings(file(entries), zone);
      const held = whole.homes.reduce((n, h) => n + h.intervals.length + h.exported.length, 0);
      expect(held).to.equal(subject.name === "Datadis" ? 2 * entries.length : entries.length);
    });

    it("given the whole file, then its energy is that of its entries", () => {
      const sum = (of: readonly object[], field: string): number =>
        Math.round(of.reduce((n, e) => n + ((e as Record<string, number>)[field] ?? 0) * 1000, 0));
      const [home] = whole.homes;
      const total =
        home!.intervals.wattHours + (subject.name === "Datadis" ? 0n : home!.exported.wattHours);
      expect(Number(total)).to.equal(sum(entries, energy));
    });

    it("given an entry lost, doubled or in its neighbour's place, then nothing is read that no meter made", async () => {
      const counts: Record<Verdict, number> = { same: 0, "fewer, and said": 0, refused: 0 };
      const some = new Set([0, 1, 7, 48, 95, entries.length - 2, entries.length - 1]);
      for (const [what, rest] of shuffled(entries)) {
        if (!some.has(Number(/\d+/.exec(what)![0]))) continue;
        // A list without a count or a range is whole without its first or last entry.
        const isEdge = what === "0 is lost" || what === `${entries.length - 1} is lost`;
        if (subject.name === "Datadis" && isEdge) continue;
        counts[expectHonest(whole, await outcomeOf(file(rest), zone), what)] += 1;
      }
      expect(counts.same).to.be.greaterThan(8);
      expect(counts["fewer, and said"] + counts.refused).to.be.greaterThan(4);
    });

    it("given a field lost, empty or under another's name, then nothing is read that no meter made", async () => {
      const names = Object.keys(entries[0]!);
      for (const n of [0, 50, entries.length - 1]) {
        for (const [i, name] of names.entries()) {
          const other = names[(i + 1) % names.length]!;
          const damages: Record<string, (entry: Record<string, unknown>) => unknown> = {
            lost: (entry) => ({ ...entry, [name]: undefined }),
            empty: (entry) => ({ ...entry, [name]: "" }),
            null: (entry) => ({ ...entry, [name]: null }),
            [`exchanged with ${other}`]: (entry) => ({
              ...entry,
              [name]: entry[other],
              [other]: entry[name],
            }),
          };
          for (const [how, damage] of Object.entries(damages)) {
            // The number of a supply is what the file says: another one is another home.
            if (name === "cups" && (how === "empty" || how === "lost")) continue;
            if (name === "channelIdentifier" || other === "channelIdentifier") continue;
            const got = await outcomeOf(changed(n, damage), zone);
            expectHonest(whole, got, `entry ${n}, ${name} ${how}`);
          }
        }
      }
    });

    it("given an energy below nothing, or that is not a number, then it is refused", async () => {
      for (const value of ["-0.1", '"many"', "{}", "[]", "true", "1e99"]) {
        const text = JSON.stringify(around(entries));
        const first = `"${energy}":${String((entries[0] as Record<string, number>)[energy])}`;
        const bytes = text.replace(first, `"${energy}":${value}`);
        expect(bytes).to.not.equal(text);
        const { refused } = await outcomeOf({ name: "download.json", bytes }, zone);
        expect(refused, value).to.not.equal(undefined);
      }
    });

    it("given an entry twice with other energy, then it is refused", async () => {
      const other = { ...entries[9]!, [energy]: 3.9 };
      const { refused } = await outcomeOf(file([...entries, other]), zone);
      expect(refused).to.not.equal(undefined);
    });

    it("given a unit a thousand times too large or too small, then it is asked, and the answer gives the energy that was read", async () => {
      for (const factor of [1000, 0.001]) {
        const scaled = entries.map((e) =>
          Object.fromEntries(
            Object.entries(e).map(([name, value]) => [
              name,
              typeof value === "number" && name !== "duration"
                ? Number((value * factor).toFixed(6))
                : value,
            ]),
          ),
        );
        const error = await refusal(readReadings(file(scaled), zone));
        expect(error.message).to.include("--scale");
        const mapping: Mapping = { scale: 1 / factor };
        const set = await readReadings(file(scaled), { ...zone, mapping });
        expect(set.homes[0]!.intervals.wattHours).to.equal(whole.homes[0]!.intervals.wattHours);
      }
    });

    it("given the text cut anywhere, then it is refused", async () => {
      const text = JSON.stringify(around(entries));
      for (let length = 1; length < text.length; length += 1733) {
        const { refused } = await outcomeOf(
          { name: "download.json", bytes: text.slice(0, length) },
          zone,
        );
        expect(refused, `cut after ${length}`).to.not.equal(undefined);
      }
    });
  });
}

describe("damaged JSON, what its own fields tell", () => {
  const [octopus, n3rgy, amber] = SUBJECTS;

  it("given a list with fewer entries than its count, then it is refused as incomplete, and can be read as a part", async () => {
    const file = {
      name: "o.json",
      bytes: JSON.stringify(octopus!.around(octopus!.entries.slice(0, 300))),
    };
    const error = await refusal(readReadings(file));
    expect(error.code).to.equal("readings/incomplete");
    expect(error.message).to.include("384 readings, and 300");
    const set = await readReadings(file, { mapping: { pages: "partial" } });
    expect(set.homes[0]!.intervals.length).to.equal(300);
  });

  it("given readings that do not fill the range of n3rgy, then it is said", async () => {
    const bytes = JSON.stringify(n3rgy!.around(n3rgy!.entries.slice(0, -10)));
    const set = await readReadings({ name: "n.json", bytes });
    expect(set.oddities.some((o) => o.kind === "ends-early" && o.message.includes("5 h"))).to.equal(
      true,
    );
  });

  it("given half-hours of n3rgy of which every other one is lost, then they stay half-hours, and it is asked", async () => {
    const bytes = JSON.stringify(n3rgy!.around(n3rgy!.entries.filter((_, i) => i % 2 === 0)));
    const error = await refusal(readReadings({ name: "n.json", bytes }));
    expect(error.message).to.include("--gaps");
    const set = await readReadings({ name: "n.json", bytes }, { mapping: { gaps: "missing" } });
    expect(set.homes[0]!.intervals.at(0).seconds).to.equal(1800);
  });

  it("given a channel of Amber under the type of another, then it is refused", async () => {
    const text = JSON.stringify(amber!.entries);
    for (const [from, to] of [
      ['"feedIn"', '"general"'],
      ['"general"', '"feedIn"'],
      ['"billable"', '"guess"'],
      ['"duration":30', '"duration":5'],
    ] as const) {
      const { refused } = await outcomeOf({ name: "a.json", bytes: text.replaceAll(from, to) });
      expect(refused, `${from} → ${to}`).to.not.equal(undefined);
    }
  });
});
