/** NEM12 and NEM13 with each record and each field damaged: never a reading that no meter made. */
import { expect } from "chai";
import { readReadings, type ReadingSet, type Source } from "../../src/readings/index.js";
import { refusal } from "../support/errors.js";
import { expectHonest, outcomeOf, shuffled, type Verdict } from "./support/damage.js";

const DAYS = 8;
const two = (n: number): string => String(n).padStart(2, "0");
/** Half-hours of a home, no two days and no two streams alike. */
const values = (seed: number, day: number): string[] =>
  Array.from({ length: 48 }, (_, i) =>
    (0.1 + ((i * 137 + day * 53 + seed * 71) % 389) / 1000).toFixed(3),
  );

const day = (seed: number, n: number): string =>
  `300,201302${two(n + 1)},${values(seed, n).join(",")},A,,,201303${two(n + 1)}${two(seed)}0000,`;

function stream({
  nmi,
  configuration,
  suffix,
  unit,
  seed,
}: {
  readonly nmi: string;
  readonly configuration: string;
  readonly suffix: string;
  readonly unit: string;
  readonly seed: number;
}): string[] {
  const head = `200,${nmi},${configuration},${seed},${suffix},N1,METER${seed},${unit},30,`;
  return [head, ...Array.from({ length: DAYS }, (_, n) => day(seed, n))];
}

/** Two supplies; the first feeds in, and has a register of reactive energy. */
const RECORDS = [
  "100,NEM12,201303010000,MDA1,Ret1",
  ...stream({ nmi: "NMI0000001", configuration: "E1B1Q1", suffix: "E1", unit: "kWh", seed: 1 }),
  ...stream({ nmi: "NMI0000001", configuration: "E1B1Q1", suffix: "B1", unit: "kWh", seed: 2 }),
  ...stream({ nmi: "NMI0000001", configuration: "E1B1Q1", suffix: "Q1", unit: "kVArh", seed: 3 }),
  ...stream({ nmi: "NMI0000002", configuration: "E1E2", suffix: "E1", unit: "kWh", seed: 4 }),
  ...stream({ nmi: "NMI0000002", configuration: "E1E2", suffix: "E2", unit: "kWh", seed: 5 }),
  "900",
];

const file = (records: readonly string[]): Source => ({
  name: "nem.csv",
  bytes: records.join("\n"),
});

async function attack(
  whole: ReadingSet,
  damaged: Iterable<readonly [string, readonly string[]]>,
): Promise<Record<Verdict, number>> {
  const counts = { same: 0, "fewer, and said": 0, refused: 0 };
  for (const [what, records] of damaged) {
    counts[expectHonest(whole, await outcomeOf(file(records)), what)] += 1;
  }
  return counts;
}

/** Each field of the first record of a kind in each stream: lost, empty, under its neighbour's place. */
function* fieldsOf(kind: string): Generator<readonly [string, string[]]> {
  for (const [n, record] of RECORDS.entries()) {
    const fields = record.split(",");
    if (fields[0] !== kind || (kind === "300" && !RECORDS[n - 1]!.startsWith("200"))) continue;
    const withFields = (changed: readonly string[]): string[] => RECORDS.with(n, changed.join(","));
    for (const i of fields.keys()) {
      if (kind === "300" && i > 4 && i < 48) continue;
      yield [`record ${n}, field ${i} empty`, withFields(fields.with(i, ""))];
      yield [`record ${n}, field ${i} lost`, withFields(fields.toSpliced(i, 1))];
      // Values of a day under each other's places are a day like any other.
      if (i === 0 || (kind === "300" && i > 2 && i < 50)) continue;
      const swapped = fields.with(i - 1, fields[i]!).with(i, fields[i - 1]!);
      yield [`record ${n}, fields ${i - 1} and ${i} exchanged`, withFields(swapped)];
    }
  }
}

