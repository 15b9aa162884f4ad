import { expect } from "chai";
import fc from "fast-check";
import {
  divide,
  IntervalSeries,
  readReadings,
  type Interval,
  type ReadingSet,
  type Source,
} from "../../src/readings/index.js";
import { charges, rate, ratedItems, readTariff, type Tariff } from "../../src/tariff/index.js";

/** Tables of these tests are of homes, in kWh, by the beginnings of intervals. */
const readTables: typeof readReadings = (source, options = {}) =>
  readReadings(source, {
    ...options,
    mapping: { columns: "homes", quantity: "kWh", labels: "start", gaps: "missing", step: 30 },
  });

const seed = { seed: 20260517 };
const runs = (numRuns: number): { seed: number; numRuns: number } => ({ ...seed, numRuns });

/** Days of half-hours of some homes, with gaps. */
const readings = fc
  .record({
    days: fc.integer({ min: 1, max: 3 }),
    homes: fc.integer({ min: 1, max: 3 }),
    values: fc.array(fc.option(fc.integer({ min: 0, max: 5000 }), { freq: 8 }), {
      minLength: 48,
      maxLength: 144,
    }),
  })
  .map(({ days, homes, values }) =>
    Array.from({ length: homes }, (_, h) =>
      Array.from({ length: days * 48 }, (_, i) => ({
        home: `h${h}`,
        at: Date.UTC(2024, 2, 30) + i * 1_800_000,
        wh: values[(i * (h + 1)) % values.length] ?? null,
      })),
    ),
  );
type Rows = typeof readings extends fc.Arbitrary<infer T> ? T : never;

const stamp = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");

/** The same readings in each format, as a header and rows that can be reordered and split. */
const writers: Record<string, (rows: Rows) => { head: string; rows: string[]; foot: string }> = {
  "long CSV": (rows) => ({
    head: "id,time,kwh\n",
    rows: rows.flat().map((r) => `${r.home},${stamp(r.at)},${r.wh === null ? "" : r.wh / 1000}\n`),
    foot: "",
  }),
  "wide CSV": (rows) => ({
    head: `time,${rows.map((r) => r[0]!.home).join(",")}\n`,
    rows: rows[0]!.map(
      (first, i) =>
        `${stamp(first.at)},${rows.map((r) => (r[i]!.wh === null ? "" : r[i]!.wh! / 1000)).join(",")}\n`,
    ),
    foot: "",
  }),
  "Green Button": ([rows]) => ({
    head: '<feed><entry><link rel="self" href="c/1/UsagePoint/1"/><content><UsagePoint/></content></entry><entry><link rel="self" href="t"/><content><ReadingType><uom>72</uom></ReadingType></content></entry><entry><content><IntervalBlock>\n',
    rows: rows!
      .filter((r) => r.wh !== null)
      .map(
        (r) =>
          `<IntervalReading><timePeriod><duration>1800</duration><start>${r.at / 1000}</start></timePeriod><value>${r.wh!}</value></IntervalReading>\n`,
      ),
    foot: "</IntervalBlock></content></entry></feed>",
  }),
  "Octopus JSON": ([rows]) => ({
    head: '[{"interval_start": "2024-01-01T00:00Z", "interval_end": "2024-01-01T00:30Z", "consumption": 0}',
    rows: rows!
      .filter((r) => r.wh !== null)
      .map(
        (r) =>
          `,{"interval_start": "${new Date(r.at).toISOString()}", "interval_end": "${new Date(r.at + 1_800_000).toISOString()}", "consumption": ${r.wh! / 1000}}`,
      ),
    foot: "]",
  }),
};

