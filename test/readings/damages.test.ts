/**
 * Each known download, each column of it renamed, removed, moved and exchanged for its neighbour, rows doubled,
 * changed and removed, times shifted: the readings are the same, or the difference is said, asked or refused.
 */
import { expect } from "chai";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { readReadings, type Home, type ReadingSet } from "../../src/readings/index.js";
import { describeWithData } from "../data.js";
import { filesOfPortals, MADE, type Export } from "./support/exports.js";

const read = ({ name, timeZone }: Export, text: string): Promise<ReadingSet> =>
  readReadings({ name, bytes: text }, timeZone === undefined ? {} : { timeZone });

interface Outcome {
  readonly set?: ReadingSet;
  /** Code and message, where it is refused. */
  readonly refused?: string;
}

/** @throws what is not an error of the room */
async function outcome(one: Export, text: string): Promise<Outcome> {
  try {
    return { set: await read(one, text) };
  } catch (error) {
    if (!isSipsterError(error) || !error.code.startsWith("readings/")) throw error;
    return { refused: `${error.code} ${error.message}` };
  }
}

type Row = readonly [start: number, seconds: number, wattHours: number];

function rowsOf({ intervals, exported }: Home, from = 0): readonly (readonly Row[])[] {
  return [intervals, exported].map((series) =>
    [...series].map((i): Row => [i.start - from, i.seconds, i.wattHours]),
  );
}

const instants = ({ homes }: ReadingSet): string => JSON.stringify(homes.map((h) => rowsOf(h)));
/** The same energy in the same order, whenever it began. */
const course = ({ homes }: ReadingSet): string =>
  JSON.stringify(homes.map((h) => rowsOf(h, h.intervals.from ?? 0)));
const qualities = ({ homes }: ReadingSet): string =>
  homes.map((h) => [...h.intervals].map((i) => i.quality[0]).join("")).join();
const energy = ({ homes }: ReadingSet): [bigint, bigint] => [
  homes.reduce((sum, h) => sum + h.intervals.wattHours, 0n),
  homes.reduce((sum, h) => sum + h.exported.wattHours, 0n),
];

/** What a set says that the whole file did not. */
function said(set: ReadingSet, whole: ReadingSet): string {
  const before = new Set(whole.oddities.map((o) => o.message));
  return set.oddities.flatMap((o) => (before.has(o.message) ? [] : [o.message])).join("; ");
}

/** Portals by the headers that name them; the other tables are nobody's. */
const PORTALS: Readonly<Record<string, string>> = {
  "Opower with usage and units": "PG&E",
  "pge_electric_new.csv": "PG&E",
  "Southern California Edison": "Southern California Edison",
  "Smart Meter Texas": "Smart Meter Texas",
  "ESB Networks HDF": "ESB Networks HDF",
  Datadis: "Datadis",
  "n3rgy CSV": "n3rgy CSV",
  "enedis.csv": "Enedis",
  "fluvius.csv": "Fluvius",
  "octopus.csv": "Octopus Energy CSV",
  "uk_mpan_rows.csv": "rows of an MPAN",
  "Amber JSON": "Amber JSON",
  "Datadis JSON": "Datadis",
  "Octopus JSON": "Octopus JSON",
  "n3rgy.json": "n3rgy JSON",
};

/**
 * A changed column: the readings are right; or they begin nowhere, so that no bill is made of them; or what
 * differs is said with the name of the portal; or the file is refused.
 *
 * @param named a refusal has to name the portal that the file most resembles
 */