describe("damaged NEM12", () => {
  let whole: ReadingSet;
  before(async () => {
    whole = await readReadings(file(RECORDS));
    expect(whole.homes.map((h) => [h.id, h.intervals.length, h.exported.length])).to.deep.equal([
      ["NMI0000001", DAYS * 48, DAYS * 48],
      ["NMI0000002", DAYS * 48, 0],
    ]);
  });

  it("given a record lost, doubled or in its neighbour's place, then no energy changes its stream silently", async () => {
    const counts = await attack(whole, shuffled(RECORDS));
    expect(counts.refused).to.be.greaterThan(10);
    expect(counts.same).to.be.greaterThan(40);
    expect(counts["fewer, and said"]).to.be.greaterThan(20);
  });

  it("given a file cut after any record, or within one, then it is refused", async () => {
    const text = RECORDS.join("\n");
    for (let length = 40; length < text.length - 3; length += 397) {
      const { refused } = await outcomeOf({ name: "nem.csv", bytes: text.slice(0, length) });
      expect(refused, `cut after ${length} characters`).to.not.equal(undefined);
    }
    for (let n = 1; n < RECORDS.length; n++) {
      const { refused } = await outcomeOf(file(RECORDS.slice(0, n)));
      expect(refused, `cut after ${n} records`).to.not.equal(undefined);
    }
  });

  for (const [kind, fewest] of [
    ["200", 20],
    ["300", 30],
  ] as const) {
    it(`given a field of a ${kind} record lost, empty or exchanged, then nothing is read that the file does not say`, async () => {
      const counts = await attack(whole, fieldsOf(kind));
      expect(counts.refused).to.be.greaterThan(fewest);
    });
  }

  const damages: Record<string, (record: string) => string> = {
    "an energy stream in a unit of reactive energy": (r) =>
      r.replace(/^(200,.*,E1,N1,METER1,)kWh/, "$1kVArh"),
    "a stream of energy under a letter that no stream has": (r) => r.replace(/,B1,N1,/, ",X1,N1,"),
    "a stream of energy under the letter of a register that is left out": (r) =>
      r.replace(/,B1,N1,/, ",Q1,N1,"),
    "a stream of another supply": (r) =>
      r.replace(/^200,NMI0000001(,.*,B1,N1)/, "200,NMI0000009$1"),
    "a stream under the name of another": (r) => r.replace(/(NMI0000001.*),B1,N1/, "$1,E1,N1"),
    "energy fed in under the name of energy drawn": (r) =>
      r.replace(/(NMI0000001.*),B1,N1/, "$1,E2,N1"),
    "negative energy": (r) => r.replace(/^(300,20130203,)/, "$1-"),
    "the minus before every value": (r) => r.replaceAll(/,(0\.\d{3})/g, ",-$1"),
    "another length of interval": (r) => r.replace(/^(200,.*),30,/, "$1,15,"),
    "a day given twice, the second with other values": (r) =>
      r.startsWith("300,20130204") ? r.replace("20130204", "20130203") : r,
  };
  for (const [what, change] of Object.entries(damages)) {
    it(`given ${what}, then it is refused`, async () => {
      const { refused } = await outcomeOf(file(RECORDS.map(change)));
      expect(refused).to.not.equal(undefined);
    });
  }

  it("given a unit a thousand times too large or too small, then it is asked, and the answer gives the energy that was read", async () => {
    for (const [unit, scale] of [
      ["MWh", 0.001],
      ["Wh", 1000],
    ] as const) {
      const damaged = file(RECORDS.map((r) => r.replace(/,kWh,30,$/, `,${unit},30,`)));
      const error = await refusal(readReadings(damaged));
      expect(error.code).to.equal("readings/question");
      expect(error.message).to.include(`--scale`).and.to.include(String(scale));
      const set = await readReadings(damaged, { mapping: { scale } });
      expect(set.homes.map((h) => h.intervals.wattHours)).to.deep.equal(
        whole.homes.map((h) => h.intervals.wattHours),
      );
      const stated = await readReadings(damaged, { mapping: { scale: "as-stated" } });
      expect(Number(stated.homes[0]!.intervals.wattHours)).to.equal(
        Math.floor(Number(whole.homes[0]!.intervals.wattHours) / scale),
      );
    }
  });

  it("given a revision of a day in a block of its own, then the later counts, and it is said", async () => {
    const head = RECORDS[1]!;
    const revised = day(1, 3)
      .replace(/,0\.\d{3},/, ",0.999,")
      .replace(/20130304/, "20130401");
    const set = await readReadings(file([...RECORDS.slice(0, -1), head, revised, "900"]));
    expect(set.oddities.some((o) => o.kind === "replaced" && o.count === 48)).to.equal(true);
    expect(set.homes[0]!.intervals.at(3 * 48).wattHours).to.equal(999);
  });
});

describe("damaged NEM13", () => {
  const record = (n: number): string => {
    const [from, to] = [6000 + n * 100.5, 6000 + (n + 1) * 100.5].map((v) => v.toFixed(1));
    return `250,NMI0000003,11,1,11,11,METER1,E,00${from!},20130${n + 1}01000000,A,,,00${to!},20130${n + 2}01000000,A,,,100.5,kWh,20130${n + 3}01,20130${n + 2}02000000,20130${n + 2}02000000`;
  };
  const records = ["100,NEM13,201301010000,MDA1,Ret1", record(0), record(1), record(2), "900"];

  it("given a field lost, empty or exchanged, then nothing is read that the file does not say", async () => {
    const whole = await readReadings(file(records));
    expect(whole.homes[0]!.intervals.wattHours).to.equal(301_500n);
    const fields = records[2]!.split(",");
    let refusals = 0;
    for (const i of fields.keys()) {
      const changes = [
        fields.with(i, ""),
        fields.toSpliced(i, 1),
        ...(i === 0 ? [] : [fields.with(i - 1, fields[i]!).with(i, fields[i - 1]!)]),
      ];
      for (const [k, changed] of changes.entries()) {
        // The number of a meter is what the file says: another one is another home.
        if (i === 2 && k === 2) continue;
        const got = await outcomeOf(file(records.with(2, changed.join(","))));
        if (expectHonest(whole, got, `field ${i}, change ${k}`) === "refused") refusals += 1;
      }
    }
    expect(refusals).to.be.greaterThan(20);
  });

  it("given a quantity that is not the difference of its two readings, then it is refused", async () => {
    const damaged = records.with(2, records[2]!.replace(",100.5,kWh", ",150.5,kWh"));
    const error = await refusal(readReadings(file(damaged)));
    expect(error.message).to.include("100.5").and.to.include("150.5");
  });

  it("given a quantity that is a whole multiple of the difference, then it is taken: the meter has a transformer", async () => {
    const multiplied = records.map((r) => r.replace(",100.5,kWh", ",4020,kWh"));
    const set = await readReadings(file(multiplied));
    expect(set.homes[0]!.intervals.wattHours).to.equal(12_060_000n);
  });
});