/** What matters of a reading set: every interval of every home. */
function essence(set: ReadingSet): unknown {
  return set.homes
    .map((h) => ({ id: h.id, intervals: [...h.intervals], gaps: h.gaps }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

const file = (text: string): Source => ({ name: "file", bytes: text });

describe("reading is independent of how the input comes", () => {
  for (const [format, write] of Object.entries(writers)) {
    it(`${format}: in pieces of any size`, async () => {
      await fc.assert(
        fc.asyncProperty(
          readings,
          fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
          async (rows, sizes) => {
            const { head, rows: body, foot } = write(rows);
            const text = head + body.join("") + foot;
            async function* pieces(): AsyncGenerator<Uint8Array> {
              const bytes = Buffer.from(text);
              for (let at = 0, i = 0; at < bytes.length; i++) {
                const size = sizes[i % sizes.length]!;
                yield bytes.subarray(at, at + size);
                at += size;
              }
            }
            if (rows.flat().every((r) => r.wh === null)) return;
            const set = await readTables(pieces());
            const whole = await readTables(
              (async function* () {
                yield text;
              })(),
            );
            expect(essence(set)).to.deep.equal(essence(whole));
          },
        ),
        runs(15),
      );
    });

    it(`${format}: in any order of rows, and split into files`, async () => {
      await fc.assert(
        fc.asyncProperty(
          readings,
          fc.infiniteStream(fc.nat(1_000_000)),
          fc.nat(),
          async (rows, random, cut) => {
            const { head, rows: body, foot } = write(rows);
            if (body.length < 4 || rows.flat().every((r) => r.wh === null)) return;
            const whole = essence(await readTables(file(head + body.join("") + foot)));
            const shuffled = body
              .map((row) => [random.next().value, row] as const)
              .sort(([a], [b]) => a - b)
              .map(([, row]) => row);
            expect(essence(await readTables(file(head + shuffled.join("") + foot)))).to.deep.equal(
              whole,
            );
            if (format.endsWith("CSV")) return;
            const at = 1 + (cut % (body.length - 2));
            const parts = [body.slice(0, at), body.slice(at)].map((p) =>
              file(head + p.join("") + foot),
            );
            expect(essence(await readTables(parts))).to.deep.equal(whole);
          },
        ),
        runs(15),
      );
    });
  }
});

describe("CSV files", () => {
  it("in parts that each tell their step, are the whole", async () => {
    await fc.assert(
      fc.asyncProperty(readings, fc.nat(), async (rows, cut) => {
        const known = rows.map((r) => r.map((row) => ({ ...row, wh: row.wh ?? 7 })));
        for (const format of ["long CSV", "wide CSV"]) {
          const { head, rows: body } = writers[format]!(
            format === "long CSV" ? [known[0]!] : known,
          );
          const at = 2 + (cut % (body.length - 3));
          const parts = [body.slice(0, at), body.slice(at)].map((p) => file(head + p.join("")));
          expect(essence(await readTables(parts))).to.deep.equal(
            essence(await readTables(file(head + body.join("")))),
          );
        }
      }),
      runs(20),
    );
  });
});

const interval = fc.record({
  start: fc.integer({ min: 1_600_000, max: 1_700_000 }).map((h) => h * 900_000),
  seconds: fc.integer({ min: 1, max: 200 }).map((n) => n * 900),
  wattHours: fc.integer({ min: 0, max: 1_000_000 }),
});

describe("intervals", () => {
  it("divided anywhere keep their energy, with any other cuts", () => {
    fc.assert(
      fc.property(interval, fc.array(fc.integer({ min: 0, max: 180_000 })), (whole, offsets) => {
        const cuts = offsets.map((o) => whole.start + o * 1000);
        const parts = divide({ ...whole, quality: "actual" }, cuts);
        expect(parts.reduce((sum, p) => sum + p.wattHours, 0)).to.equal(whole.wattHours);
        expect(parts.reduce((sum, p) => sum + p.seconds, 0)).to.equal(whole.seconds);
        expect(parts.every((p) => p.wattHours >= 0 && p.seconds > 0)).to.equal(true);
        parts.slice(1).forEach((p, i) => {
          expect(p.start).to.equal(parts[i]!.start + parts[i]!.seconds * 1000);
        });
      }),
      runs(300),
    );
  });

  it("of a series add up to the whole, however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 96 }), fc.nat(5000), fc.boolean()), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.array(fc.nat(6_000_000)),
        (lengths, cuts) => {
          let at = Date.UTC(2024, 0, 1);
          const all: Interval[] = [];
          for (const [quarters, wattHours, gap] of lengths) {
            if (!gap)
              all.push({ start: at, seconds: quarters * 900, wattHours, quality: "actual" });
            at += quarters * 900_000;
          }
          const series = IntervalSeries.of("UTC", all);
          const from = Date.UTC(2024, 0, 1);
          const limits = [from, ...cuts.map((c) => from + c * 1000), at + 10_000_000_000].sort(
            (a, b) => a - b,
          );
          let sum = 0n;
          let covered = 0;
          for (let i = 1; i < limits.length; i++) {
            const part = series.between(limits[i - 1]!, limits[i]!);
            sum += part.wattHours;
            covered += [...part].reduce((s, p) => s + p.seconds, 0);
          }
          expect(sum).to.equal(series.wattHours);
          expect(covered).to.equal(all.reduce((s, p) => s + p.seconds, 0));
        },
      ),
      runs(200),
    );
  });
});

const price = fc.integer({ min: 0, max: 9999 }).map((p) => `0.${String(p).padStart(4, "0")}`);
const hourOfDay = fc.integer({ min: 0, max: 23 }).map((h) => `${String(h).padStart(2, "0")}:00`);
const windows = fc.array(fc.record({ from: hourOfDay, to: hourOfDay }), {
  minLength: 1,
  maxLength: 3,
});