function expectNotSilent(
  one: Export,
  { what, whole, got, named }: { what: string; whole: ReadingSet; got: Outcome; named: boolean },
): void {
  const portal = PORTALS[one.name];
  if (got.set === undefined) {
    if (named && portal !== undefined) expect(got.refused, what).to.include(portal);
    return;
  }
  const { set } = got;
  if (instants(set) === instants(whole) && qualities(set) === qualities(whole)) return;
  const unplaced = set.homes.every((h) => h.zoneUnknown === true);
  if (course(set) === course(whole) && unplaced && qualities(set) === qualities(whole)) return;
  expect(portal, `${what}: readings changed without a word`).to.not.equal(undefined);
  const words = said(set, whole);
  expect(words, what).to.include("resembles").and.to.include(portal);
}

class Table {
  readonly #lines: readonly string[];
  readonly names: readonly string[];

  constructor(
    text: string,
    private readonly form: NonNullable<Export["table"]>,
  ) {
    this.#lines = text.split(/\r?\n/).filter((line, i, all) => line !== "" || i < all.length - 1);
    this.names = this.#lines[form.header]!.split(form.separator);
  }

  /** Each row from the header on, changed. */
  map(change: (fields: string[], isHeader: boolean) => string[]): string {
    const { header, separator } = this.form;
    return this.#lines
      .map((line, k) =>
        k < header || line === ""
          ? line
          : change(line.split(separator), k === header).join(separator),
      )
      .join("\n");
  }

  /** The `n`-th row of readings replaced. */
  withRow(n: number, change: (row: string) => readonly string[]): string {
    const at = this.form.header + 1 + n;
    return this.#lines.flatMap((line, k) => (k === at ? change(line) : [line])).join("\n");
  }

  row(n: number): string[] {
    return this.#lines[this.form.header + 1 + n]!.split(this.form.separator);
  }
}

const swapped = (fields: readonly string[], i: number): string[] => {
  const result = [...fields];
  [result[i - 1], result[i]] = [result[i]!, result[i - 1]!];
  return result;
};

/** All columns, and of the many of a day the first, one within and the last. */
function columnsOf({ names }: Table): number[] {
  const all = names.map((_, i) => i);
  return all.length <= 20 ? all : [0, 1, 2, 25, all.length - 1];
}

const isExport = (name: string | undefined): boolean => /export|import/i.test(name ?? "");

async function attackColumns(one: Export): Promise<void> {
  const whole = await read(one, one.text);
  const table = new Table(one.text, one.table!);
  for (const i of columnsOf(table)) {
    const name = table.names[i]!;
    // A table of nobody's with energy drawn alone is a whole table.
    const isWholeWithout = PORTALS[one.name] === undefined && /export/i.test(name);
    const attacks: Record<string, string> = {
      renamed: table.map((f, isHeader) => (isHeader ? f.with(i, "Column X") : f)),
      ...(isWholeWithout ? {} : { removed: table.map((f) => f.filter((_, k) => k !== i)) }),
    };
    for (const [how, text] of Object.entries(attacks)) {
      const got = await outcome(one, text);
      expectNotSilent(one, { what: `"${name}" ${how}`, whole, got, named: true });
    }
    if (i === 0) continue;
    const moved = await outcome(
      one,
      table.map((f) => swapped(f, i)),
    );
    expectNotSilent(one, { what: `"${name}" moved`, whole, got: moved, named: false });
    // Import under the name of export is what the file says: nothing in it tells otherwise.
    if (isExport(name) && isExport(table.names[i - 1])) continue;
    const headers = table.map((f, isHeader) => (isHeader ? swapped(f, i) : f));
    const got = await outcome(one, headers);
    expectNotSilent(one, { what: `the name of "${name}" exchanged`, whole, got, named: false });
  }
}

/** Without the readings that `of` has at an instant and `other` lacks. */
function missingOf(of: ReadingSet, other: ReadingSet): Row[] {
  const there = new Set(other.homes.flatMap((h) => rowsOf(h).flat()).map(String));
  return of.homes.flatMap((h) => rowsOf(h).flat()).filter((row) => !there.has(String(row)));
}