/** Tariffs without negative prices. */
const tariffs: fc.Arbitrary<Promise<Tariff>> = fc
  .record({
    standing: price,
    bands: fc.array(fc.record({ price, windows }), { maxLength: 3 }),
    other: price,
    blocks: fc.option(
      fc.tuple(
        fc.constantFrom("day", "month", "year"),
        price,
        price,
        fc.integer({ min: 1, max: 30 }),
      ),
    ),
    demand: fc.option(
      fc.record({
        price,
        windows,
        peaks: fc.integer({ min: 1, max: 3 }),
        basis: fc.constantFrom("step", "day"),
      }),
    ),
    tax: fc.integer({ min: 0, max: 25 }),
    timeZone: fc.constantFrom("UTC", "Europe/London", "Australia/Lord_Howe", "America/St_Johns"),
  })
  .map(({ standing, bands, other, blocks, demand, tax, timeZone }) =>
    readTariff({
      name: "t.json",
      bytes: JSON.stringify({
        ...{ format: "sipster/tariff@1", name: "random", currency: "EUR", timeZone },
        taxes: [{ name: "VAT", percent: String(tax) }],
        components: [
          { kind: "standing", name: "Standing", price: standing },
          {
            kind: "time-of-use",
            name: "Energy",
            bands: [
              ...bands.map((b, i) => ({ name: `b${i}`, ...b })),
              { name: "other", price: other },
            ],
          },
          ...(blocks === null
            ? []
            : [
                {
                  kind: "blocks",
                  name: "Blocks",
                  per: blocks[0],
                  blocks: [
                    { name: "low", price: blocks[1], upTo: String(blocks[3]) },
                    { name: "high", price: blocks[2] },
                  ],
                },
              ]),
          ...(demand === null ? [] : [{ kind: "demand", name: "Demand", ...demand }]),
        ],
      }),
    }),
  );

const consumption = fc
  .array(fc.tuple(fc.constantFrom(1, 2, 4, 96), fc.nat(3000)), { minLength: 1, maxLength: 120 })
  .map((parts) => {
    let at = Date.UTC(2024, 2, 30, 18);
    return parts.map(([quarters, wattHours]): Interval => {
      const start = at;
      at += quarters * 900_000;
      return { start, seconds: quarters * 900, wattHours, quality: "actual" };
    });
  });

describe("rating", () => {
  it("charges come in order of time, each instant once, and add up to the bill", async () => {
    await fc.assert(
      fc.asyncProperty(tariffs, consumption, async (promise, intervals) => {
        const tariff = await promise;
        let sum = 0n;
        let before = -Infinity;
        const exported = intervals.filter((_, i) => i % 3 === 0);
        for (const { start, charge } of charges(intervals, tariff, { exported })) {
          expect(start).to.be.greaterThan(before);
          before = start;
          sum += charge.numerator;
        }
        expect(sum).to.equal(rate(intervals, tariff, { exported }).numerator);
      }),
      runs(150),
    );
  });

  it("every watt-hour is rated once by each energy component", async () => {
    await fc.assert(
      fc.asyncProperty(tariffs, consumption, async (promise, intervals) => {
        const rated = new Map<string, number>();
        for (const item of ratedItems(intervals, await promise)) {
          if (item.unit === "Wh")
            rated.set(item.component, (rated.get(item.component) ?? 0) + item.quantity);
        }
        const all = intervals.reduce((s, i) => s + i.wattHours, 0);
        for (const [component, wattHours] of rated) expect(wattHours, component).to.equal(all);
      }),
      runs(150),
    );
  });

  it("using more never costs less where no price is negative", async () => {
    await fc.assert(
      fc.asyncProperty(
        tariffs,
        consumption,
        fc.record({ which: fc.nat(), more: fc.integer({ min: 1, max: 500 }) }),
        async (promise, intervals, { which, more }) => {
          const tariff = await promise;
          const index = which % intervals.length;
          const higher = intervals.map((i, k) =>
            k === index ? { ...i, wattHours: i.wattHours + more } : i,
          );
          const [less, greater] = [rate(intervals, tariff), rate(higher, tariff)];
          expect(greater.numerator >= less.numerator).to.equal(true);
        },
      ),
      runs(150),
    );
  });

  it("is the same in one interval or in its parts, where one price holds", async () => {
    await fc.assert(
      fc.asyncProperty(
        price,
        consumption,
        fc.integer({ min: 1, max: 899 }),
        async (each, intervals, cut) => {
          const tariff = await readTariff({
            name: "t.json",
            bytes: JSON.stringify({
              format: "sipster/tariff@1",
              name: "t",
              currency: "EUR",
              timeZone: "UTC",
              components: [{ kind: "flat", name: "E", price: each }],
            }),
          });
          const parts = intervals.flatMap((i) => divide(i, [i.start + cut * 1000]));
          expect(rate(parts, tariff)).to.deep.equal(rate(intervals, tariff));
        },
      ),
      runs(100),
    );
  });
});