async function attackRows(one: Export): Promise<void> {
  const whole = await read(one, one.text);
  const table = new Table(one.text, one.table!);
  const twice = await outcome(
    one,
    table.withRow(12, (row) => [row, row]),
  );
  expect(instants(twice.set!), "a row twice").to.equal(instants(whole));
  expect(said(twice.set!, whole)).to.match(/repeated|^$/);

  const value = table.row(12).findLastIndex((f) => /^"?\d+([.,]\d+)?"?$/.test(f));
  const other = (row: string): string =>
    row
      .split(one.table!.separator)
      .map((f, i) =>
        i === value ? f.replace(/\d(?="?$)/, (d) => String((Number(d) + 1) % 10)) : f,
      )
      .join(one.table!.separator);
  const contradicted = await outcome(
    one,
    table.withRow(12, (row) => [row, other(row)]),
  );
  expect(contradicted.refused, "a row twice, once with another number").to.match(
    /contradictory-duplicate|bad-row/,
  );

  const without = (
    await outcome(
      one,
      table.withRow(12, () => []),
    )
  ).set!;
  const lost = missingOf(whole, without).filter(([, , wattHours]) => wattHours > 0);
  if (one.counts === true) expect(energy(without)).to.deep.equal(energy(whole));
  else {
    const words = said(without, whole);
    expect(words, "a row less").to.match(/\b1 gap/);
    const sum = lost.reduce((n, [, , wattHours]) => n + wattHours, 0);
    const [before, after] = [energy(whole), energy(without)].map(([drawn, fed]) => drawn + fed);
    expect(before! - after!, "what is gone is one row").to.equal(BigInt(sum));
    expect(missingOf(without, whole), "nothing else has moved").to.deep.equal([]);
  }
}

/** A day earlier or later in every row is what a file says; an hour is where its zone is not the one named. */
async function attackZone(one: Export): Promise<void> {
  const whole = await read(one, one.text);
  const elsewhere = { ...one, timeZone: "Asia/Tokyo" };
  const got = await outcome(elsewhere, one.text);
  if (got.set === undefined) return;
  expect(got.set.timeZone).to.equal("Asia/Tokyo");
  // Instants stay where they are; local times are those of the zone that was given.
  if (instants(got.set) !== instants(whole)) {
    expect(course(got.set), "only the beginning moves").to.equal(course(whole));
    const [given, named] = [got.set, whole].map((s) => s.homes[0]!.intervals.from!);
    expect((named! - given!) % 1_800_000).to.equal(0);
  }
}

async function attackFields(one: Export): Promise<void> {
  const whole = await read(one, one.text);
  const keys = new Set([...one.text.matchAll(/"(\w+)":/g)].map(([, key]) => key!));
  for (const key of keys) {
    const texts = {
      renamed: one.text.replaceAll(`"${key}":`, '"columnX":'),
      removed: JSON.stringify(
        JSON.parse(one.text, (name, value: unknown) => (name === key ? undefined : value)),
      ),
    };
    for (const [how, text] of Object.entries(texts)) {
      const got = await outcome(one, text);
      const isList = key === "results" && how === "removed";
      expectNotSilent(one, { what: `"${key}" ${how}`, whole, got, named: !isList });
    }
  }
}

function attack(one: Export): void {
  describe(one.name, () => {
    if (one.table === undefined) {
      it("given each field renamed or removed, then the readings are right, or it is refused by its name", () =>
        attackFields(one));
    } else {
      it("given each column renamed, removed, moved or under its neighbour's name, then nothing changes silently", () =>
        attackColumns(one));
      it("given a row twice, changed, or removed, then it counts once, is refused, or is a gap", () =>
        attackRows(one));
    }
    it("given another time zone, then only the beginning moves, by what the zones differ", () =>
      attackZone(one));
  });
}

describe("known downloads, damaged", () => {
  for (const one of MADE) attack(one);
});

describeWithData("downloads of the data folder, damaged", () => {
  for (const one of filesOfPortals()) attack(one);
});
